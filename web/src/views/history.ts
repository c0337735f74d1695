/** What has been tried on so far, newest first, as a strip of small pictures. */
import { html, nothing, type TemplateResult } from "lit";
import { hasEnded } from "../api/documents.js";
import { icon } from "../parts/icon.js";
import type { View } from "./view.js";

export function historyView(view: View): TemplateResult | typeof nothing {
  const { state, t, texts, room } = view;
  if (!state.fittings.length) return nothing;
  return html`<nav class="history" aria-label=${t("history")}>
    <h3 class="small muted" aria-hidden="true">${t("history")}</h3>
    <ul>
      ${state.fittings.map((each) => {
        const title = view.titleOf(each);
        const thumbnail = each.artifacts?.["result.png"];
        const isShown = each.id === state.shownId && view.looking.tab === "single";
        return html`<li>
          <button
            class="thumb" aria-current=${isShown ? "true" : "false"}
            aria-label=${`${t("historyOpen", { title })}: ${texts.states[each.state]}`}
            @click=${() => {
              room.show(each.id);
              view.look({ tab: "single", zoom: 1 });
            }}
          >
            ${
              thumbnail
                ? html`<vf-picture .client=${view.client} path=${thumbnail} size="200" alt="" missing=""></vf-picture>`
                : html`<span class="blank">${hasEnded(each) ? icon("warning") : html`<span class="spinner"></span>`}</span>`
            }
            ${each.selected_at ? html`<span class="badge">${icon("check")}</span>` : nothing}
          </button>
        </li>`;
      })}
    </ul>
  </nav>`;
}

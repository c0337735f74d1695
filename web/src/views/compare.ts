/** Everything that one person has tried on, side by side. */
import { html, nothing, type TemplateResult } from "lit";
import { chooseButton, favouriteButton } from "./fitting.js";
import type { View } from "./view.js";

export function compareView(view: View): TemplateResult {
  const { t, room, looking, state } = view;
  const done = room.ofThisPerson.filter((each) => each.state === "succeeded");
  const shown = looking.onlyFavourites ? done.filter((each) => state.favourites.has(each.id)) : done;
  return html`<section class="stack" aria-labelledby="compare-title">
    <h2 id="compare-title" class="visually-hidden">${t("compare")}</h2>
    ${
      done.length
        ? html`<label class="tick">
            <input type="checkbox" .checked=${looking.onlyFavourites} @change=${(event: Event) => view.look({ onlyFavourites: (event.target as HTMLInputElement).checked })} />
            ${t("onlyFavourites")}
          </label>`
        : nothing
    }
    ${
      shown.length
        ? html`<ul class="compared">
            ${shown.map((each) => {
              const title = view.titleOf(each);
              return html`<li class="card">
                <button class="open" aria-label=${t("historyOpen", { title })} @click=${() => {
                  room.show(each.id);
                  view.look({ tab: "single", zoom: 1 });
                }}>
                  <vf-picture .client=${view.client} path=${each.artifacts["result.png"] ?? ""} size="640" alt=${t("fittingOf", { title })} missing=${t("gone")}></vf-picture>
                </button>
                <h3>${title}</h3>
                <div class="row">${chooseButton(view, each)} ${favouriteButton(view, each)}</div>
              </li>`;
            })}
          </ul>`
        : html`<p class="muted">${t(done.length ? "compareNoFavourites" : "compareEmpty")}</p>`
    }
  </section>`;
}

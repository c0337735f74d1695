/** One fitting: on its way, done, or failed. */
import { html, nothing, type TemplateResult } from "lit";
import { type Fitting, hasEnded, STAGES } from "../api/documents.js";
import { type Trouble, troubleOf } from "../api/trouble.js";
import { bar } from "../parts/bar.js";
import { icon } from "../parts/icon.js";
import { notice } from "../parts/notice.js";
import type { Listing } from "../state/listing.js";
import { usualSeconds } from "../state/room.js";
import { tellWarning } from "../text/index.js";
import type { View } from "./view.js";
import "../parts/wipe.js";

const LONG = 4;
/** A fitting that takes this many times the usual takes long. */
const LEAST_LONG_SECONDS = 20;
const ZOOMS = [1, 2, 3, 4];

export function fittingView(view: View): TemplateResult {
  const { state, room, t } = view;
  if (state.sending) return sending(view, state.sending.listing, state.sending.share);
  if (state.refused) return refused(view, state.refused.listing, state.refused.trouble);
  const fitting = room.shown;
  if (!fitting) {
    return html`<section class="empty">
      ${icon("hanger")}
      <h2>${t("fittingEmpty")}</h2>
      <p class="muted">${t("fittingEmptyLead")}</p>
    </section>`;
  }
  if (!hasEnded(fitting)) return progress(view, fitting);
  return fitting.state === "succeeded" ? result(view, fitting) : failed(view, fitting);
}

function sending(view: View, listing: Listing, share: number): TemplateResult {
  const { t } = view;
  return html`<section class="stack" aria-labelledby="fitting-title">
    <h2 id="fitting-title">${t("fittingProgress", { title: listing.title })}</h2>
    <div class="upload" role="status">
      <span>${t("garmentUploading")}…</span>
      ${bar(share, t("garmentUploading"))}
    </div>
  </section>`;
}

function refused(view: View, listing: Listing, trouble: Trouble): TemplateResult {
  const { room } = view;
  const actions = { retry: () => room.tryOn(listing), dismiss: () => room.dismiss() };
  return html`<section class="stack" aria-labelledby="fitting-title">
    <h2 id="fitting-title">${listing.title}</h2>
    ${notice(view.texts, trouble, actions)}
  </section>`;
}

// --- on its way ---

function progress(view: View, fitting: Fitting): TemplateResult {
  const { t, texts, room } = view;
  const done = STAGES.filter((stage) => fitting.stages[stage]?.state === "done").length;
  const title = t("fittingProgress", { title: view.titleOf(fitting) });
  const now = STAGES.filter((stage) => fitting.stages[stage]?.state === "running").map((stage) => texts.stages[stage]);
  const usual = usualSeconds(view.state.fittings);
  const isLong = view.elapsed > Math.max(LEAST_LONG_SECONDS, LONG * (usual ?? 0));
  const usually = usual === null ? t("fittingUsualFirst") : t("fittingUsual", { seconds: usual });
  return html`<section class="stack" aria-labelledby="fitting-title">
    <h2 id="fitting-title">${title}</h2>
    <p class="muted">${isLong ? t("fittingLong") : usually} <span class="time">${t("fittingElapsed", { seconds: view.elapsed })}</span></p>
    ${bar(done / STAGES.length, title)}
    <p class="visually-hidden" role="status">${now[0] ?? t("fittingQueued")}</p>
    <ol class="stages">
      ${STAGES.map((stage) => {
        const here = fitting.stages[stage]?.state ?? "waiting";
        return html`<li class=${here}>
          <span class="dot">${here === "done" ? icon("check") : nothing}</span>
          <span>${texts.stages[stage]}</span>
        </li>`;
      })}
    </ol>
    <div class="row"><button @click=${() => room.stop(fitting.id)}>${t("fittingStop")}</button></div>
  </section>`;
}

// --- failed ---

function failed(view: View, fitting: Fitting): TemplateResult {
  const { room } = view;
  const listing = view.listingOf(fitting);
  const trouble = fitting.problem ? troubleOf(fitting.problem) : null;
  const retry = listing ? { retry: () => room.tryOn(listing) } : {};
  return html`<section class="stack" aria-labelledby="fitting-title">
    <h2 id="fitting-title">${view.titleOf(fitting)}</h2>
    ${trouble ? notice(view.texts, trouble, retry) : html`<p>${view.texts.states[fitting.state]}</p>`}
    <div class="row">${removeButton(view, fitting)}</div>
  </section>`;
}

// --- done ---

function result(view: View, fitting: Fitting): TemplateResult {
  const { t, looking } = view;
  const title = view.titleOf(fitting);
  const zoom = (step: number) => {
    const at = ZOOMS.indexOf(looking.zoom) + step;
    view.look({ zoom: ZOOMS[Math.min(Math.max(at, 0), ZOOMS.length - 1)] ?? 1 });
  };
  return html`<section class="stack" aria-labelledby="fitting-title">
    <h2 id="fitting-title">${t("fittingOf", { title })}</h2>
    <p class="visually-hidden" role="status">${t("fittingDone", { title })}</p>
    <div class="stage">
      ${
        fitting.artifacts["person.png"]
          ? html`<vf-wipe
              .client=${view.client}
              original=${fitting.artifacts["person.png"]}
              dressed=${fitting.artifacts["result.png"] ?? ""}
              beforeText=${t("before")}
              afterText=${t("after")}
              label=${t("wipe")}
              alt=${t("fittingOf", { title })}
              zoomText=${t("zoomed", { factor: looking.zoom })}
              .valueText=${(percent: number) => t("wipeValue", { percent })}
              zoom=${looking.zoom}
            ></vf-wipe>`
          : html`<vf-picture class="alone" .client=${view.client} path=${fitting.artifacts["result.png"] ?? ""} alt=${t("fittingOf", { title })} missing=${t("gone")}></vf-picture>`
      }
      <div class="tools">
        <button class="round" aria-label=${t("zoomIn")} title=${t("zoomIn")} ?disabled=${looking.zoom === ZOOMS.at(-1)} @click=${() => zoom(1)}>${icon("plus")}</button>
        <button class="round" aria-label=${t("zoomOut")} title=${t("zoomOut")} ?disabled=${looking.zoom === 1} @click=${() => zoom(-1)}>${icon("minus")}</button>
        ${
          fitting.artifacts["result_full.png"]
            ? html`<button class="round" aria-label=${t("fullSize")} title=${t("fullSize")} @click=${() => view.look({ dialog: "full" })}>${icon("expand")}</button>`
            : nothing
        }
        ${
          fitting.artifacts["grid.png"]
            ? html`<button class="round" aria-label=${t("twelve")} title=${t("twelve")} @click=${() => view.look({ dialog: "twelve" })}>${icon("grid")}</button>`
            : nothing
        }
      </div>
    </div>
    <div class="row">${chooseButton(view, fitting)} ${favouriteButton(view, fitting)} ${removeButton(view, fitting)}</div>
    ${warnings(view, fitting)}
  </section>`;
}

function warnings(view: View, fitting: Fitting): TemplateResult | typeof nothing {
  const { texts, t } = view;
  const sentences = new Set((fitting.warnings ?? []).map((each) => tellWarning(texts, each.code, each.detail)));
  if (!sentences.size) return nothing;
  return html`<div class="notice">
    ${icon("warning")}
    <div>
      <strong>${t("warnings")}</strong>
      <ul>${[...sentences].map((each) => html`<li>${each}</li>`)}</ul>
    </div>
  </div>`;
}

export function chooseButton(view: View, fitting: Fitting): TemplateResult {
  const { t, room } = view;
  const isChosen = Boolean(fitting.selected_at);
  const title = view.titleOf(fitting);
  return html`<button
    class="primary choose" aria-pressed=${isChosen ? "true" : "false"}
    aria-label=${`${t(isChosen ? "chosen" : "choose")}: ${title}`}
    @click=${() => room.select(fitting.id, !isChosen)}
  >${isChosen ? icon("check") : icon("tag")} ${t(isChosen ? "chosen" : "choose")}</button>`;
}

export function favouriteButton(view: View, fitting: Fitting): TemplateResult {
  const { t, room, state } = view;
  const isFavourite = state.favourites.has(fitting.id);
  const title = view.titleOf(fitting);
  return html`<button
    class="round tinted" aria-pressed=${isFavourite ? "true" : "false"}
    aria-label=${t(isFavourite ? "favouriteRemove" : "favouriteAdd", { title })} title=${t("favourite")}
    @click=${() => room.toggleFavourite(fitting.id)}
  >${icon("heart", isFavourite)}</button>`;
}

function removeButton(view: View, fitting: Fitting): TemplateResult {
  const { t, room } = view;
  return html`<button
    class="quiet round" aria-label=${t("removeOf", { title: view.titleOf(fitting) })} title=${t("remove")}
    @click=${() => room.remove(fitting.id)}
  >${icon("trash")}</button>`;
}

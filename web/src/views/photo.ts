/** Choosing a photo of oneself. */
import { html, nothing, type TemplateResult } from "lit";
import { bar } from "../parts/bar.js";
import { guidance } from "../parts/guidance.js";
import { icon } from "../parts/icon.js";
import { notice } from "../parts/notice.js";
import type { View } from "./view.js";

export function photoView(view: View): TemplateResult {
  const { state, t, room } = view;
  const isBusy = state.personSent !== null;
  return html`<section class="stack" aria-labelledby="photo-title">
    <div>
      <h2 id="photo-title">${t("photoTitle")}</h2>
      <p class="muted">${state.waiting ? t("photoWaiting", { title: state.waiting.title }) : t("photoLead")}</p>
    </div>
    ${state.personTrouble ? notice(view.texts, state.personTrouble, { retry: () => room.retryPhoto(), dismiss: () => room.dismiss() }) : nothing}
    ${isBusy ? progress(view) : choices(view)}
    ${guidance(t)}
    <p class="muted small" id="consent">${t("photoKeep", { hours: view.photoHours, days: view.fittingDays })}</p>
    ${
      view.looking.isChangingPhoto && room.person
        ? html`<div class="row"><button @click=${() => view.look({ isChangingPhoto: false })}>${t("back")}</button></div>`
        : nothing
    }
  </section>`;
}

function progress(view: View): TemplateResult {
  const share = view.state.personSent ?? 0;
  const text = view.t(share < 1 ? "photoUploading" : "photoChecking");
  return html`<div class="upload" role="status">
    <span>${text}…</span>
    ${bar(share, text)}
  </div>`;
}

function choices(view: View): TemplateResult {
  const { t, room, state } = view;
  const usable = state.people.filter((each) => each.state === "succeeded" && !each.reference?.startsWith("example "));
  return html`
    <div class="row" aria-describedby="consent">
      <label class="button primary">
        ${icon("file")} ${t("photoFile")}
        <input class="visually-hidden" type="file" accept="image/*" @change=${(event: Event) => choose(view, event)} />
      </label>
      <button @click=${() => view.look({ dialog: "camera" })}>${icon("camera")} ${t("photoCamera")}</button>
    </div>
    ${
      usable.length
        ? html`<div class="stack tight">
            <h3>${t("photoKept")}</h3>
            <ul class="faces">
              ${usable.map(
                (each) => html`<li>
                  <button class="face" aria-label=${t("photoUse")} @click=${() => use(view, each.id)}>
                    <vf-picture .client=${view.client} path=${each.artifacts["person.png"] ?? ""} size="240" alt="" missing=${t("gone")}></vf-picture>
                  </button>
                </li>`,
              )}
            </ul>
          </div>`
        : nothing
    }
    ${
      view.examples.length
        ? html`<div class="stack tight">
            <h3>${t("photoExamples")}</h3>
            <ul class="faces">
              ${view.examples.map(
                (each, index) => html`<li>
                  <button class="face" aria-label=${t("examplePerson", { n: index + 1 })} @click=${() => {
                    view.look({ isChangingPhoto: false });
                    void room.useExample(each);
                  }}>
                    <img src=${each.image} alt="" loading="lazy" />
                  </button>
                </li>`,
              )}
            </ul>
          </div>`
        : nothing
    }
  `;
}

function use(view: View, id: string): void {
  view.look({ isChangingPhoto: false });
  void view.room.usePerson(id);
}

function choose(view: View, event: Event): void {
  const input = event.target as HTMLInputElement;
  const file = input.files?.[0];
  if (!file) return;
  view.look({ isChangingPhoto: false });
  void view.room.usePhoto(file);
  input.value = ""; // the same file may be chosen again
}

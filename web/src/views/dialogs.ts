/** What opens over the room: the camera, large pictures, the question before everything is deleted. */
import { html, nothing, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import type { Trouble } from "../api/trouble.js";
import { icon } from "../parts/icon.js";
import type { View } from "./view.js";
import "../parts/camera.js";

/** What takes photos tells its trouble here. */
export type OnTrouble = (trouble: Trouble) => void;

export function dialogView(view: View, onTrouble: OnTrouble): TemplateResult | typeof nothing {
  switch (view.looking.dialog) {
    case "camera":
      return dialog(view, view.t("cameraTitle"), camera(view, onTrouble));
    case "full":
      return dialog(view, view.t("fullSize"), fullSize(view), "wide");
    case "twelve":
      return dialog(view, view.t("twelve"), twelve(view), "wide");
    case "forget":
      return dialog(view, view.t("forgetTitle"), forget(view));
    default:
      return nothing;
  }
}

function close(view: View): void {
  view.look({ dialog: null });
}

function open(element: Element | undefined): void {
  const dialog = element as HTMLDialogElement | undefined;
  queueMicrotask(() => {
    // At first Lit calls this before the element is in the page.
    if (dialog?.isConnected && !dialog.open) dialog.showModal();
  });
}

function dialog(view: View, title: string, content: TemplateResult, className = ""): TemplateResult {
  return html`<dialog class=${className} aria-labelledby="dialog-title" ${ref(open)} @close=${() => close(view)}>
    <header>
      <h2 id="dialog-title">${title}</h2>
      <button class="quiet round" aria-label=${view.t("close")} @click=${() => close(view)}>${icon("close")}</button>
    </header>
    ${content}
  </dialog>`;
}

function camera(view: View, onTrouble: OnTrouble): TemplateResult {
  return html`<vf-camera
    .t=${view.t}
    @photo=${(event: CustomEvent<Blob>) => {
      view.look({ dialog: null, isChangingPhoto: false });
      void view.room.usePhoto(event.detail);
    }}
    @trouble=${(event: CustomEvent<Trouble>) => {
      close(view);
      onTrouble(event.detail);
    }}
    @close=${() => close(view)}
  ></vf-camera>`;
}

function fullSize(view: View): TemplateResult {
  const fitting = view.room.shown;
  const title = fitting ? view.titleOf(fitting) : "";
  const path = fitting?.artifacts["result_full.png"] ?? "";
  return html`
    <div class="scroll" tabindex="0" role="group" aria-label=${view.t("fullSize")}>
      <vf-picture class="whole" .client=${view.client} path=${path} alt=${view.t("fullSizeAlt", { title })} missing=${view.t("gone")}></vf-picture>
    </div>
    <div class="row"><button class="primary" @click=${() => save(view, path, title)}>${icon("down")} ${view.t("save")}</button></div>
  `;
}

async function save(view: View, path: string, title: string): Promise<void> {
  const address = URL.createObjectURL(await view.client.picture(path));
  const link = Object.assign(document.createElement("a"), { href: address, download: `${title}.webp` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function twelve(view: View): TemplateResult {
  const path = view.room.shown?.artifacts["grid.png"] ?? "";
  return html`
    <p class="muted">${view.t("twelveLead")}</p>
    <div class="scroll" tabindex="0" role="group" aria-label=${view.t("twelve")}>
      <vf-picture class="whole" .client=${view.client} path=${path} size="2048" alt=${view.t("twelveAlt")} missing=${view.t("gone")}></vf-picture>
    </div>
  `;
}

function forget(view: View): TemplateResult {
  return html`
    <p>${view.t("forgetText")}</p>
    <div class="row">
      <button class="danger" @click=${() => {
        close(view);
        void view.room.forget();
      }}>${icon("trash")} ${view.t("forgetYes")}</button>
      <button @click=${() => close(view)}>${view.t("cancel")}</button>
    </div>
  `;
}

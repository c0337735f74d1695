/** A trouble as a sentence with what to do about it, and buttons that help. */
import { html, nothing, type TemplateResult } from "lit";
import type { Trouble } from "../api/trouble.js";
import { type Texts, tellProblem } from "../text/index.js";
import { icon } from "./icon.js";

export interface NoticeActions {
  /** Offered where trying again may help. */
  readonly retry?: () => void;
  readonly dismiss?: () => void;
}

export function notice(texts: Texts, trouble: Trouble, actions: NoticeActions = {}): TemplateResult {
  const { what, advice } = tellProblem(texts, trouble.code, trouble.detail);
  const retry = trouble.passes ? actions.retry : undefined;
  return html`<div class="notice" role="alert" data-code=${trouble.code}>
    ${icon("warning")}
    <div>
      <strong>${what}</strong>
      <span>${advice}</span>
      ${
        retry || actions.dismiss
          ? html`<div class="row">
              ${retry ? html`<button class="primary" @click=${retry}>${texts.ui.retry}</button>` : nothing}
              ${actions.dismiss ? html`<button @click=${actions.dismiss}>${texts.ui.dismiss}</button>` : nothing}
            </div>`
          : nothing
      }
    </div>
  </div>`;
}

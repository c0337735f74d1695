/** A progress bar. Its width is set through the object model: the page's Content-Security-Policy allows no style attribute. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";

export function bar(share: number, label: string): TemplateResult {
  const percent = Math.round(share * 100);
  const widen = (element?: Element) =>
    (element as HTMLElement | undefined)?.style.setProperty("--share", `${percent}%`);
  return html`<div class="bar" role="progressbar" aria-label=${label} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${percent}>
    <div ${ref(widen)}></div>
  </div>`;
}

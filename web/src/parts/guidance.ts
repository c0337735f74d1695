/** Drawn examples of good and bad photos. */
import { html, type SVGTemplateResult, svg, type TemplateResult } from "lit";
import type { UiKey } from "../text/index.js";

interface Drawing {
  readonly text: UiKey;
  readonly isGood: boolean;
  readonly dark?: boolean;
  readonly figures: SVGTemplateResult;
}

/** A standing figure whose head's middle is at (x, y), in units of its size. */
function figure(x: number, y: number, size: number, kind: "body" | "other" = "body"): SVGTemplateResult {
  const place = `translate(${x} ${y}) scale(${size})`;
  return svg`<g class=${kind} transform=${place}>
    <circle r="7"></circle>
    <path class="shirt" d="M-5 9h10l9 5 5 19-5 2-5-13v18h-18v-18l-5 13-5-2 5-19z"></path>
    <path class="legs" d="M-9 40h18l1 36h-7l-3-24-3 24h-7z"></path>
  </g>`;
}

const FROM_THE_SIDE = svg`<g class="body" transform="translate(40 18)">
  <circle r="7"></circle><path class="skin" d="M6 -2l4 3-4 2z"></path>
  <path class="shirt" d="M-5 9h7l5 6v25h-12z"></path>
  <path class="arm" d="M0 14l4 12-2 12"></path>
  <path class="legs" d="M-5 40h12v36h-9z"></path>
</g>`;

const DRAWINGS: readonly Drawing[] = [
  { text: "goodFront", isGood: true, figures: figure(40, 18, 1) },
  {
    text: "goodLight",
    isGood: true,
    figures: svg`<circle class="sun" cx="14" cy="14" r="6"></circle>
      <path class="rays" d="M14 3v3M14 22v3M3 14h3M22 14h3M6.5 6.5l2 2M21.5 6.5l-2 2M6.5 21.5l2-2M21.5 21.5l-2-2"></path>
      ${figure(44, 20, 0.95)}`,
  },
  { text: "badCropped", isGood: false, figures: figure(40, 26, 2.1) },
  { text: "badTurned", isGood: false, figures: FROM_THE_SIDE },
  { text: "badSeveral", isGood: false, figures: svg`${figure(57, 22, 0.9, "other")}${figure(26, 20, 0.95)}` },
  { text: "badDark", isGood: false, dark: true, figures: figure(40, 18, 1) },
];

export function guidance(t: (key: UiKey) => string): TemplateResult {
  return html`<ul class="guidance">
    ${DRAWINGS.map(
      (each) => html`<li class=${each.isGood ? "good" : "bad"}>
        <svg class=${each.dark ? "drawing dark" : "drawing"} viewBox="0 0 80 104" aria-hidden="true">
          <rect class="wall" width="80" height="104"></rect>
          ${each.figures}
        </svg>
        <span class="mark" aria-hidden="true">
          <svg viewBox="0 0 24 24" class="icon"><path d=${each.isGood ? "M5 12.5l4.5 4.5L19 7.5" : "M7 7l10 10M17 7L7 17"}></path></svg>
        </span>
        <span class="visually-hidden">${t(each.isGood ? "photoGood" : "photoBad")}:</span>
        <span>${t(each.text)}</span>
      </li>`,
    )}
  </ul>`;
}

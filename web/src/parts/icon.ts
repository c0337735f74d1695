/** Our own icons, drawn on 24 by 24. They say nothing to screen readers: what stands beside them does. */
import { html, type SVGTemplateResult, svg, type TemplateResult } from "lit";

const PATHS = {
  camera: "M4 8h3l2-3h6l2 3h3v11H4zM12 10a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z",
  check: "M5 12.5l4.5 4.5L19 7.5",
  chevron: "M9 5l7 7-7 7",
  close: "M6 6l12 12M18 6L6 18",
  down: "M12 4v11m-5-4.5l5 5 5-5M5 20h14",
  expand: "M9 4H4v5M15 4h5v5M9 20H4v-5M15 20h5v-5",
  file: "M4 5h16v14H4zM4 16l5-5 4 4 2.5-2.5L20 17M15.5 9.5h.01",
  grid: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  hanger: "M12 9V8a2.2 2.2 0 1 0-2.2-2.2M12 9L3.5 15.5A1.4 1.4 0 0 0 4.3 18h15.4a1.4 1.4 0 0 0 .8-2.5z",
  heart: "M12 20S4 15 4 9.3A4.3 4.3 0 0 1 12 7a4.3 4.3 0 0 1 8 2.3C20 15 12 20 12 20z",
  minus: "M11 5a6 6 0 1 1 0 12 6 6 0 0 1 0-12zM15.5 15.5L20 20M8.5 11h5",
  mirror: "M7 3h10v14H7zM12 17v4M8.5 21h7M10 7l3-1.5M10 11l4.5-2.5",
  person: "M12 4a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM6 20v-3a5 5 0 0 1 5-5h2a5 5 0 0 1 5 5v3",
  plus: "M11 5a6 6 0 1 1 0 12 6 6 0 0 1 0-12zM15.5 15.5L20 20M8.5 11h5M11 8.5v5",
  search: "M11 5a6 6 0 1 1 0 12 6 6 0 0 1 0-12zM15.5 15.5L20 20",
  tag: "M4 4h8l8 8-8 8-8-8zM8.5 8.5h.01",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  warning: "M12 4l9 16H3zM12 10v5M12 17.5h.01",
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName, filled = false): TemplateResult {
  const path: SVGTemplateResult = svg`<path d=${PATHS[name]} fill=${filled ? "currentColor" : "none"}></path>`;
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${path}</svg>`;
}

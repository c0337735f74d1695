/** Before and after, one over the other: a slider wipes between them, and the buttons' zoom enlarges both. */
import { css, html, LitElement, type PropertyValues } from "lit";
import type { Client } from "../api/client.js";
import "./picture.js";

export class VfWipe extends LitElement {
  static override properties = {
    client: { attribute: false },
    original: {},
    dressed: {},
    beforeText: {},
    afterText: {},
    label: {},
    alt: {},
    zoomText: {},
    valueText: { attribute: false },
    zoom: { type: Number },
    _percent: { state: true },
  };
  static override styles = css`
    :host { display: block; position: relative; --share: 100%; }
    .frame { overflow: auto; overscroll-behavior: contain; border-radius: var(--vf-radius); background: var(--vf-well); aspect-ratio: 3 / 4; }
    .frame:focus-visible { outline: 3px solid var(--vf-accent); outline-offset: 2px; }
    .both { position: relative; width: calc(var(--zoom, 1) * 100%); aspect-ratio: 3 / 4; }
    vf-picture { position: absolute; inset: 0; }
    .over { clip-path: inset(0 calc(100% - var(--share)) 0 0); }
    .line { position: absolute; inset: 0 auto 0 var(--share); width: 2px; margin-left: -1px; background: #fff; box-shadow: 0 0 4px rgb(0 0 0 / 0.5); pointer-events: none; }
    .tag { position: absolute; top: 10px; padding: 3px 9px; border-radius: 99px; background: rgb(0 0 0 / 0.66); color: #fff; font-size: 0.75rem; pointer-events: none; }
    .tag.is-after { left: 10px; }
    .tag.is-before { right: 10px; }
    input { -webkit-appearance: none; appearance: none; position: absolute; inset: auto 0 12px; width: calc(100% - 24px); height: 44px; margin: 0 12px; background: none; cursor: ew-resize; touch-action: pan-y; }
    input::-webkit-slider-runnable-track { height: 4px; border-radius: 2px; background: rgb(255 255 255 / 0.85); box-shadow: 0 0 4px rgb(0 0 0 / 0.45); }
    input::-moz-range-track { height: 4px; border-radius: 2px; background: rgb(255 255 255 / 0.85); box-shadow: 0 0 4px rgb(0 0 0 / 0.45); }
    input::-webkit-slider-thumb { -webkit-appearance: none; width: 30px; height: 30px; margin-top: -13px; border: 0; border-radius: 50%; background: #fff; box-shadow: 0 1px 6px rgb(0 0 0 / 0.45); }
    input::-moz-range-thumb { width: 30px; height: 30px; border: 0; border-radius: 50%; background: #fff; box-shadow: 0 1px 6px rgb(0 0 0 / 0.45); }
    input:focus-visible { outline: 3px solid var(--vf-accent); outline-offset: -4px; border-radius: 22px; }
  `;

  declare client: Client | null;
  /** Paths of the pictures before and after. */
  declare original: string;
  declare dressed: string;
  declare beforeText: string;
  declare afterText: string;
  declare label: string;
  declare alt: string;
  declare zoomText: string;
  /** What a screen reader says of a position, in percent of the picture that shows the garment. */
  declare valueText: (percent: number) => string;
  declare zoom: number;
  declare _percent: number;

  constructor() {
    super();
    this.client = null;
    this.original = "";
    this.dressed = "";
    this.beforeText = "";
    this.afterText = "";
    this.label = "";
    this.alt = "";
    this.zoomText = "";
    this.valueText = String;
    this.zoom = 1;
    this._percent = 100;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("dressed")) this._percent = 100;
  }

  /** By the object model: the page's Content-Security-Policy allows no style attribute. */
  override updated(changed: PropertyValues<this>): void {
    this.style.setProperty("--share", `${this._percent}%`);
    const both = this.renderRoot.querySelector<HTMLElement>(".both");
    both?.style.setProperty("--zoom", String(this.zoom));
    if (!changed.has("zoom") || !both?.parentElement) return;
    const frame = both.parentElement; // its middle stays in the middle
    const ratio = this.zoom / (changed.get("zoom") ?? 1);
    frame.scrollLeft = (frame.scrollLeft + frame.clientWidth / 2) * ratio - frame.clientWidth / 2;
    frame.scrollTop = (frame.scrollTop + frame.clientHeight / 3) * ratio - frame.clientHeight / 3;
  }

  override render() {
    const isZoomed = this.zoom > 1;
    return html`
      <div class="frame" tabindex=${isZoomed ? 0 : -1} role="group" aria-label=${isZoomed ? this.zoomText : this.label}>
        <div class="both">
          <vf-picture .client=${this.client} path=${this.original} alt=""></vf-picture>
          <vf-picture class="over" .client=${this.client} path=${this.dressed} alt=${this.alt}></vf-picture>
          <div class="line" ?hidden=${this._percent >= 100 || this._percent <= 0}></div>
        </div>
      </div>
      <span class="tag is-after" aria-hidden="true" ?hidden=${this._percent < 25}>${this.afterText}</span>
      <span class="tag is-before" aria-hidden="true" ?hidden=${this._percent > 75}>${this.beforeText}</span>
      <input
        type="range" min="0" max="100" step="1" aria-label=${this.label}
        aria-valuetext=${this.valueText(this._percent)}
        .value=${String(this._percent)}
        @input=${(event: Event) => {
          this._percent = Number((event.target as HTMLInputElement).value);
        }}
      />
    `;
  }
}

customElements.define("vf-wipe", VfWipe);

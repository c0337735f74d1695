/** A picture of the gateway, fetched with the buyer's token: `<vf-picture path="/v1/..." size="400" alt="...">`. */
import { css, html, LitElement, type PropertyValues } from "lit";
import type { Client } from "../api/client.js";

export class VfPicture extends LitElement {
  static override properties = {
    client: { attribute: false },
    path: {},
    size: { type: Number },
    alt: {},
    missing: {},
    _address: { state: true },
    _failed: { state: true },
  };
  static override styles = css`
    :host { display: block; position: relative; overflow: hidden; background: var(--vf-well); }
    img { display: block; width: 100%; height: 100%; object-fit: var(--vf-picture-fit, cover); animation: appear 0.25s; }
    p { margin: 0; padding: 8px; font-size: 0.8125rem; color: var(--vf-muted-text); }
    .waiting { width: 100%; height: 100%; background: linear-gradient(100deg, transparent 30%, var(--vf-sheen) 50%, transparent 70%) 0 0 / 300% 100%; animation: wait 1.6s linear infinite; }
    @keyframes wait { from { background-position: 150% 0; } to { background-position: -50% 0; } }
    @keyframes appear { from { opacity: 0; } }
    @media (prefers-reduced-motion: reduce) { * { animation: none !important; } }
  `;

  declare client: Client | null;
  declare path: string;
  declare size: number;
  declare alt: string;
  /** What is said where the picture does not come. */
  declare missing: string;
  declare _address: string;
  declare _failed: boolean;

  constructor() {
    super();
    this.client = null;
    this.path = "";
    this.size = 0;
    this.alt = "";
    this.missing = "";
    this._address = "";
    this._failed = false;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("path") || changed.has("client") || changed.has("size")) void this.#load();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#release();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated && !this._address) void this.#load();
  }

  override render() {
    if (this._failed) return html`<p>${this.missing}</p>`;
    if (!this._address) return html`<div class="waiting"></div>`;
    return html`<img src=${this._address} alt=${this.alt} draggable="false" />`;
  }

  async #load(): Promise<void> {
    const { client, path, size } = this;
    if (!client || !path) return;
    this._failed = false;
    try {
      const blob = await client.picture(path, size || null);
      if (path !== this.path || size !== this.size || !this.isConnected) return;
      this.#release();
      this._address = URL.createObjectURL(blob);
      this.dispatchEvent(new Event("load"));
    } catch {
      if (path === this.path) this._failed = true;
    }
  }

  #release(): void {
    if (this._address) URL.revokeObjectURL(this._address);
    this._address = "";
  }
}

customElements.define("vf-picture", VfPicture);

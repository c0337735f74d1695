/** `<vf-garment-check>`: a seller puts in a garment's photo, sees what was read, and corrects it. See docs/fitting-room.md. */
import { css, html, LitElement, nothing, type PropertyValues, svg, type TemplateResult } from "lit";
import { Client, type TokenSource } from "./api/client.js";
import { type Category, hasEnded, type Photo } from "./api/documents.js";
import { asTrouble, type Trouble, troubleOf } from "./api/trouble.js";
import { bar } from "./parts/bar.js";
import { icon } from "./parts/icon.js";
import { notice } from "./parts/notice.js";
import { newKey } from "./state/keys.js";
import { base, theme } from "./styles.js";
import { chooseLanguage, fill, type Texts, tellWarning, textsOf, type UiKey } from "./text/index.js";
import "./parts/picture.js";

const CATEGORIES: readonly Category[] = ["auto", "tops", "bottoms", "one-pieces"];
const WIDTH = 768;
const HEIGHT = 1024;
const LOOK_MS = 500;

type Show = "photo" | "mask" | "parts" | "landmarks";
const SHOWN: Readonly<Record<Show, { readonly artifact: string; readonly text: UiKey }>> = {
  photo: { artifact: "garment_photo.png", text: "showPhoto" },
  mask: { artifact: "cloth.png", text: "showMask" },
  parts: { artifact: "garment_parts.png", text: "showParts" },
  landmarks: { artifact: "cloth.png", text: "showLandmarks" },
};

interface Landmark {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly visibility: "absent" | "hidden" | "visible";
}

export class VfGarmentCheck extends LitElement {
  static override properties = {
    gateway: {},
    token: {},
    lang: {},
    tokenSource: { attribute: false },
    _sent: { state: true },
    _garment: { state: true },
    _trouble: { state: true },
    _show: { state: true },
    _landmarks: { state: true },
  };
  static override styles = [
    theme,
    base,
    css`
      :host { display: block; }
      .seen { display: grid; gap: 18px; }
      @media (min-width: 720px) { .seen { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } }
      .picture { position: relative; aspect-ratio: 3 / 4; overflow: hidden; border-radius: var(--vf-radius); border: 1px solid var(--_line); --vf-picture-fit: contain; }
      .picture vf-picture { position: absolute; inset: 0; }
      .picture svg.points { position: absolute; inset: 0; width: 100%; height: 100%; }
      .points circle { fill: #c2185b; stroke: #fff; stroke-width: 3; }
      .points .hidden { fill: none; stroke: #c2185b; }
      dl { display: grid; grid-template-columns: auto 1fr; gap: 6px 16px; }
      dt { color: var(--_muted); }
      fieldset { margin: 0; padding: 0; border: 0; display: grid; gap: 8px; }
      legend { padding: 0; font-weight: 600; }
      .choice { display: flex; align-items: center; gap: 10px; min-height: 44px; padding: 6px 14px; border: 1px solid var(--_line); border-radius: 12px; cursor: pointer; }
      .choice:has(:checked) { border-color: var(--_accent); background: var(--_tint); }
      .choice input { width: 18px; height: 18px; margin: 0; accent-color: var(--_accent); }
      .views { display: flex; flex-wrap: wrap; gap: 6px; }
      .views button { min-height: 40px; padding: 6px 14px; font-size: 0.875rem; }
      .good { display: flex; gap: 8px; align-items: center; color: var(--_accent); font-weight: 550; }
    `,
  ];

  declare gateway: string;
  declare token: string;
  declare tokenSource: TokenSource | null;
  /** The share of a photo that has been sent; null: none is on its way. */
  declare _sent: number | null;
  declare _garment: Photo | null;
  declare _trouble: Trouble | null;
  declare _show: Show;
  declare _landmarks: readonly Landmark[];

  #client: Client | null = null;
  #image: Blob | null = null;
  #reference = "";

  constructor() {
    super();
    this.gateway = "";
    this.token = "";
    this.lang = "";
    this.tokenSource = null;
    this._sent = null;
    this._trouble = null;
    this.#forget();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!(changed.has("gateway") || changed.has("token") || changed.has("tokenSource"))) return;
    const source = this.tokenSource ?? (this.token ? async () => this.token : null);
    this.#client = source && new Client(this.gateway.replace(/\/$/, ""), source);
  }

  #forget(): void {
    this._garment = null;
    this._show = "photo";
    this._landmarks = [];
  }

  /** A garment that was put in and is not wanted: the same photo as something else is another garment. */
  async #replace(client: Client, old: Photo | null, made: Photo): Promise<void> {
    if (old && old.id !== made.id) await client.remove("garments", old.id).catch(() => {});
  }

  async #send(image: Blob, category: Category): Promise<void> {
    const client = this.#client;
    if (!client) return;
    const old = this._garment;
    this.#image = image;
    this._trouble = null;
    this._sent = 0;
    try {
      const told = { key: newKey(), reference: this.#reference, category };
      let garment = await client.upload("garments", image, told, (share) => {
        this._sent = share;
      });
      this._sent = 1;
      while (!hasEnded(garment) && this.isConnected) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        garment = await client.photo("garments", garment.id);
      }
      await this.#replace(client, old, garment);
      this._garment = garment;
      this._landmarks = garment.artifacts["garment.json"] ? await landmarksOf(client, garment) : [];
      if (garment.problem) this._trouble = troubleOf(garment.problem);
      this.dispatchEvent(new CustomEvent("garment", { detail: { garment }, bubbles: true, composed: true }));
    } catch (error) {
      this._trouble = asTrouble(error);
    } finally {
      this._sent = null;
    }
  }

  #choose(event: Event): void {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    if (!file) return;
    const old = this._garment;
    if (old?.state === "failed") void this.#client?.remove("garments", old.id).catch(() => {}); // nobody can use it
    this.#forget();
    this.#reference = `sold ${newKey()}`;
    void this.#send(file, "auto");
    input.value = "";
  }

  override render(): TemplateResult {
    const texts = textsOf(chooseLanguage(this.lang, navigator.languages));
    const t = (key: UiKey, values?: Record<string, string | number>) => fill(texts.ui[key], values);
    const image = this.#image;
    const retry = image ? { retry: () => void this.#send(image, this._garment?.category ?? "auto") } : {};
    return html`<section class="stack" aria-labelledby="title">
      <div>
        <h2 id="title">${t("check")}</h2>
        <p class="muted">${t("checkLead")}</p>
      </div>
      ${this._sent === null ? this.#input(t) : progress(this._sent, t)}
      ${this._trouble ? notice(texts, this._trouble, retry) : nothing}
      ${this._garment && this._sent === null ? this.#seen(this._garment, texts, t) : nothing}
    </section>`;
  }

  #input(t: (key: UiKey) => string): TemplateResult {
    return html`<div class="row">
      <label class=${this._garment ? "button" : "button primary"}>
        ${icon("file")} ${t(this._garment ? "checkAgain" : "checkFile")}
        <input class="visually-hidden" type="file" accept="image/*" @change=${(event: Event) => this.#choose(event)} />
      </label>
    </div>`;
  }

  #seen(
    garment: Photo,
    texts: Texts,
    t: (key: UiKey, values?: Record<string, string | number>) => string,
  ): TemplateResult {
    const shown = SHOWN[this._show];
    const views = (Object.keys(SHOWN) as Show[]).filter((each) => garment.artifacts[SHOWN[each].artifact]);
    return html`<div class="seen">
      <div class="stack">
        <div class="picture">
          <vf-picture .client=${this.#client} path=${garment.artifacts[shown.artifact] ?? ""} alt=${t("checkPicture", { view: t(shown.text) })} missing=${t("gone")}></vf-picture>
          ${this._show === "landmarks" ? points(this._landmarks) : nothing}
        </div>
        <div class="views" role="group" aria-label=${t("checkShow")}>
          ${views.map(
            (each) =>
              html`<button class="tinted" aria-pressed=${this._show === each ? "true" : "false"} @click=${() => {
                this._show = each;
              }}>${t(SHOWN[each].text)}</button>`,
          )}
        </div>
      </div>
      <div class="stack">
        ${garment.reading ? reading(garment.reading, texts, t) : nothing}
        ${
          garment.warnings?.length
            ? html`<div class="notice">${icon("warning")}
                <div><ul>${[...new Set(garment.warnings.map((each) => tellWarning(texts, each.code, each.detail)))].map((each) => html`<li>${each}</li>`)}</ul></div>
              </div>`
            : nothing
        }
        ${garment.state === "succeeded" ? html`<p class="good">${icon("check")} ${t("checkGood")}</p>` : nothing}
        <fieldset>
          <legend>${t("checkCategory")}</legend>
          <span class="muted small">${t("checkCategoryHint")}</span>
          ${CATEGORIES.map(
            (each) => html`<label class="choice">
              <input type="radio" name="category" value=${each} .checked=${(garment.category ?? "auto") === each} @change=${() => this.#correct(each)} />
              ${texts.categories[each]}
            </label>`,
          )}
        </fieldset>
        <slot></slot>
      </div>
    </div>`;
  }

  #correct(category: Category): void {
    if (this.#image) void this.#send(this.#image, category);
  }
}

function progress(share: number, t: (key: UiKey) => string): TemplateResult {
  const text = t(share < 1 ? "garmentUploading" : "checkReading");
  return html`<div class="upload" role="status"><span>${text}…</span>${bar(share, text)}</div>`;
}

function reading(
  seen: NonNullable<Photo["reading"]>,
  texts: Texts,
  t: (key: UiKey, values?: Record<string, string | number>) => string,
): TemplateResult {
  const sure = (confidence: number) =>
    html`<span class="muted small">${t("checkSure", { percent: Math.round(confidence * 100) })}</span>`;
  return html`<div class="stack">
    <h3>${t("checkSeen")}</h3>
    <dl>
      <dt>${t("checkKind")}</dt>
      <dd>${texts.kinds[seen.kind.value]} ${sure(seen.kind.confidence)}</dd>
      <dt>${t("checkPhoto")}</dt>
      <dd>${texts.photos[seen.photo.value]} ${sure(seen.photo.confidence)}</dd>
      <dt>${t("checkView")}</dt>
      <dd>${texts.sides[seen.view.value]} ${sure(seen.view.confidence)}</dd>
    </dl>
  </div>`;
}

async function landmarksOf(client: Client, garment: Photo): Promise<readonly Landmark[]> {
  const path = garment.artifacts["garment.json"] ?? "";
  const document = JSON.parse(await (await client.picture(path)).text()) as { landmarks: readonly Landmark[] };
  return document.landmarks;
}

/** The garment's points on cloth.png. */
function points(landmarks: readonly Landmark[]): TemplateResult {
  const there = landmarks.filter((each) => each.visibility !== "absent");
  return html`<svg class="points" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
    ${there.map((each) => svg`<circle class=${each.visibility} cx=${each.x + 0.5} cy=${each.y + 0.5} r="11"></circle>`)}
  </svg>`;
}

customElements.define("vf-garment-check", VfGarmentCheck);

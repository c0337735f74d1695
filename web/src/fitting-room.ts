/** `<vf-fitting-room>`: see docs/fitting-room.md for what a market's page sets and hears. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { Client, type TokenSource } from "./api/client.js";
import { type Fitting, hasEnded } from "./api/documents.js";
import type { Trouble } from "./api/trouble.js";
import { icon } from "./parts/icon.js";
import { notice } from "./parts/notice.js";
import { roomStyles } from "./room-styles.js";
import { type Example, type Listing, listingOf } from "./state/listing.js";
import { browserMemory } from "./state/memory.js";
import { Room } from "./state/room.js";
import { base, theme } from "./styles.js";
import { chooseLanguage, fill, type Language, textsOf, type UiKey } from "./text/index.js";
import { compareView } from "./views/compare.js";
import { dialogView } from "./views/dialogs.js";
import { fittingView } from "./views/fitting.js";
import { historyView } from "./views/history.js";
import { photoView } from "./views/photo.js";
import type { Looking, Tab, View } from "./views/view.js";
import "./parts/picture.js";

const LOOKING: Looking = { tab: "single", dialog: null, zoom: 1, onlyFavourites: false, isChangingPhoto: false };

export class VfFittingRoom extends LitElement {
  static override properties = {
    gateway: {},
    token: {},
    lang: {},
    photoHours: { type: Number, attribute: "photo-hours" },
    fittingDays: { type: Number, attribute: "fitting-days" },
    tokenSource: { attribute: false },
    listings: { attribute: false },
    examples: { attribute: false },
    _looking: { state: true },
    _isOffline: { state: true },
  };
  static override styles = [theme, base, roomStyles];

  /** Address of the gateway; default: the page's own origin. */
  declare gateway: string;
  /** A buyer's token, where no tokenSource is set. */
  declare token: string;
  declare photoHours: number;
  declare fittingDays: number;
  /** Gives a buyer's token, again and again as they end. */
  declare tokenSource: TokenSource | null;
  declare listings: readonly Listing[];
  declare examples: readonly Example[];
  declare _looking: Looking;
  declare _isOffline: boolean;

  #client: Client | null = null;
  #room: Room | null = null;
  #ticking: ReturnType<typeof setInterval> | undefined;
  #told: Trouble | null = null;
  /** When this page first saw each fitting that has not ended: the gateway's clock may differ from this one. */
  readonly #since = new Map<string, number>();

  constructor() {
    super();
    this.gateway = "";
    this.token = "";
    this.lang = "";
    this.photoHours = 24;
    this.fittingDays = 30;
    this.tokenSource = null;
    this.listings = [];
    this.examples = [];
    this._looking = LOOKING;
    this._isOffline = false;
  }

  /** Try a listing on, as a tap on the market's own button does. */
  tryOn(id: string): void {
    const listing = this.listings.find((each) => each.id === id);
    if (!listing) throw new RangeError(`There is no listing ${id}.`);
    this._looking = { ...LOOKING, onlyFavourites: this._looking.onlyFavourites };
    void this.#room?.tryOn(listing);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("online", this.#network);
    window.addEventListener("offline", this.#network);
    this.#ticking = setInterval(() => this.#tick(), 1000);
    this.#network();
    if (this.hasUpdated) this.#enter();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("online", this.#network);
    window.removeEventListener("offline", this.#network);
    clearInterval(this.#ticking);
    this.#room?.close();
    this.#room = null;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("gateway") || changed.has("token") || changed.has("tokenSource")) this.#enter();
  }

  #network = (): void => {
    const wasOffline = this._isOffline;
    this._isOffline = !navigator.onLine;
    if (wasOffline && !this._isOffline && this.#room?.state.trouble) void this.#room.open();
  };

  #enter(): void {
    this.#room?.close();
    const source = this.tokenSource ?? (this.token ? async () => this.token : null);
    if (!source) {
      this.#room = null;
      return;
    }
    this.#client = new Client(this.gateway.replace(/\/$/, ""), source);
    const room = new Room(
      this.#client,
      browserMemory(),
      () => {
        this.#hear(room);
        this.requestUpdate();
      },
      (event, fitting) => this.#tell(event, fitting),
    );
    this.#room = room;
    void room.open();
  }

  #tell(event: "fitting" | "selected", fitting: Fitting): void {
    const detail = { fitting, listing: this.#listingOf(fitting) };
    this.dispatchEvent(new CustomEvent(event, { detail, bubbles: true, composed: true }));
  }

  /** Each trouble is told to the page once. It does not bubble: a page's own handler of errors expects other events. */
  #hear(room: Room): void {
    const { trouble, personTrouble, refused } = room.state;
    const now = trouble ?? personTrouble ?? refused?.trouble ?? null;
    if (now && now !== this.#told) {
      this.dispatchEvent(new CustomEvent("error", { detail: { code: now.code, detail: now.detail } }));
    }
    this.#told = now;
  }

  #tick(): void {
    const fitting = this.#room?.shown;
    if (fitting && !hasEnded(fitting)) this.requestUpdate();
  }

  #elapsed(fitting: Fitting | undefined): number {
    if (!fitting || hasEnded(fitting)) return 0;
    const since = this.#since.get(fitting.id) ?? Date.now();
    this.#since.set(fitting.id, since);
    return Math.round((Date.now() - since) / 1000);
  }

  #listingOf(fitting: Fitting): Listing | undefined {
    return listingOf(fitting, this.listings, this.#room?.state.garments ?? []);
  }

  get #language(): Language {
    return chooseLanguage(this.lang, navigator.languages);
  }

  #view(room: Room, client: Client): View {
    const texts = textsOf(this.#language);
    const view: View = {
      room,
      client,
      texts,
      state: room.state,
      t: (key: UiKey, values) => fill(texts.ui[key], values),
      listings: this.listings,
      examples: this.examples,
      photoHours: this.photoHours,
      fittingDays: this.fittingDays,
      looking: this._looking,
      look: (change) => {
        this._looking = { ...this._looking, ...change };
      },
      elapsed: this.#elapsed(room.shown),
      listingOf: (fitting) => this.#listingOf(fitting),
      titleOf: (fitting) => this.#listingOf(fitting)?.title ?? texts.ui.unknownGarment,
    };
    return view;
  }

  override render(): TemplateResult {
    const texts = textsOf(this.#language);
    const room = this.#room;
    if (!room || !this.#client || room.state.phase !== "open") {
      const text = room?.state.phase === "forgetting" ? texts.ui.forgetting : texts.ui.loading;
      return html`<div class="room"><p class="muted" role="status">${text}</p></div>`;
    }
    const view = this.#view(room, this.#client);
    const needsPhoto = !room.person || view.state.personSent !== null || this._looking.isChangingPhoto;
    return html`<div class="room stack" lang=${this.#language}>
      ${this._isOffline ? html`<div class="notice" role="status">${icon("warning")}<div>${texts.ui.offline}</div></div>` : nothing}
      ${
        view.state.trouble
          ? notice(texts, view.state.trouble, { retry: () => room.open(), dismiss: () => room.dismiss() })
          : nothing
      }
      ${view.state.forgotten ? html`<p class="notice" role="status">${icon("check")} ${texts.ui.forgotten}</p>` : nothing}
      ${needsPhoto ? photoView(view) : html`${this.#head(view)} ${this._looking.tab === "compare" ? compareView(view) : fittingView(view)}`}
      ${historyView(view)}
      ${this.#foot(view)}
      ${dialogView(view, (trouble) => room.report(trouble))}
    </div>`;
  }

  #head(view: View): TemplateResult {
    const { t, room } = view;
    const tab = (name: Tab, text: string) => html`<button
      aria-pressed=${this._looking.tab === name ? "true" : "false"}
      @click=${() => view.look({ tab: name, zoom: 1 })}
    >${text}</button>`;
    return html`<header class="head">
      <button class="me" @click=${() => view.look({ isChangingPhoto: true })}>
        <vf-picture .client=${view.client} path=${room.person?.artifacts["person.png"] ?? ""} size="160" alt="" missing=""></vf-picture>
        <span>${t("changePhoto")}</span>
      </button>
      <div class="tabs" role="group" aria-label=${t("room")}>${tab("single", t("single"))} ${tab("compare", t("compare"))}</div>
    </header>`;
  }

  #foot(view: View): TemplateResult | typeof nothing {
    const { state, t } = view;
    const hasAnything = state.people.length || state.fittings.length || state.garments.some((each) => each.buyer);
    if (!hasAnything) return nothing;
    return html`<footer>
      <button class="quiet danger" @click=${() => view.look({ dialog: "forget" })}>${icon("trash")} ${t("forget")}</button>
    </footer>`;
  }
}

customElements.define("vf-fitting-room", VfFittingRoom);

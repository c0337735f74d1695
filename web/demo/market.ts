/** `<vf-market>`: the demo market around the fitting room. It speaks to the room only as any market's page would. */
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Client } from "../src/api/client.js";
import type { Photo } from "../src/api/documents.js";
import type { VfFittingRoom } from "../src/index.js";
import "../src/index.js";
import { type IconName, icon } from "../src/parts/icon.js";
import { base, theme } from "../src/styles.js";
import { chooseLanguage, fill, type Language, type Texts, tellPrice, textsOf } from "../src/text/index.js";
import { EXAMPLES, OFFERS, type Offer } from "./catalogue.js";
import { marketStyles } from "./market-styles.js";
import { keepOffers, ownOffers } from "./own-offers.js";
import { keyOfAddress, type Session, startSession } from "./session.js";

type Page = "shop" | "room" | "sell";
const PAGES: readonly Page[] = ["shop", "room", "sell"];
const ICONS: Readonly<Record<Page, IconName>> = { shop: "hanger", room: "mirror", sell: "tag" };
const LANGUAGE = "vf-demo-language";

class VfMarket extends LitElement {
  static override properties = {
    _session: { state: true },
    _isClosed: { state: true },
    _isWrong: { state: true },
    _page: { state: true },
    _language: { state: true },
    _query: { state: true },
    _own: { state: true },
    _draft: { state: true },
    _isListed: { state: true },
  };
  static override styles = [theme, base, marketStyles];

  declare _session: Session | null;
  /** Neither key nor cookie opened it. */
  declare _isClosed: boolean;
  declare _isWrong: boolean;
  declare _page: Page;
  declare _language: Language;
  declare _query: string;
  declare _own: readonly Offer[];
  /** A garment that was put in and is not listed yet. */
  declare _draft: Photo | null;
  declare _isListed: boolean;

  #key = keyOfAddress();
  readonly #tokenSource = async () => {
    const session = this.#first ?? (await startSession());
    this.#first = null;
    return session?.token ?? "";
  };
  /** The session that the page began with; later tokens are asked for anew. */
  #first: Session | null = null;
  readonly #client = new Client("", this.#tokenSource);

  constructor() {
    super();
    this._session = null;
    this._isClosed = false;
    this._isWrong = false;
    this._page = pageOfAddress();
    this._language = chooseLanguage(localStorage.getItem(LANGUAGE) ?? "", navigator.languages);
    this._query = "";
    this._own = ownOffers();
    this._draft = null;
    this._isListed = false;
    this.#toldLanguage();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("hashchange", this.#navigated);
    void this.#enter(this.#key);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("hashchange", this.#navigated);
  }

  #navigated = (): void => {
    const key = keyOfAddress();
    if (key) void this.#enter(key);
    this._page = pageOfAddress();
  };

  async #enter(key: string): Promise<void> {
    try {
      const session = (key ? await startSession(key) : null) ?? (await startSession());
      this.#key = "";
      this.#first = session;
      this._isWrong = session === null && key !== "";
      this._isClosed = session === null;
      this._session = session;
    } catch {
      setTimeout(() => this.#enter(key), 2000); // no connection yet
    }
  }

  #toldLanguage(): void {
    document.documentElement.lang = this._language;
    document.title = textsOf(this._language).market.title;
  }

  #choose(language: Language): void {
    this._language = language;
    localStorage.setItem(LANGUAGE, language);
    this.#toldLanguage();
  }

  #go(page: Page): void {
    this._isListed = false;
    location.hash = page;
    this.scrollIntoView();
  }

  get #offers(): readonly Offer[] {
    return [...this._own, ...OFFERS];
  }

  override render(): TemplateResult {
    const texts = textsOf(this._language);
    if (this._isClosed) return this.#gate(texts);
    return html`
      <div class="market">
        ${this.#header(texts)}
        <main class=${this._page}>
          <div class="pane shop">${this.#shop(texts)}</div>
          <div class="pane room">${this.#room()}</div>
          <div class="pane sell">${this.#sell(texts)}</div>
        </main>
        ${this.#navigation(texts)}
      </div>
    `;
  }

  #gate(texts: Texts): TemplateResult {
    const { market } = texts;
    const open = (event: SubmitEvent) => {
      event.preventDefault();
      const typed = new FormData(event.target as HTMLFormElement).get("key");
      void this.#enter(String(typed ?? "").trim());
    };
    return html`<main class="gate">
      <form class="card stack" @submit=${open}>
        <h1>${market.gateTitle}</h1>
        <p class="muted">${market.gateText}</p>
        ${this._isWrong ? html`<p class="notice" role="alert">${icon("warning")} ${market.gateWrong}</p>` : nothing}
        <label class="field">${market.gateKey}<input name="key" type="password" autocomplete="off" required /></label>
        <div class="row"><button class="primary">${market.gateOpen}</button>${this.#languages(texts)}</div>
      </form>
    </main>`;
  }

  #header({ market }: Texts): TemplateResult {
    return html`<header>
      <div class="name"><h1>${market.title}</h1><span class="muted small">${market.tagline}</span></div>
      ${this.#languages(textsOf(this._language))}
    </header>`;
  }

  #languages({ market }: Texts): TemplateResult {
    const option = (language: Language, name: string) =>
      html`<option value=${language} lang=${language} ?selected=${this._language === language}>${name}</option>`;
    return html`<select aria-label=${market.language} @change=${(event: Event) => this.#choose((event.target as HTMLSelectElement).value as Language)}>
      ${option("ko", "한국어")} ${option("en", "English")}
    </select>`;
  }

  #navigation({ market }: Texts): TemplateResult {
    return html`<nav class="pages" aria-label=${market.pages}>
      ${PAGES.map(
        (each) =>
          html`<a href=${`#${each}`} class=${each} aria-current=${this._page === each ? "page" : "false"}>${icon(ICONS[each])} ${market[each]}</a>`,
      )}
    </nav>`;
  }

  #shop(texts: Texts): TemplateResult {
    const { market, ui } = texts;
    const wanted = this._query.trim().toLowerCase();
    const found = this.#offers.filter((each) =>
      `${each.title.en} ${each.title.ko} ${each.seller}`.toLowerCase().includes(wanted),
    );
    return html`<section class="stack" aria-label=${market.shop}>
      <label class="search">
        <span class="visually-hidden">${market.search}</span>
        ${icon("search")}
        <input type="search" placeholder=${market.search} .value=${this._query} @input=${(event: Event) => {
          this._query = (event.target as HTMLInputElement).value;
        }} />
      </label>
      <p class="muted small" role="status">${found.length ? fill(market.found, { n: found.length }) : fill(market.nothing, { query: this._query })}</p>
      <ul class="offers">
        ${found.map((each) => {
          const title = each.title[this._language];
          return html`<li class="card">
            ${
              each.garment
                ? html`<vf-picture .client=${this.#client} path=${each.image} size="480" alt=${title} missing=${ui.gone}></vf-picture>`
                : html`<img src=${each.image} alt=${title} width="768" height="1024" loading="lazy" />`
            }
            <div class="about">
              <h2>${title}</h2>
              <p><strong>${tellPrice(this._language, each.won)}</strong></p>
              <p class="muted small">${each.garment ? market.yours : fill(market.seller, { name: each.seller })}</p>
            </div>
            <button class="primary" ?disabled=${!this._session} aria-label=${`${ui.try}: ${title}`} @click=${() => this.#tryOn(each)}>${icon("mirror")} ${ui.try}</button>
          </li>`;
        })}
      </ul>
      <p class="muted small">${market.note}</p>
    </section>`;
  }

  #tryOn(offer: Offer): void {
    (this.renderRoot.querySelector("vf-fitting-room") as VfFittingRoom).tryOn(offer.id);
    this.#go("room");
  }

  #room(): TemplateResult | typeof nothing {
    if (!this._session) return nothing;
    const listings = this.#offers.map((each) => ({
      id: each.id,
      title: each.title[this._language],
      image: each.image,
      category: each.category,
      ...(each.garment && { garment: each.garment }),
    }));
    return html`<vf-fitting-room
      lang=${this._language}
      photo-hours=${this._session.people_hours}
      fitting-days=${this._session.fittings_days}
      .tokenSource=${this.#tokenSource}
      .listings=${listings}
      .examples=${EXAMPLES}
    ></vf-fitting-room>`;
  }

  #sell({ market }: Texts): TemplateResult | typeof nothing {
    if (!this._session) return nothing;
    const draft = this._draft;
    return html`
      ${this._isListed ? html`<p class="notice" role="status">${icon("check")} ${market.listed}</p>` : nothing}
      <vf-garment-check
        lang=${this._language}
        .tokenSource=${this.#tokenSource}
        @garment=${(event: CustomEvent<{ garment: Photo }>) => {
          this._draft = event.detail.garment;
          this._isListed = false;
        }}
      >
        ${
          draft?.state === "succeeded" && !this._isListed
            ? html`<form class="stack" @submit=${(event: SubmitEvent) => this.#list(event, draft)}>
                <label class="field">${market.name}<input type="text" name="title" required maxlength="60" /></label>
                <label class="field">${market.price}<input type="number" name="won" required min="0" max="100000000" step="100" /></label>
                <div class="row"><button class="primary">${icon("tag")} ${market.list}</button></div>
              </form>`
            : nothing
        }
      </vf-garment-check>
    `;
  }

  #list(event: SubmitEvent, garment: Photo): void {
    event.preventDefault();
    const typed = new FormData(event.target as HTMLFormElement);
    const title = String(typed.get("title"));
    const offer: Offer = {
      id: garment.reference ?? garment.id,
      garment: garment.id,
      image: garment.artifacts["garment_photo.png"] ?? "",
      title: { en: title, ko: title },
      won: Number(typed.get("won")),
      seller: "",
      category: garment.category ?? "auto",
    };
    this._own = [offer, ...this._own];
    keepOffers(this._own);
    this._isListed = true;
  }
}

function pageOfAddress(): Page {
  return PAGES.find((each) => location.hash === `#${each}`) ?? "shop";
}

customElements.define("vf-market", VfMarket);

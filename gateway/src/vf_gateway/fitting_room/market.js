/*! Contains Lit, Copyright Google LLC, BSD-3-Clause: see lit-LICENSE.txt beside this file. */
import{a as e,c as t,d as n,f as r,i,l as a,n as o,o as s,r as c,s as l,t as u,u as d}from"./vf-fitting-room.js";var f=`/web/samples/bed.jpg`,p=`/web/samples/dress.jpg`,m=`/web/samples/hanger.jpg`,h=`/web/samples/longsleeve.jpg`,g=`/web/samples/person.jpg`,_=`/web/samples/person2.jpg`,v=`/web/samples/person3.jpg`,y=[{id:`demo tshirt`,image:`/web/samples/tshirt.jpg`,title:{en:`T-shirt`,ko:`티셔츠`},won:9e3,seller:`minji`,category:`tops`},{id:`demo longsleeve`,image:h,title:{en:`Long-sleeved shirt`,ko:`긴팔 티셔츠`},won:15e3,seller:`haru`,category:`tops`},{id:`demo tank`,image:`/web/samples/tank.jpg`,title:{en:`Tank top`,ko:`민소매`},won:7e3,seller:`sora`,category:`tops`},{id:`demo hanger`,image:m,title:{en:`Top on a hanger`,ko:`옷걸이에 건 상의`},won:12e3,seller:`jun`,category:`tops`},{id:`demo bed`,image:f,title:{en:`Top on the bed`,ko:`침대 위의 상의`},won:11e3,seller:`dami`,category:`tops`},{id:`demo dress`,image:p,title:{en:`Dress`,ko:`원피스`},won:22e3,seller:`sora`,category:`one-pieces`},{id:`demo skirt`,image:`/web/samples/skirt.jpg`,title:{en:`Skirt`,ko:`치마`},won:11e3,seller:`minji`,category:`bottoms`},{id:`demo trousers`,image:`/web/samples/trousers.jpg`,title:{en:`Trousers`,ko:`바지`},won:18e3,seller:`yuna`,category:`bottoms`}],b=[{name:`person`,image:g},{name:`person2`,image:_},{name:`person3`,image:v}],x=r`
  :host { display: block; background: var(--_background); min-height: 100dvh; }
  .market { max-width: 1240px; margin: 0 auto; padding-bottom: 84px; }
  header { display: flex; align-items: center; justify-content: space-between; gap: 12px; padding: 14px 16px 6px; }
  h1 { font-size: 1.25rem; letter-spacing: -0.02em; line-height: 1.2; }
  .name { display: grid; }
  header select, .gate select { width: auto; border-color: var(--_line); border-radius: 99px; font-size: 0.875rem; min-height: 44px; }
  .pane { display: none; padding: 12px 16px; min-width: 0; }
  main.shop .pane.shop, main.room .pane.room, main.sell .pane.sell { display: block; }
  .pane.room { padding: 0; }
  .search { position: relative; display: block; }
  .search .icon { position: absolute; left: 14px; top: 12px; color: var(--_muted); }
  .search input { padding-left: 44px; border-radius: 99px; }
  .offers { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 12px; }
  .offers li { display: flex; flex-direction: column; overflow: hidden; padding-bottom: 10px; }
  .offers img, .offers vf-picture { display: block; width: 100%; height: auto; aspect-ratio: 3 / 4; object-fit: cover; background: var(--vf-well); }
  .about { display: grid; gap: 2px; padding: 10px 12px; flex: 1; align-content: start; }
  .about h2 { font-size: 0.9375rem; font-weight: 550; }
  .offers button { margin: 0 10px; }
  .pages { position: fixed; inset: auto 0 0; z-index: 1; display: flex; justify-content: center; gap: 4px; padding: 8px 8px max(8px, env(safe-area-inset-bottom)); border-top: 1px solid var(--_line); background: var(--_surface); }
  .pages a { display: grid; justify-items: center; gap: 2px; flex: 1; max-width: 160px; padding: 6px 8px; border-radius: 12px; color: var(--_muted); font-size: 0.75rem; font-weight: 550; text-decoration: none; }
  .pages a[aria-current="page"] { color: var(--_accent); background: var(--_tint); }
  .gate { display: grid; place-items: center; min-height: 100dvh; padding: 16px; }
  .gate form { width: min(420px, 100%); padding: 24px; }
  @media (min-width: 960px) {
    main { display: grid; grid-template-columns: minmax(0, 1fr) minmax(380px, 460px); gap: 24px; padding: 0 16px; align-items: start; }
    main:is(.shop, .room) .pane.shop { display: block; padding: 12px 0; }
    main:is(.shop, .room) .pane.room { display: block; position: sticky; top: 12px; margin-top: 12px; max-height: calc(100dvh - 108px); overflow: auto; border: 1px solid var(--_line); border-radius: 18px; background: var(--_background); }
    main.sell { grid-template-columns: minmax(0, 920px); justify-content: center; }
    .offers { grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 16px; }
    .pages a { display: flex; justify-content: center; gap: 8px; font-size: 0.9375rem; }
    .pages a.room { display: none; }
  }
`,S=`vf-demo-offers`;function C(){try{return JSON.parse(localStorage.getItem(S)??`[]`)}catch{return[]}}function w(e){try{localStorage.setItem(S,JSON.stringify(e))}catch{}}function T(){let e=new URLSearchParams(location.hash.slice(1)).get(`key`)??``;return e&&history.replaceState(null,``,location.pathname),e}async function E(e=``){let t=e?{Authorization:`Bearer ${e}`}:{},n=await fetch(`/demo/session`,{method:`POST`,headers:t});if(n.status===401||n.status===403)return null;if(!n.ok)throw TypeError(`HTTP ${n.status}`);return await n.json()}var D=[`shop`,`room`,`sell`],O={shop:`hanger`,room:`mirror`,sell:`tag`},k=`vf-demo-language`,A=class extends a{static properties={_session:{state:!0},_isClosed:{state:!0},_isWrong:{state:!0},_page:{state:!0},_language:{state:!0},_query:{state:!0},_own:{state:!0},_draft:{state:!0},_isListed:{state:!0}};static styles=[o,u,x];#e=T();#t=async()=>{let e=this.#n??await E();return this.#n=null,e?.token??``};#n=null;#r=new t(``,this.#t);constructor(){super(),this._session=null,this._isClosed=!1,this._isWrong=!1,this._page=j(),this._language=c(localStorage.getItem(k)??``,navigator.languages),this._query=``,this._own=C(),this._draft=null,this._isListed=!1,this.#o()}connectedCallback(){super.connectedCallback(),window.addEventListener(`hashchange`,this.#i),this.#a(this.#e)}disconnectedCallback(){super.disconnectedCallback(),window.removeEventListener(`hashchange`,this.#i)}#i=()=>{let e=T();e&&this.#a(e),this._page=j()};async#a(e){try{let t=(e?await E(e):null)??await E();this.#e=``,this.#n=t,this._isWrong=t===null&&e!==``,this._isClosed=t===null,this._session=t}catch{setTimeout(()=>this.#a(e),2e3)}}#o(){document.documentElement.lang=this._language,document.title=s(this._language).market.title}#s(e){this._language=e,localStorage.setItem(k,e),this.#o()}#c(e){this._isListed=!1,location.hash=e,this.scrollIntoView()}get#l(){return[...this._own,...y]}render(){let e=s(this._language);return this._isClosed?this.#u(e):n`
      <div class="market">
        ${this.#d(e)}
        <main class=${this._page}>
          <div class="pane shop">${this.#m(e)}</div>
          <div class="pane room">${this.#g()}</div>
          <div class="pane sell">${this.#_(e)}</div>
        </main>
        ${this.#p(e)}
      </div>
    `}#u(e){let{market:t}=e;return n`<main class="gate">
      <form class="card stack" @submit=${e=>{e.preventDefault();let t=new FormData(e.target).get(`key`);this.#a(String(t??``).trim())}}>
        <h1>${t.gateTitle}</h1>
        <p class="muted">${t.gateText}</p>
        ${this._isWrong?n`<p class="notice" role="alert">${l(`warning`)} ${t.gateWrong}</p>`:d}
        <label class="field">${t.gateKey}<input name="key" type="password" autocomplete="off" required /></label>
        <div class="row"><button class="primary">${t.gateOpen}</button>${this.#f(e)}</div>
      </form>
    </main>`}#d({market:e}){return n`<header>
      <div class="name"><h1>${e.title}</h1><span class="muted small">${e.tagline}</span></div>
      ${this.#f(s(this._language))}
    </header>`}#f({market:e}){let t=(e,t)=>n`<option value=${e} lang=${e} ?selected=${this._language===e}>${t}</option>`;return n`<select aria-label=${e.language} @change=${e=>this.#s(e.target.value)}>
      ${t(`ko`,`한국어`)} ${t(`en`,`English`)}
    </select>`}#p({market:e}){return n`<nav class="pages" aria-label=${e.pages}>
      ${D.map(t=>n`<a href=${`#${t}`} class=${t} aria-current=${this._page===t?`page`:`false`}>${l(O[t])} ${e[t]}</a>`)}
    </nav>`}#m(t){let{market:r,ui:a}=t,o=this._query.trim().toLowerCase(),s=this.#l.filter(e=>`${e.title.en} ${e.title.ko} ${e.seller}`.toLowerCase().includes(o));return n`<section class="stack" aria-label=${r.shop}>
      <label class="search">
        <span class="visually-hidden">${r.search}</span>
        ${l(`search`)}
        <input type="search" placeholder=${r.search} .value=${this._query} @input=${e=>{this._query=e.target.value}} />
      </label>
      <p class="muted small" role="status">${s.length?i(r.found,{n:s.length}):i(r.nothing,{query:this._query})}</p>
      <ul class="offers">
        ${s.map(t=>{let o=t.title[this._language];return n`<li class="card">
            ${t.garment?n`<vf-picture .client=${this.#r} path=${t.image} size="480" alt=${o} missing=${a.gone}></vf-picture>`:n`<img src=${t.image} alt=${o} width="768" height="1024" loading="lazy" />`}
            <div class="about">
              <h2>${o}</h2>
              <p><strong>${e(this._language,t.won)}</strong></p>
              <p class="muted small">${t.garment?r.yours:i(r.seller,{name:t.seller})}</p>
            </div>
            <button class="primary" ?disabled=${!this._session} aria-label=${`${a.try}: ${o}`} @click=${()=>this.#h(t)}>${l(`mirror`)} ${a.try}</button>
          </li>`})}
      </ul>
      <p class="muted small">${r.note}</p>
    </section>`}#h(e){this.renderRoot.querySelector(`vf-fitting-room`).tryOn(e.id),this.#c(`room`)}#g(){if(!this._session)return d;let e=this.#l.map(e=>({id:e.id,title:e.title[this._language],image:e.image,category:e.category,...e.garment&&{garment:e.garment}}));return n`<vf-fitting-room
      lang=${this._language}
      photo-hours=${this._session.people_hours}
      fitting-days=${this._session.fittings_days}
      .tokenSource=${this.#t}
      .listings=${e}
      .examples=${b}
    ></vf-fitting-room>`}#_({market:e}){if(!this._session)return d;let t=this._draft;return n`
      ${this._isListed?n`<p class="notice" role="status">${l(`check`)} ${e.listed}</p>`:d}
      <vf-garment-check
        lang=${this._language}
        .tokenSource=${this.#t}
        @garment=${e=>{this._draft=e.detail.garment,this._isListed=!1}}
      >
        ${t?.state===`succeeded`&&!this._isListed?n`<form class="stack" @submit=${e=>this.#v(e,t)}>
                <label class="field">${e.name}<input type="text" name="title" required maxlength="60" /></label>
                <label class="field">${e.price}<input type="number" name="won" required min="0" max="100000000" step="100" /></label>
                <div class="row"><button class="primary">${l(`tag`)} ${e.list}</button></div>
              </form>`:d}
      </vf-garment-check>
    `}#v(e,t){e.preventDefault();let n=new FormData(e.target),r=String(n.get(`title`)),i={id:t.reference??t.id,garment:t.id,image:t.artifacts[`garment_photo.png`]??``,title:{en:r,ko:r},won:Number(n.get(`won`)),seller:``,category:t.category??`auto`};this._own=[i,...this._own],w(this._own),this._isListed=!0}};function j(){return D.find(e=>location.hash===`#${e}`)??`shop`}customElements.define(`vf-market`,A);
/*! Contains Lit, Copyright Google LLC, BSD-3-Clause: see lit-LICENSE.txt beside this file. */
var e=globalThis,t=e.ShadowRoot&&(e.ShadyCSS===void 0||e.ShadyCSS.nativeShadow)&&`adoptedStyleSheets`in Document.prototype&&`replace`in CSSStyleSheet.prototype,n=Symbol(),r=new WeakMap,i=class{constructor(e,t,r){if(this._$cssResult$=!0,r!==n)throw Error("CSSResult is not constructable. Use `unsafeCSS` or `css` instead.");this.cssText=e,this.t=t}get styleSheet(){let e=this.o,n=this.t;if(t&&e===void 0){let t=n!==void 0&&n.length===1;t&&(e=r.get(n)),e===void 0&&((this.o=e=new CSSStyleSheet).replaceSync(this.cssText),t&&r.set(n,e))}return e}toString(){return this.cssText}},a=e=>new i(typeof e==`string`?e:e+``,void 0,n),o=(e,...t)=>new i(e.length===1?e[0]:t.reduce((t,n,r)=>t+(e=>{if(!0===e._$cssResult$)return e.cssText;if(typeof e==`number`)return e;throw Error(`Value passed to 'css' function must be a 'css' function result: `+e+`. Use 'unsafeCSS' to pass non-literal values, but take care to ensure page security.`)})(n)+e[r+1],e[0]),e,n),s=(n,r)=>{if(t)n.adoptedStyleSheets=r.map(e=>e instanceof CSSStyleSheet?e:e.styleSheet);else for(let t of r){let r=document.createElement(`style`),i=e.litNonce;i!==void 0&&r.setAttribute(`nonce`,i),r.textContent=t.cssText,n.appendChild(r)}},c=t?e=>e:e=>e instanceof CSSStyleSheet?(e=>{let t=``;for(let n of e.cssRules)t+=n.cssText;return a(t)})(e):e,{is:l,defineProperty:u,getOwnPropertyDescriptor:ee,getOwnPropertyNames:te,getOwnPropertySymbols:ne,getPrototypeOf:re}=Object,d=globalThis,ie=d.trustedTypes,ae=ie?ie.emptyScript:``,oe=d.reactiveElementPolyfillSupport,f=(e,t)=>e,se={toAttribute(e,t){switch(t){case Boolean:e=e?ae:null;break;case Object:case Array:e=e==null?e:JSON.stringify(e)}return e},fromAttribute(e,t){let n=e;switch(t){case Boolean:n=e!==null;break;case Number:n=e===null?null:Number(e);break;case Object:case Array:try{n=JSON.parse(e)}catch{n=null}}return n}},ce=(e,t)=>!l(e,t),le={attribute:!0,type:String,converter:se,reflect:!1,useDefault:!1,hasChanged:ce};Symbol.metadata??=Symbol(`metadata`),d.litPropertyMetadata??=new WeakMap;var p=class extends HTMLElement{static addInitializer(e){this._$Ei(),(this.l??=[]).push(e)}static get observedAttributes(){return this.finalize(),this._$Eh&&[...this._$Eh.keys()]}static createProperty(e,t=le){if(t.state&&(t.attribute=!1),this._$Ei(),this.prototype.hasOwnProperty(e)&&((t=Object.create(t)).wrapped=!0),this.elementProperties.set(e,t),!t.noAccessor){let n=Symbol(),r=this.getPropertyDescriptor(e,n,t);r!==void 0&&u(this.prototype,e,r)}}static getPropertyDescriptor(e,t,n){let{get:r,set:i}=ee(this.prototype,e)??{get(){return this[t]},set(e){this[t]=e}};return{get:r,set(t){let a=r?.call(this);i?.call(this,t),this.requestUpdate(e,a,n)},configurable:!0,enumerable:!0}}static getPropertyOptions(e){return this.elementProperties.get(e)??le}static _$Ei(){if(this.hasOwnProperty(f(`elementProperties`)))return;let e=re(this);e.finalize(),e.l!==void 0&&(this.l=[...e.l]),this.elementProperties=new Map(e.elementProperties)}static finalize(){if(this.hasOwnProperty(f(`finalized`)))return;if(this.finalized=!0,this._$Ei(),this.hasOwnProperty(f(`properties`))){let e=this.properties,t=[...te(e),...ne(e)];for(let n of t)this.createProperty(n,e[n])}let e=this[Symbol.metadata];if(e!==null){let t=litPropertyMetadata.get(e);if(t!==void 0)for(let[e,n]of t)this.elementProperties.set(e,n)}this._$Eh=new Map;for(let[e,t]of this.elementProperties){let n=this._$Eu(e,t);n!==void 0&&this._$Eh.set(n,e)}this.elementStyles=this.finalizeStyles(this.styles)}static finalizeStyles(e){let t=[];if(Array.isArray(e)){let n=new Set(e.flat(1/0).reverse());for(let e of n)t.unshift(c(e))}else e!==void 0&&t.push(c(e));return t}static _$Eu(e,t){let n=t.attribute;return!1===n?void 0:typeof n==`string`?n:typeof e==`string`?e.toLowerCase():void 0}constructor(){super(),this._$Ep=void 0,this.isUpdatePending=!1,this.hasUpdated=!1,this._$Em=null,this._$Ev()}_$Ev(){this._$ES=new Promise(e=>this.enableUpdating=e),this._$AL=new Map,this._$E_(),this.requestUpdate(),this.constructor.l?.forEach(e=>e(this))}addController(e){(this._$EO??=new Set).add(e),this.renderRoot!==void 0&&this.isConnected&&e.hostConnected?.()}removeController(e){this._$EO?.delete(e)}_$E_(){let e=new Map,t=this.constructor.elementProperties;for(let n of t.keys())this.hasOwnProperty(n)&&(e.set(n,this[n]),delete this[n]);e.size>0&&(this._$Ep=e)}createRenderRoot(){let e=this.shadowRoot??this.attachShadow(this.constructor.shadowRootOptions);return s(e,this.constructor.elementStyles),e}connectedCallback(){this.renderRoot??=this.createRenderRoot(),this.enableUpdating(!0),this._$EO?.forEach(e=>e.hostConnected?.())}enableUpdating(e){}disconnectedCallback(){this._$EO?.forEach(e=>e.hostDisconnected?.())}attributeChangedCallback(e,t,n){this._$AK(e,n)}_$ET(e,t){let n=this.constructor.elementProperties.get(e),r=this.constructor._$Eu(e,n);if(r!==void 0&&!0===n.reflect){let i=(n.converter?.toAttribute===void 0?se:n.converter).toAttribute(t,n.type);this._$Em=e,i==null?this.removeAttribute(r):this.setAttribute(r,i),this._$Em=null}}_$AK(e,t){let n=this.constructor,r=n._$Eh.get(e);if(r!==void 0&&this._$Em!==r){let e=n.getPropertyOptions(r),i=typeof e.converter==`function`?{fromAttribute:e.converter}:e.converter?.fromAttribute===void 0?se:e.converter;this._$Em=r;let a=i.fromAttribute(t,e.type);this[r]=a??this._$Ej?.get(r)??a,this._$Em=null}}requestUpdate(e,t,n,r=!1,i){if(e!==void 0){let a=this.constructor;if(!1===r&&(i=this[e]),n??=a.getPropertyOptions(e),!((n.hasChanged??ce)(i,t)||n.useDefault&&n.reflect&&i===this._$Ej?.get(e)&&!this.hasAttribute(a._$Eu(e,n))))return;this.C(e,t,n)}!1===this.isUpdatePending&&(this._$ES=this._$EP())}C(e,t,{useDefault:n,reflect:r,wrapped:i},a){n&&!(this._$Ej??=new Map).has(e)&&(this._$Ej.set(e,a??t??this[e]),!0!==i||a!==void 0)||(this._$AL.has(e)||(this.hasUpdated||n||(t=void 0),this._$AL.set(e,t)),!0===r&&this._$Em!==e&&(this._$Eq??=new Set).add(e))}async _$EP(){this.isUpdatePending=!0;try{await this._$ES}catch(e){Promise.reject(e)}let e=this.scheduleUpdate();return e!=null&&await e,!this.isUpdatePending}scheduleUpdate(){return this.performUpdate()}performUpdate(){if(!this.isUpdatePending)return;if(!this.hasUpdated){if(this.renderRoot??=this.createRenderRoot(),this._$Ep){for(let[e,t]of this._$Ep)this[e]=t;this._$Ep=void 0}let e=this.constructor.elementProperties;if(e.size>0)for(let[t,n]of e){let{wrapped:e}=n,r=this[t];!0!==e||this._$AL.has(t)||r===void 0||this.C(t,void 0,n,r)}}let e=!1,t=this._$AL;try{e=this.shouldUpdate(t),e?(this.willUpdate(t),this._$EO?.forEach(e=>e.hostUpdate?.()),this.update(t)):this._$EM()}catch(t){throw e=!1,this._$EM(),t}e&&this._$AE(t)}willUpdate(e){}_$AE(e){this._$EO?.forEach(e=>e.hostUpdated?.()),this.hasUpdated||(this.hasUpdated=!0,this.firstUpdated(e)),this.updated(e)}_$EM(){this._$AL=new Map,this.isUpdatePending=!1}get updateComplete(){return this.getUpdateComplete()}getUpdateComplete(){return this._$ES}shouldUpdate(e){return!0}update(e){this._$Eq&&=this._$Eq.forEach(e=>this._$ET(e,this[e])),this._$EM()}updated(e){}firstUpdated(e){}};p.elementStyles=[],p.shadowRootOptions={mode:`open`},p[f(`elementProperties`)]=new Map,p[f(`finalized`)]=new Map,oe?.({ReactiveElement:p}),(d.reactiveElementVersions??=[]).push(`2.1.2`);var ue=globalThis,de=e=>e,m=ue.trustedTypes,fe=m?m.createPolicy(`lit-html`,{createHTML:e=>e}):void 0,pe=`$lit$`,h=`lit$${Math.random().toFixed(9).slice(2)}$`,g=`?`+h,me=`<${g}>`,_=document,v=()=>_.createComment(``),y=e=>e===null||typeof e!=`object`&&typeof e!=`function`,he=Array.isArray,ge=e=>he(e)||typeof e?.[Symbol.iterator]==`function`,b=`[ 	
\f\r]`,x=/<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g,_e=/-->/g,ve=/>/g,S=RegExp(`>|${b}(?:([^\\s"'>=/]+)(${b}*=${b}*(?:[^ \t\n\f\r"'\`<>=]|("|')|))|$)`,`g`),ye=/'/g,be=/"/g,xe=/^(?:script|style|textarea|title)$/i,Se=e=>(t,...n)=>({_$litType$:e,strings:t,values:n}),C=Se(1),w=Se(2),T=Symbol.for(`lit-noChange`),E=Symbol.for(`lit-nothing`),Ce=new WeakMap,D=_.createTreeWalker(_,129);function we(e,t){if(!he(e)||!e.hasOwnProperty(`raw`))throw Error(`invalid template strings array`);return fe===void 0?t:fe.createHTML(t)}var Te=(e,t)=>{let n=e.length-1,r=[],i,a=t===2?`<svg>`:t===3?`<math>`:``,o=x;for(let t=0;t<n;t++){let n=e[t],s,c,l=-1,u=0;for(;u<n.length&&(o.lastIndex=u,c=o.exec(n),c!==null);)u=o.lastIndex,o===x?c[1]===`!--`?o=_e:c[1]===void 0?c[2]===void 0?c[3]!==void 0&&(o=S):(xe.test(c[2])&&(i=RegExp(`</`+c[2],`g`)),o=S):o=ve:o===S?c[0]===`>`?(o=i??x,l=-1):c[1]===void 0?l=-2:(l=o.lastIndex-c[2].length,s=c[1],o=c[3]===void 0?S:c[3]===`"`?be:ye):o===be||o===ye?o=S:o===_e||o===ve?o=x:(o=S,i=void 0);let ee=o===S&&e[t+1].startsWith(`/>`)?` `:``;a+=o===x?n+me:l>=0?(r.push(s),n.slice(0,l)+pe+n.slice(l)+h+ee):n+h+(l===-2?t:ee)}return[we(e,a+(e[n]||`<?>`)+(t===2?`</svg>`:t===3?`</math>`:``)),r]},Ee=class e{constructor({strings:t,_$litType$:n},r){let i;this.parts=[];let a=0,o=0,s=t.length-1,c=this.parts,[l,u]=Te(t,n);if(this.el=e.createElement(l,r),D.currentNode=this.el.content,n===2||n===3){let e=this.el.content.firstChild;e.replaceWith(...e.childNodes)}for(;(i=D.nextNode())!==null&&c.length<s;){if(i.nodeType===1){if(i.hasAttributes())for(let e of i.getAttributeNames())if(e.endsWith(pe)){let t=u[o++],n=i.getAttribute(e).split(h),r=/([.?@])?(.*)/.exec(t);c.push({type:1,index:a,name:r[2],strings:n,ctor:r[1]===`.`?Oe:r[1]===`?`?ke:r[1]===`@`?Ae:A}),i.removeAttribute(e)}else e.startsWith(h)&&(c.push({type:6,index:a}),i.removeAttribute(e));if(xe.test(i.tagName)){let e=i.textContent.split(h),t=e.length-1;if(t>0){i.textContent=m?m.emptyScript:``;for(let n=0;n<t;n++)i.append(e[n],v()),D.nextNode(),c.push({type:2,index:++a});i.append(e[t],v())}}}else if(i.nodeType===8){if(i.data===g)c.push({type:2,index:a});else{let e=-1;for(;(e=i.data.indexOf(h,e+1))!==-1;)c.push({type:7,index:a}),e+=h.length-1}}a++}}static createElement(e,t){let n=_.createElement(`template`);return n.innerHTML=e,n}};function O(e,t,n=e,r){if(t===T)return t;let i=r===void 0?n._$Cl:n._$Co?.[r],a=y(t)?void 0:t._$litDirective$;return i?.constructor!==a&&(i?._$AO?.(!1),a===void 0?i=void 0:(i=new a(e),i._$AT(e,n,r)),r===void 0?n._$Cl=i:(n._$Co??=[])[r]=i),i!==void 0&&(t=O(e,i._$AS(e,t.values),i,r)),t}var De=class{constructor(e,t){this._$AV=[],this._$AN=void 0,this._$AD=e,this._$AM=t}get parentNode(){return this._$AM.parentNode}get _$AU(){return this._$AM._$AU}u(e){let{el:{content:t},parts:n}=this._$AD,r=(e?.creationScope??_).importNode(t,!0);D.currentNode=r;let i=D.nextNode(),a=0,o=0,s=n[0];for(;s!==void 0;){if(a===s.index){let t;s.type===2?t=new k(i,i.nextSibling,this,e):s.type===1?t=new s.ctor(i,s.name,s.strings,this,e):s.type===6&&(t=new je(i,this,e)),this._$AV.push(t),s=n[++o]}a!==s?.index&&(i=D.nextNode(),a++)}return D.currentNode=_,r}p(e){let t=0;for(let n of this._$AV)n!==void 0&&(n.strings===void 0?n._$AI(e[t]):(n._$AI(e,n,t),t+=n.strings.length-2)),t++}},k=class e{get _$AU(){return this._$AM?._$AU??this._$Cv}constructor(e,t,n,r){this.type=2,this._$AH=E,this._$AN=void 0,this._$AA=e,this._$AB=t,this._$AM=n,this.options=r,this._$Cv=r?.isConnected??!0}get parentNode(){let e=this._$AA.parentNode,t=this._$AM;return t!==void 0&&e?.nodeType===11&&(e=t.parentNode),e}get startNode(){return this._$AA}get endNode(){return this._$AB}_$AI(e,t=this){e=O(this,e,t),y(e)?e===E||e==null||e===``?(this._$AH!==E&&this._$AR(),this._$AH=E):e!==this._$AH&&e!==T&&this._(e):e._$litType$===void 0?e.nodeType===void 0?ge(e)?this.k(e):this._(e):this.T(e):this.$(e)}O(e){return this._$AA.parentNode.insertBefore(e,this._$AB)}T(e){this._$AH!==e&&(this._$AR(),this._$AH=this.O(e))}_(e){this._$AH!==E&&y(this._$AH)?this._$AA.nextSibling.data=e:this.T(_.createTextNode(e)),this._$AH=e}$(e){let{values:t,_$litType$:n}=e,r=typeof n==`number`?this._$AC(e):(n.el===void 0&&(n.el=Ee.createElement(we(n.h,n.h[0]),this.options)),n);if(this._$AH?._$AD===r)this._$AH.p(t);else{let e=new De(r,this),n=e.u(this.options);e.p(t),this.T(n),this._$AH=e}}_$AC(e){let t=Ce.get(e.strings);return t===void 0&&Ce.set(e.strings,t=new Ee(e)),t}k(t){he(this._$AH)||(this._$AH=[],this._$AR());let n=this._$AH,r,i=0;for(let a of t)i===n.length?n.push(r=new e(this.O(v()),this.O(v()),this,this.options)):r=n[i],r._$AI(a),i++;i<n.length&&(this._$AR(r&&r._$AB.nextSibling,i),n.length=i)}_$AR(e=this._$AA.nextSibling,t){for(this._$AP?.(!1,!0,t);e!==this._$AB;){let t=de(e).nextSibling;de(e).remove(),e=t}}setConnected(e){this._$AM===void 0&&(this._$Cv=e,this._$AP?.(e))}},A=class{get tagName(){return this.element.tagName}get _$AU(){return this._$AM._$AU}constructor(e,t,n,r,i){this.type=1,this._$AH=E,this._$AN=void 0,this.element=e,this.name=t,this._$AM=r,this.options=i,n.length>2||n[0]!==``||n[1]!==``?(this._$AH=Array(n.length-1).fill(new String),this.strings=n):this._$AH=E}_$AI(e,t=this,n,r){let i=this.strings,a=!1;if(i===void 0)e=O(this,e,t,0),a=!y(e)||e!==this._$AH&&e!==T,a&&(this._$AH=e);else{let r=e,o,s;for(e=i[0],o=0;o<i.length-1;o++)s=O(this,r[n+o],t,o),s===T&&(s=this._$AH[o]),a||=!y(s)||s!==this._$AH[o],s===E?e=E:e!==E&&(e+=(s??``)+i[o+1]),this._$AH[o]=s}a&&!r&&this.j(e)}j(e){e===E?this.element.removeAttribute(this.name):this.element.setAttribute(this.name,e??``)}},Oe=class extends A{constructor(){super(...arguments),this.type=3}j(e){this.element[this.name]=e===E?void 0:e}},ke=class extends A{constructor(){super(...arguments),this.type=4}j(e){this.element.toggleAttribute(this.name,!!e&&e!==E)}},Ae=class extends A{constructor(e,t,n,r,i){super(e,t,n,r,i),this.type=5}_$AI(e,t=this){if((e=O(this,e,t,0)??E)===T)return;let n=this._$AH,r=e===E&&n!==E||e.capture!==n.capture||e.once!==n.once||e.passive!==n.passive,i=e!==E&&(n===E||r);r&&this.element.removeEventListener(this.name,this,n),i&&this.element.addEventListener(this.name,this,e),this._$AH=e}handleEvent(e){typeof this._$AH==`function`?this._$AH.call(this.options?.host??this.element,e):this._$AH.handleEvent(e)}},je=class{constructor(e,t,n){this.element=e,this.type=6,this._$AN=void 0,this._$AM=t,this.options=n}get _$AU(){return this._$AM._$AU}_$AI(e){O(this,e)}},Me={M:pe,P:h,A:g,C:1,L:Te,R:De,D:ge,V:O,I:k,H:A,N:ke,U:Ae,B:Oe,F:je},Ne=ue.litHtmlPolyfillSupport;Ne?.(Ee,k),(ue.litHtmlVersions??=[]).push(`3.3.3`);var Pe=(e,t,n)=>{let r=n?.renderBefore??t,i=r._$litPart$;if(i===void 0){let e=n?.renderBefore??null;r._$litPart$=i=new k(t.insertBefore(v(),e),e,void 0,n??{})}return i._$AI(e),i},Fe=globalThis,j=class extends p{constructor(){super(...arguments),this.renderOptions={host:this},this._$Do=void 0}createRenderRoot(){let e=super.createRenderRoot();return this.renderOptions.renderBefore??=e.firstChild,e}update(e){let t=this.render();this.hasUpdated||(this.renderOptions.isConnected=this.isConnected),super.update(e),this._$Do=Pe(t,this.renderRoot,this.renderOptions)}connectedCallback(){super.connectedCallback(),this._$Do?.setConnected(!0)}disconnectedCallback(){super.disconnectedCallback(),this._$Do?.setConnected(!1)}render(){return T}};j._$litElement$=!0,j.finalized=!0,Fe.litElementHydrateSupport?.({LitElement:j});var Ie=Fe.litElementPolyfillSupport;Ie?.({LitElement:j}),(Fe.litElementVersions??=[]).push(`4.2.2`);var M=class extends Error{code;detail;retryAfter;constructor(e,t=``,n=null){super(`${e}: ${t}`),this.code=e,this.detail=t,this.retryAfter=n}get passes(){return Le.has(this.code)}},Le=new Set([`request_timeout`,`stage_unavailable`,`stage_failed`,`overloaded`,`deadline_exceeded`,`cancelled`,`not_ready`,`rate_limited`,`storage_full`,`internal`,`offline`,`picture_missing`]);function N(e){return new M(e.code,e.detail)}function Re(e,t,n){let r=Number.parseInt(n??``,10),i=Number.isNaN(r)?null:r;try{let e=JSON.parse(t);if(typeof e.code==`string`)return new M(e.code,e.detail,i)}catch{}return new M(e===503||e===502?`stage_unavailable`:`internal`,`HTTP ${e}`,i)}function P(e){return e instanceof M?e:e instanceof TypeError||e instanceof DOMException&&e.name===`NetworkError`?new M(`offline`,String(e)):new M(`internal`,String(e))}var ze=100,Be=`image/webp,image/jpeg;q=0.9,image/png;q=0.8,application/json;q=0.7`,F=class{base;source;#e=null;constructor(e,t){this.base=e,this.source=t}async all(e){let t=[],n=``;for(;n!=null;){let r=new URLSearchParams({limit:String(ze),...n&&{cursor:n}}).toString(),i=await this.json(`GET`,`/v1/${e}?${r}`);t.push(...i.items),n=i.next}return t}photo(e,t){return this.json(`GET`,`/v1/${e}/${t}`)}fitting(e){return this.json(`GET`,`/v1/fittings/${e}`)}fit(e,t,n){return this.json(`POST`,`/v1/fittings`,{person_id:e,garment_id:t},{"Idempotency-Key":n})}cancel(e){return this.json(`POST`,`/v1/fittings/${e}/cancel`)}select(e,t){return this.json(t?`POST`:`DELETE`,`/v1/fittings/${e}/selection`)}links(e){return this.json(`POST`,`/v1/fittings/${e}/links`,{expires_in:900})}async remove(e,t){try{await this.#r(`DELETE`,`/v1/${e}/${t}`)}catch(e){if(!(e instanceof M&&e.code===`not_found`))throw e}}async picture(e,t=null){return(await this.#r(`GET`,t===null?e:`${e}?size=${t}`,{Accept:Be})).blob()}async upload(e,t,n,r=()=>{}){let i=new FormData;return i.set(`image`,t,`photo`),n.reference&&i.set(`reference`,n.reference),n.category&&i.set(`category`,n.category),this.#n(async()=>this.#i(`/v1/${e}`,i,await this.#t(),n.key,r))}async json(e,t,n,r={}){let i=n===void 0?r:{...r,"Content-Type":`application/json`};return await(await this.#r(e,t,i,n===void 0?null:JSON.stringify(n))).json()}#t(){return this.#e??=this.source(),this.#e}async#n(e){try{return await e()}catch(e){let t=P(e);if(t.code!==`unauthorized`)throw t}this.#e=null;try{return await e()}catch(e){throw this.#e=null,P(e)}}#r(e,t,n={},r=null){return this.#n(async()=>{let i=`Bearer ${await this.#t()}`,a=await fetch(this.base+t,{method:e,body:r,headers:{...n,Authorization:i}});if(a.ok)return a;throw Re(a.status,await a.text(),a.headers.get(`Retry-After`))})}#i(e,t,n,r,i){return new Promise((a,o)=>{let s=new XMLHttpRequest;s.open(`POST`,this.base+e),s.setRequestHeader(`Authorization`,`Bearer ${n}`),s.setRequestHeader(`Idempotency-Key`,r),s.upload.onprogress=e=>{e.lengthComputable&&i(e.loaded/e.total)},s.onerror=()=>o(new M(`offline`)),s.onload=()=>{s.status<300?a(JSON.parse(s.responseText)):o(Re(s.status,s.responseText,s.getResponseHeader(`Retry-After`)))},s.send(t)})}},I=[`openpose`,`parse`,`densepose`,`clothmask`,`agnostic`,`hrviton`];function L(e){return e.state===`succeeded`||e.state===`failed`||e.state===`cancelled`}var Ve={camera:`M4 8h3l2-3h6l2 3h3v11H4zM12 10a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z`,check:`M5 12.5l4.5 4.5L19 7.5`,chevron:`M9 5l7 7-7 7`,close:`M6 6l12 12M18 6L6 18`,down:`M12 4v11m-5-4.5l5 5 5-5M5 20h14`,expand:`M9 4H4v5M15 4h5v5M9 20H4v-5M15 20h5v-5`,file:`M4 5h16v14H4zM4 16l5-5 4 4 2.5-2.5L20 17M15.5 9.5h.01`,grid:`M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z`,hanger:`M12 9V8a2.2 2.2 0 1 0-2.2-2.2M12 9L3.5 15.5A1.4 1.4 0 0 0 4.3 18h15.4a1.4 1.4 0 0 0 .8-2.5z`,heart:`M12 20S4 15 4 9.3A4.3 4.3 0 0 1 12 7a4.3 4.3 0 0 1 8 2.3C20 15 12 20 12 20z`,minus:`M11 5a6 6 0 1 1 0 12 6 6 0 0 1 0-12zM15.5 15.5L20 20M8.5 11h5`,mirror:`M7 3h10v14H7zM12 17v4M8.5 21h7M10 7l3-1.5M10 11l4.5-2.5`,person:`M12 4a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM6 20v-3a5 5 0 0 1 5-5h2a5 5 0 0 1 5 5v3`,plus:`M11 5a6 6 0 1 1 0 12 6 6 0 0 1 0-12zM15.5 15.5L20 20M8.5 11h5M11 8.5v5`,search:`M11 5a6 6 0 1 1 0 12 6 6 0 0 1 0-12zM15.5 15.5L20 20`,tag:`M4 4h8l8 8-8 8-8-8zM8.5 8.5h.01`,trash:`M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5`,warning:`M12 4l9 16H3zM12 10v5M12 17.5h.01`};function R(e,t=!1){return C`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${w`<path d=${Ve[e]} fill=${t?`currentColor`:`none`}></path>`}</svg>`}var He={ui:{room:`Fitting room`,loading:`Opening the fitting room…`,try:`Try on`,retry:`Try again`,close:`Close`,cancel:`Cancel`,back:`Back`,delete:`Delete`,dismiss:`Dismiss`,changePhoto:`Change photo`,offline:`You are offline. What is running goes on; it shows here when you are back.`,photoTitle:`Choose a photo of yourself`,photoLead:`One photo is enough for everything you try on.`,photoUse:`Use this photo`,photoGood:`Good`,photoBad:`Not so good`,goodFront:`Facing the camera, arms a little away from the body`,goodLight:`Even light, plain background`,badCropped:`Hips or shoulders cut off`,badTurned:`From the side`,badSeveral:`Somebody else in the picture`,badDark:`Too dark, or against the light`,photoFile:`Choose a file`,photoCamera:`Take a photo`,photoExamples:`Or try it with one of these people`,examplePerson:`Example person {n}`,photoKeep:`Your photo is used for your fittings alone. It is deleted after {hours} hours, the pictures of you wearing things after {days} days, or at once when you say so.`,photoUploading:`Sending your photo`,photoChecking:`Looking at your photo`,photoKept:`Your photos`,photoAlt:`The photo of yourself that you chose`,photoWaiting:`Then we put {title} on you.`,cameraTitle:`Take a photo`,cameraHint:`Step back until your shoulders and hips are in the frame.`,cameraTake:`Take it now`,cameraTimer:`In 5 seconds`,cameraCount:`{n}`,cameraView:`What the camera sees`,garmentUploading:`Sending the garment's photo`,fittingEmpty:`Choose something to try on`,fittingEmptyLead:`Tap “Try on” at any listing. It shows here on you.`,fittingOf:`You in {title}`,fittingProgress:`Trying on {title}`,fittingQueued:`Waiting for its turn`,fittingUsual:`This usually takes about {seconds} seconds.`,fittingUsualFirst:`This usually takes a few seconds.`,fittingLong:`It takes longer than usual. You can leave this page: it goes on and is here when you come back.`,fittingElapsed:`{seconds} s`,fittingStop:`Stop`,fittingDone:`Done: you in {title}.`,wipe:`Before and after`,wipeValue:`{percent} % of the picture shows you in the garment`,before:`Before`,after:`After`,zoomIn:`Zoom in`,zoomOut:`Zoom out`,zoomed:`The picture, enlarged {factor} times`,fullSize:`Full size`,fullSizeAlt:`You in {title}, at your photo's full size`,save:`Save picture`,twelve:`How it was made`,twelveLead:`The twelve pictures of this fitting: what each step saw and made.`,twelveAlt:`Twelve pictures on one sheet`,favourite:`Favourite`,favouriteAdd:`Add {title} to the favourites`,favouriteRemove:`Remove {title} from the favourites`,choose:`I choose this`,chosen:`Chosen`,remove:`Remove`,removeOf:`Remove the fitting of {title}`,history:`Tried on so far`,historyOpen:`Show {title}`,single:`One by one`,compare:`Side by side`,compareEmpty:`Nothing to compare yet. Try on two things or more.`,onlyFavourites:`Favourites only`,compareNoFavourites:`No favourites yet. The heart of a fitting makes it one.`,forget:`Delete everything of mine now`,forgetTitle:`Delete everything?`,forgetText:`Your photos, all pictures of you and everything you uploaded here go at once. This cannot be undone.`,forgetYes:`Yes, delete everything`,forgotten:`Everything of yours is deleted.`,forgetting:`Deleting…`,warnings:`Good to know`,unknownGarment:`Garment`,gone:`This picture is no longer kept.`,check:`Sell a garment`,checkLead:`Put in a photo of it, laid flat or on a hanger. You see at once what buyers will be able to try on.`,checkFile:`Choose the garment's photo`,checkReading:`Looking at the garment`,checkSeen:`What we see`,checkKind:`Garment`,checkPhoto:`Photographed`,checkView:`Side`,checkSure:`{percent} % sure`,checkCategory:`What do you sell?`,checkCategoryHint:`Correct it here if the photo was read wrongly.`,checkShow:`Show`,showPhoto:`Photo`,showMask:`Cut-out`,showParts:`Parts`,showLandmarks:`Points`,checkPicture:`The garment's photo: {view}`,checkAgain:`Another photo`,checkGood:`This photo can be used.`},stages:{openpose:`Finding your pose`,parse:`Telling body and clothes apart`,densepose:`Measuring your shape`,clothmask:`Cutting out the garment`,agnostic:`Making room for the garment`,hrviton:`Putting it on you`},states:{queued:`waiting`,running:`at work`,succeeded:`done`,failed:`did not work`,cancelled:`stopped`},kinds:{top:`Top`,outerwear:`Jacket or coat`,dress:`Dress`,trousers:`Trousers`,shorts:`Shorts`,skirt:`Skirt`,other:`Something else`,several:`Several garments`},photos:{flat:`laid flat`,hanger:`on a hanger`,mannequin:`on a mannequin`,worn:`worn by somebody`,folded:`folded`},sides:{front:`front`,back:`back`},categories:{auto:`As the photo shows`,tops:`Tops and jackets`,bottoms:`Trousers and skirts`,"one-pieces":`Dresses and jumpsuits`},problems:{invalid_request:[`That did not work.`,`Please try again. If it happens again, tell the market.`],headers_too_large:[`The address of this page is too long.`,`Open the page anew.`],body_too_large:[`This file is too large.`,`Choose a photo of less than 25 MB.`],request_timeout:[`The connection is too slow.`,`Try again where the reception is better.`],unsupported_image:[`We cannot read this file.`,`Choose a photo: JPEG, PNG, WebP or HEIC.`],image_too_large:[`This picture is too large.`,`Choose a smaller one, or take a new photo.`],image_too_small:[`This picture is too small.`,`Choose a larger one: at least 128 pixels on each side.`],no_person_found:[`We see nobody in this photo.`,`Choose a photo that shows you from head to hips or knees.`],several_people:[`There is somebody else in this photo.`,`Choose a photo of you alone, or cut the others off.`],body_not_visible:[`Your upper body is not all in the photo.`,`Step back until shoulders and hips are in it.`],person_too_small:[`You are very small in this photo.`,`Come closer, or cut off what is around you.`],person_not_upright:[`You are not upright in this photo.`,`Stand straight, and turn the photo the right way up.`],no_garment_found:[`We see no garment in this photo.`,`Lay it flat or hang it up, before a plain background.`],unsupported_garment:[`This cannot be tried on yet.`,`Choose another product.`],several_garments:[`There are several garments in this photo.`,`Use a photo that shows one garment alone.`],garment_folded:[`The garment is folded.`,`Spread it out, so that its whole shape is to be seen.`],garment_worn:[`Somebody is wearing the garment.`,`Use a photo of the garment alone, laid flat or on a hanger.`],stage_unavailable:[`A part of the fitting room is away for a moment.`,`Try again in a minute.`],stage_failed:[`A part of the fitting room failed.`,`Try again. If it happens again, try another photo.`],weights_missing:[`The fitting room is not set up completely.`,`Please tell the market.`],overloaded:[`Many people are trying things on now.`,`Try again in a moment.`],deadline_exceeded:[`This took too long.`,`Try again in a moment.`],cancelled:[`You stopped this fitting.`,`Start it again whenever you like.`],not_found:[`This is no longer there.`,`It was deleted, or its time is over. Choose your photo anew.`],not_ready:[`This is not finished yet.`,`It shows here as soon as it is.`],not_acceptable:[`Your browser takes none of our pictures.`,`Use a newer browser.`],unauthorized:[`Your visit has ended.`,`Open the page again.`],forbidden:[`You may not do that here.`,`Sign in to the market again.`],rate_limited:[`That was a lot at once.`,`Wait a moment, then try again.`],conflict:[`This has changed in the meantime.`,`Open the page again, and look once more.`],quota_exceeded:[`Your fitting room is full.`,`Remove fittings or photos that you no longer need.`],storage_full:[`There is no room for new pictures now.`,`Try again later.`],internal:[`Something went wrong on our side.`,`Try again in a moment.`],offline:[`There is no connection.`,`Look at your network. Nothing is lost: try again when you are back.`],camera_denied:[`The camera is blocked.`,`Allow it in your browser's settings, or choose a file.`],camera_missing:[`We find no camera.`,`Choose a file instead.`],picture_missing:[`This picture did not come.`,`Try again in a moment.`],person_not_frontal:[`We do not see you from the front.`,`Face the camera, and take the photo again.`],person_seated:[`You are not standing in this photo.`,`Stand upright, and take the photo again.`],image_unreachable:[`The picture's address does not answer.`,`Try again, or choose a file instead.`]},warnings:{joints_missing:`Some of your body is hidden. The garment may sit oddly there.`,kind_doubtful:`We are not sure what kind of garment this is. The seller can say.`,category_doubtful:`The photo looks like something else than the listing says. We believe the listing.`,low_confidence:`The photo is hard to read. A clearer one gives a better picture.`,garment_uncertain:`The garment's outline is uncertain. A plain background helps.`,legs_hidden:`A part of your legs is hidden. The lower edge of the garment is guessed.`,pose_difficult:`You are turned to the side. A photo from the front fits better.`,several_people_found:`Somebody else is in the background. We dressed the person in front.`,head_cropped:`Your head is cut off by the photo's edge. The fitting works all the same.`,photo_reduced:`The photo was very large; we made it smaller.`,too_dark:`The photo is very dark. In more light the garment's colours come out right.`,file_ignored:`More than one file came; we used the first.`,end_missing:`The end of the file is missing. If the picture looks wrong, send it again.`},market:{title:`VF Market`,tagline:`Second-hand, tried on`,shop:`Browse`,room:`Fitting room`,sell:`Sell`,pages:`Pages`,language:`Language`,search:`Search listings`,found:`Listings: {n}`,nothing:`Nothing found for “{query}”.`,seller:`from {name}`,yours:`Your listing`,price:`Price in won`,name:`Title`,list:`List it`,listed:`Listed. Buyers can try it on now.`,gateTitle:`Open the fitting room`,gateText:`Open the link that ./vf up printed, or paste the key of var/key here.`,gateKey:`Key`,gateOpen:`Open`,gateWrong:`This key does not open it.`,note:`A demo. The people and garments of the samples are drawn by a computer.`}},Ue={ui:{room:`피팅룸`,loading:`피팅룸을 여는 중…`,try:`입어 보기`,retry:`다시 시도`,close:`닫기`,cancel:`취소`,back:`뒤로`,delete:`삭제`,dismiss:`닫기`,changePhoto:`사진 바꾸기`,offline:`인터넷에 연결되어 있지 않습니다. 진행 중인 작업은 계속되며, 다시 연결되면 여기에 표시됩니다.`,photoTitle:`내 사진을 골라 주세요`,photoLead:`사진 한 장이면 모든 옷을 입어 볼 수 있습니다.`,photoUse:`이 사진 사용`,photoGood:`좋은 예`,photoBad:`아쉬운 예`,goodFront:`정면을 보고 팔을 몸에서 살짝 뗀 자세`,goodLight:`고른 빛과 단순한 배경`,badCropped:`어깨나 엉덩이가 잘린 사진`,badTurned:`옆에서 찍은 사진`,badSeveral:`다른 사람이 함께 나온 사진`,badDark:`너무 어둡거나 역광인 사진`,photoFile:`파일 선택`,photoCamera:`사진 찍기`,photoExamples:`예시 인물로 먼저 해 볼 수도 있어요`,examplePerson:`예시 인물 {n}`,photoKeep:`사진은 고객님의 피팅에만 사용됩니다. 사진은 {hours}시간 뒤, 옷을 입은 모습은 {days}일 뒤에 삭제되며, 원하시면 지금 바로 삭제됩니다.`,photoUploading:`사진을 보내는 중`,photoChecking:`사진을 살펴보는 중`,photoKept:`내 사진들`,photoAlt:`내가 고른 내 사진`,photoWaiting:`사진을 고르면 {title}을(를) 입혀 드립니다.`,cameraTitle:`사진 찍기`,cameraHint:`어깨와 엉덩이가 화면에 들어올 때까지 뒤로 물러나 주세요.`,cameraTake:`지금 찍기`,cameraTimer:`5초 뒤에 찍기`,cameraCount:`{n}`,cameraView:`카메라 화면`,garmentUploading:`상품 사진을 보내는 중`,fittingEmpty:`입어 볼 옷을 골라 주세요`,fittingEmptyLead:`상품의 ‘입어 보기’를 누르면 여기에 입은 모습이 나타납니다.`,fittingOf:`{title} 입은 모습`,fittingProgress:`{title} 입혀 보는 중`,fittingQueued:`순서를 기다리는 중`,fittingUsual:`보통 {seconds}초쯤 걸립니다.`,fittingUsualFirst:`보통 몇 초면 끝납니다.`,fittingLong:`평소보다 오래 걸리고 있습니다. 페이지를 나가도 계속 진행되며, 돌아오면 결과가 여기에 있습니다.`,fittingElapsed:`{seconds}초`,fittingStop:`중지`,fittingDone:`완료: {title} 입은 모습입니다.`,wipe:`전후 비교`,wipeValue:`화면의 {percent}%가 옷을 입은 모습입니다`,before:`전`,after:`후`,zoomIn:`확대`,zoomOut:`축소`,zoomed:`{factor}배로 확대한 사진`,fullSize:`원본 크기`,fullSizeAlt:`원본 크기로 본 {title} 입은 모습`,save:`사진 저장`,twelve:`만들어진 과정`,twelveLead:`이번 피팅의 사진 열두 장입니다. 단계마다 무엇을 보고 무엇을 만들었는지 보여 줍니다.`,twelveAlt:`사진 열두 장을 모은 그림`,favourite:`찜`,favouriteAdd:`{title} 찜하기`,favouriteRemove:`{title} 찜 해제`,choose:`이걸로 할게요`,chosen:`선택함`,remove:`지우기`,removeOf:`{title} 피팅 지우기`,history:`지금까지 입어 본 옷`,historyOpen:`{title} 보기`,single:`하나씩`,compare:`나란히 보기`,compareEmpty:`아직 비교할 옷이 없습니다. 두 벌 이상 입어 보세요.`,onlyFavourites:`찜한 옷만`,compareNoFavourites:`아직 찜한 옷이 없습니다. 하트를 누르면 찜할 수 있습니다.`,forget:`내 정보 지금 모두 삭제`,forgetTitle:`모두 삭제할까요?`,forgetText:`올린 사진, 옷을 입은 모습, 올린 상품 사진이 모두 바로 삭제됩니다. 되돌릴 수 없습니다.`,forgetYes:`네, 모두 삭제합니다`,forgotten:`고객님의 정보를 모두 삭제했습니다.`,forgetting:`삭제하는 중…`,warnings:`참고하세요`,unknownGarment:`상품`,gone:`보관 기간이 지난 사진입니다.`,check:`옷 판매하기`,checkLead:`옷을 펼치거나 옷걸이에 건 사진을 올려 주세요. 구매자가 입어 볼 수 있는지 바로 알려 드립니다.`,checkFile:`상품 사진 선택`,checkReading:`옷을 살펴보는 중`,checkSeen:`이렇게 보입니다`,checkKind:`종류`,checkPhoto:`촬영 방법`,checkView:`보이는 면`,checkSure:`확신 {percent}%`,checkCategory:`무엇을 판매하시나요?`,checkCategoryHint:`사진을 잘못 알아보았다면 여기에서 고쳐 주세요.`,checkShow:`보기`,showPhoto:`사진`,showMask:`오려 낸 모양`,showParts:`부위`,showLandmarks:`기준점`,checkPicture:`상품 사진: {view}`,checkAgain:`다른 사진`,checkGood:`사용할 수 있는 사진입니다.`},stages:{openpose:`자세를 찾는 중`,parse:`몸과 옷을 구분하는 중`,densepose:`체형을 재는 중`,clothmask:`옷을 오려 내는 중`,agnostic:`옷이 놓일 자리를 만드는 중`,hrviton:`옷을 입히는 중`},states:{queued:`대기 중`,running:`진행 중`,succeeded:`완료`,failed:`실패`,cancelled:`중지됨`},kinds:{top:`상의`,outerwear:`재킷·코트`,dress:`원피스`,trousers:`긴바지`,shorts:`반바지`,skirt:`치마`,other:`기타`,several:`여러 벌`},photos:{flat:`펼쳐 놓음`,hanger:`옷걸이에 걺`,mannequin:`마네킹 착용`,worn:`사람이 입음`,folded:`접혀 있음`},sides:{front:`앞면`,back:`뒷면`},categories:{auto:`사진에 보이는 대로`,tops:`상의·재킷`,bottoms:`바지·치마`,"one-pieces":`원피스·점프슈트`},problems:{invalid_request:[`요청을 처리하지 못했습니다.`,`다시 시도해 주세요. 계속되면 마켓에 알려 주세요.`],headers_too_large:[`페이지 주소가 너무 깁니다.`,`페이지를 새로 열어 주세요.`],body_too_large:[`파일이 너무 큽니다.`,`25MB보다 작은 사진을 골라 주세요.`],request_timeout:[`연결이 너무 느립니다.`,`신호가 더 좋은 곳에서 다시 시도해 주세요.`],unsupported_image:[`읽을 수 없는 파일입니다.`,`JPEG, PNG, WebP, HEIC 사진을 골라 주세요.`],image_too_large:[`사진이 너무 큽니다.`,`더 작은 사진을 고르거나 새로 찍어 주세요.`],image_too_small:[`사진이 너무 작습니다.`,`가로와 세로가 128픽셀 이상인 사진을 골라 주세요.`],no_person_found:[`사진에서 사람을 찾지 못했습니다.`,`머리부터 엉덩이나 무릎까지 나온 사진을 골라 주세요.`],several_people:[`사진에 다른 사람이 함께 있습니다.`,`혼자 나온 사진을 고르거나 다른 사람을 잘라 내 주세요.`],body_not_visible:[`상반신이 다 보이지 않습니다.`,`어깨와 엉덩이가 모두 나오도록 뒤로 물러나 찍어 주세요.`],person_too_small:[`사진 속 모습이 너무 작습니다.`,`더 가까이에서 찍거나 주변을 잘라 내 주세요.`],person_not_upright:[`똑바로 선 모습이 아닙니다.`,`바르게 서서 찍고, 사진이 돌아가 있지 않은지 확인해 주세요.`],no_garment_found:[`사진에서 옷을 찾지 못했습니다.`,`단순한 배경에서 펼치거나 옷걸이에 걸어 찍어 주세요.`],unsupported_garment:[`이 상품은 아직 입어 볼 수 없습니다.`,`다른 상품을 골라 주세요.`],several_garments:[`사진에 옷이 여러 벌 있습니다.`,`한 벌만 나온 사진을 사용해 주세요.`],garment_folded:[`옷이 접혀 있습니다.`,`전체 모양이 보이도록 펼쳐 주세요.`],garment_worn:[`사람이 옷을 입고 있습니다.`,`펼치거나 옷걸이에 건 옷만 나온 사진을 사용해 주세요.`],stage_unavailable:[`피팅룸 일부가 잠시 멈췄습니다.`,`1분쯤 뒤에 다시 시도해 주세요.`],stage_failed:[`피팅룸 일부에 문제가 생겼습니다.`,`다시 시도해 주세요. 계속되면 다른 사진을 써 보세요.`],weights_missing:[`피팅룸 준비가 덜 되었습니다.`,`마켓에 알려 주세요.`],overloaded:[`지금 많은 분이 입어 보고 있습니다.`,`잠시 뒤에 다시 시도해 주세요.`],deadline_exceeded:[`시간이 너무 오래 걸렸습니다.`,`잠시 뒤에 다시 시도해 주세요.`],cancelled:[`피팅을 중지했습니다.`,`원하실 때 다시 시작할 수 있습니다.`],not_found:[`더 이상 없는 항목입니다.`,`삭제되었거나 보관 기간이 지났습니다. 사진을 다시 골라 주세요.`],not_ready:[`아직 끝나지 않았습니다.`,`끝나면 바로 여기에 표시됩니다.`],not_acceptable:[`이 브라우저에서는 사진을 볼 수 없습니다.`,`최신 브라우저를 사용해 주세요.`],unauthorized:[`이용 시간이 끝났습니다.`,`페이지를 다시 열어 주세요.`],forbidden:[`여기에서는 할 수 없는 일입니다.`,`마켓에 다시 로그인해 주세요.`],rate_limited:[`한꺼번에 너무 많이 요청했습니다.`,`잠시 기다렸다가 다시 시도해 주세요.`],conflict:[`그사이 내용이 바뀌었습니다.`,`페이지를 다시 열어 확인해 주세요.`],quota_exceeded:[`피팅룸이 가득 찼습니다.`,`필요 없는 피팅이나 사진을 지워 주세요.`],storage_full:[`지금은 새 사진을 저장할 공간이 없습니다.`,`나중에 다시 시도해 주세요.`],internal:[`저희 쪽에 문제가 생겼습니다.`,`잠시 뒤에 다시 시도해 주세요.`],offline:[`인터넷에 연결되어 있지 않습니다.`,`네트워크를 확인해 주세요. 잃어버린 것은 없으니 연결되면 다시 시도해 주세요.`],camera_denied:[`카메라가 차단되어 있습니다.`,`브라우저 설정에서 허용하거나 파일을 골라 주세요.`],camera_missing:[`카메라를 찾지 못했습니다.`,`대신 파일을 골라 주세요.`],picture_missing:[`사진을 불러오지 못했습니다.`,`잠시 뒤에 다시 시도해 주세요.`],person_not_frontal:[`정면 모습이 아닙니다.`,`카메라를 바라보고 다시 찍어 주세요.`],person_seated:[`서 있는 모습이 아닙니다.`,`바르게 서서 다시 찍어 주세요.`],image_unreachable:[`사진 주소가 응답하지 않습니다.`,`다시 시도하거나 파일을 골라 주세요.`]},warnings:{joints_missing:`몸의 일부가 가려져 있어 그 부분이 어색할 수 있습니다.`,kind_doubtful:`옷의 종류가 확실하지 않습니다. 판매자가 알려 줄 수 있습니다.`,category_doubtful:`사진이 상품 설명과 달라 보입니다. 상품 설명을 따랐습니다.`,low_confidence:`사진을 알아보기 어렵습니다. 더 또렷한 사진이면 결과가 좋아집니다.`,garment_uncertain:`옷의 윤곽이 확실하지 않습니다. 배경이 단순하면 좋습니다.`,legs_hidden:`다리 일부가 가려져 있어요. 옷의 아래쪽은 짐작해서 그렸어요.`,pose_difficult:`몸이 옆으로 돌아가 있습니다. 정면 사진이 더 잘 맞습니다.`,several_people_found:`뒤에 다른 사람이 있습니다. 앞에 있는 분께 입혔습니다.`,head_cropped:`머리가 사진 밖으로 잘렸습니다. 피팅에는 문제가 없습니다.`,photo_reduced:`사진이 매우 커서 크기를 줄였습니다.`,too_dark:`사진이 매우 어둡습니다. 더 밝은 곳에서 찍으면 옷 색이 제대로 나옵니다.`,file_ignored:`파일이 여러 개 와서 첫 번째 것을 사용했습니다.`,end_missing:`파일 끝부분이 없습니다. 사진이 이상해 보이면 다시 보내 주세요.`},market:{title:`VF 마켓`,tagline:`입어 보고 사는 중고 옷`,shop:`둘러보기`,room:`피팅룸`,sell:`판매`,pages:`페이지`,language:`언어`,search:`상품 검색`,found:`상품 {n}개`,nothing:`‘{query}’에 대한 상품이 없습니다.`,seller:`판매자 {name}`,yours:`내가 올린 상품`,price:`가격(원)`,name:`상품 이름`,list:`판매 등록`,listed:`등록했습니다. 이제 구매자가 입어 볼 수 있습니다.`,gateTitle:`피팅룸 열기`,gateText:`./vf up이 보여 준 링크를 열거나, var/key 파일의 키를 붙여 넣어 주세요.`,gateKey:`키`,gateOpen:`열기`,gateWrong:`이 키로는 열 수 없습니다.`,note:`데모입니다. 예시 인물과 옷은 컴퓨터로 그린 것입니다.`}},We={en:He,ko:{...Ue,problems:Ue.problems}};function Ge(e,t){return[e,...t].map(e=>e.toLowerCase().split(`-`)[0]).find(e=>e===`en`||e===`ko`)??`en`}function z(e){return We[e]}function Ke(e,t={}){return e.replace(/\{(\w+)\}/g,(e,n)=>String(t[n]??e))}function qe(e,t,n=``){let[r=``,i=``]=e.problems[t]??[n||e.problems.internal[0],e.problems.internal[1]];return{what:r,advice:i}}function Je(e,t,n){return e.warnings[t]??n}function Ye(e,t){return new Intl.NumberFormat(e,{style:`currency`,currency:`KRW`,maximumFractionDigits:0}).format(t)}function B(e,t,n={}){let{what:r,advice:i}=qe(e,t.code,t.detail),a=t.passes?n.retry:void 0;return C`<div class="notice" role="alert" data-code=${t.code}>
    ${R(`warning`)}
    <div>
      <strong>${r}</strong>
      <span>${i}</span>
      ${a||n.dismiss?C`<div class="row">
              ${a?C`<button class="primary" @click=${a}>${e.ui.retry}</button>`:E}
              ${n.dismiss?C`<button @click=${n.dismiss}>${e.ui.dismiss}</button>`:E}
            </div>`:E}
    </div>
  </div>`}var Xe=o`
  :host { display: block; container-type: inline-size; background: var(--_background); }
  .room { padding: 16px; }
  .tight { gap: 8px; }
  .guidance { display: grid; grid-template-columns: repeat(3, 1fr); gap: 10px; }
  .guidance li { position: relative; display: grid; gap: 6px; align-content: start; font-size: 0.8125rem; line-height: 1.35; color: var(--_muted); }
  .drawing { width: 100%; border-radius: 10px; border: 1px solid var(--_line); }
  .wall { fill: light-dark(#f4f2ec, #2c2f2a); }
  .body circle, .other circle, .skin { fill: light-dark(#e3b99b, #b98a6b); }
  .shirt, .arm { fill: light-dark(#5a9680, #5fa58b); }
  .arm { stroke: light-dark(#3f7662, #3d7d66); stroke-width: 2; fill: none; }
  .legs { fill: light-dark(#586373, #75849a); }
  .other { opacity: 0.75; }
  .other .shirt { fill: light-dark(#c48a5a, #b58057); }
  .sun { fill: light-dark(#eab949, #e5bd62); }
  .rays { stroke: light-dark(#eab949, #e5bd62); stroke-width: 1.6; stroke-linecap: round; }
  .dark .wall { fill: #22231f; }
  .dark circle { fill: #4a3a30; }
  .dark .shirt { fill: #2c4038; }
  .dark .legs { fill: #2b3038; }
  .mark { position: absolute; top: 6px; right: 6px; display: grid; place-items: center; width: 24px; height: 24px; border-radius: 50%; color: #fff; }
  .mark .icon { width: 16px; height: 16px; stroke-width: 2.6; }
  .good .mark { background: #17624a; }
  .bad .mark { background: #a3271d; }
  .faces { display: flex; gap: 10px; overflow-x: auto; padding: 4px; margin: -4px; }
  .face { padding: 0; border-radius: 12px; overflow: hidden; width: 84px; height: 112px; flex: none; }
  .face img, .face vf-picture { width: 100%; height: 100%; object-fit: cover; display: block; }
  .head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 10px; }
  .me { padding: 4px 10px 4px 4px; border-radius: 12px; font-size: 0.875rem; }
  .me vf-picture { width: 36px; height: 44px; border-radius: 9px; }
  .tabs { display: inline-flex; padding: 3px; border-radius: 99px; background: var(--vf-well); }
  .tabs button { min-height: 38px; padding: 6px 12px; border: 0; background: none; font-size: 0.875rem; }
  .tabs button[aria-pressed="true"] { background: var(--_surface); box-shadow: 0 1px 3px rgb(0 0 0 / 0.14); }
  .empty { display: grid; justify-items: center; gap: 8px; padding: 56px 16px; text-align: center; }
  .empty > .icon { width: 52px; height: 52px; color: var(--_muted); stroke-width: 1.1; }
  .stage { position: relative; }
  @media (min-width: 960px) { .stage { width: 100%; max-width: max(280px, (100dvh - 370px) * 0.75); justify-self: center; } }
  .stage .alone { aspect-ratio: 3 / 4; border-radius: var(--vf-radius); }
  .tools { position: absolute; right: 10px; top: 46px; display: grid; gap: 8px; }
  .tools button { border-color: transparent; background: rgb(20 20 18 / 0.62); color: #fff; }
  .tools button:hover { background: rgb(20 20 18 / 0.8); }
  .tools button:disabled { opacity: 0.35; }
  .choose[aria-pressed="true"] { background: var(--_tint); color: var(--_accent); }
  .stages { display: grid; gap: 10px; list-style: none; margin: 0; padding: 0; color: var(--_muted); }
  .stages li { display: flex; align-items: center; gap: 10px; }
  .stages .dot { display: grid; place-items: center; width: 24px; height: 24px; flex: none; border: 2px solid var(--_line); border-radius: 50%; }
  .stages .dot .icon { width: 14px; height: 14px; stroke-width: 3; }
  .stages .running { color: var(--_text); font-weight: 550; }
  .stages .running .dot, .spinner { border-color: var(--_accent) var(--_line) var(--_line); animation: turn 1s linear infinite; }
  .stages .done .dot { border-color: var(--_accent); background: var(--_accent); color: var(--_on-accent); }
  @keyframes turn { to { transform: rotate(1turn); } }
  .spinner { width: 24px; height: 24px; border: 2px solid var(--_line); border-radius: 50%; border-top-color: var(--_accent); }
  .time { font-variant-numeric: tabular-nums; }
  .notice ul { display: grid; gap: 4px; }
  .history { display: grid; gap: 6px; }
  .history ul { display: flex; gap: 8px; overflow-x: auto; padding: 4px; margin: -4px; }
  .thumb { position: relative; width: 66px; height: 88px; padding: 0; overflow: hidden; border-radius: 10px; flex: none; }
  .thumb[aria-current="true"] { box-shadow: 0 0 0 3px var(--_accent); border-color: transparent; }
  .thumb vf-picture { width: 100%; height: 100%; }
  .blank { color: var(--_muted); }
  .badge { position: absolute; right: 4px; bottom: 4px; display: grid; place-items: center; width: 22px; height: 22px; border-radius: 50%; background: var(--_accent); color: var(--_on-accent); }
  .badge .icon { width: 14px; height: 14px; stroke-width: 3; }
  .tick { display: inline-flex; align-items: center; gap: 8px; min-height: 44px; justify-self: start; cursor: pointer; }
  .tick input { width: 20px; height: 20px; margin: 0; accent-color: var(--_accent); }
  .compared { display: grid; grid-template-columns: repeat(2, 1fr); gap: 12px; }
  @container (min-width: 640px) { .compared { grid-template-columns: repeat(3, 1fr); } }
  .compared li { display: grid; gap: 8px; align-content: start; overflow: hidden; padding-bottom: 10px; }
  .compared .open { padding: 0; border: 0; border-radius: 0; width: 100%; }
  .compared vf-picture { width: 100%; aspect-ratio: 3 / 4; }
  .compared h3 { padding: 0 10px; font-size: 0.9375rem; }
  .compared .row { padding: 0 10px; flex-wrap: nowrap; }
  .compared .choose { flex: 1; min-width: 0; padding: 8px 10px; font-size: 0.875rem; }
  .compared .choose .icon { display: none; }
  footer { border-top: 1px solid var(--_line); padding-top: 10px; }
  footer button { font-size: 0.875rem; padding-left: 8px; }
  dialog { width: min(560px, calc(100vw - 24px)); max-height: calc(100dvh - 24px); padding: 16px; border: 0; border-radius: 18px; background: var(--_surface); color: var(--_text); box-shadow: 0 20px 60px rgb(0 0 0 / 0.35); }
  dialog[open] { display: grid; gap: 12px; align-content: start; }
  dialog.wide { width: min(1080px, calc(100vw - 24px)); }
  dialog::backdrop { background: rgb(15 15 13 / 0.55); }
  dialog header { display: flex; justify-content: space-between; align-items: center; gap: 8px; }
  .scroll { overflow: auto; max-height: 72dvh; border-radius: 10px; }
  .whole { --vf-picture-fit: contain; min-height: 200px; }
`;function Ze(e,t,n){let r=n.find(t=>t.id===e.garment_id);return t.find(t=>t.garment===e.garment_id||t.id===r?.reference)}function Qe(e,t){if(e.garment)return e.garment;let n=e.category??`auto`;return t.find(t=>t.reference===e.id&&t.category===n&&t.state!==`failed`)?.id}var $e={favourites:[],personId:null};function et(e=`vf-fitting-room`){let t=$e;return{load(){try{return{...$e,...JSON.parse(localStorage.getItem(e)??`{}`)}}catch{return t}},save(n){t=n;try{localStorage.setItem(e,JSON.stringify(n))}catch{}}}}var tt=1500;function nt(e,t,n){if(t===`running`)return{...e,state:`running`};if(t!==`stage`)return e;let{stage:r,...i}=n;return{...e,stages:{...e.stages,[r]:i}}}function rt(e,t,n,r){let i=!1,a=null,o,s=t,c=()=>{i=!0,a?.close(),clearTimeout(o)},l=async()=>{try{let r=await e.fitting(t.id);if(i)return;s=r,L(r)&&c(),n(r)}catch(e){if(i)return;e instanceof M&&e.code===`not_found`&&(c(),r())}},u=async()=>{await l(),i||(o=setTimeout(u,tt))};return(async()=>{let r;try{r=(await e.links(t.id)).events}catch{return u()}if(!i){a=new EventSource(e.base+r);for(let e of[`running`,`stage`])a.addEventListener(e,t=>{s=nt(s,e,JSON.parse(t.data)),n(s)});for(let e of[`succeeded`,`failed`,`cancelled`])a.addEventListener(e,()=>{a?.close(),u()});a.onerror=()=>{a?.readyState===EventSource.CLOSED&&!i&&u()}}})(),{stop:c}}function V(){return Array.from(crypto.getRandomValues(new Uint8Array(16)),e=>e.toString(16).padStart(2,`0`)).join(``)}var it={phase:`opening`,trouble:null,people:[],personId:null,personSent:null,personTrouble:null,garments:[],fittings:[],shownId:null,waiting:null,sending:null,refused:null,favourites:new Set,forgotten:!1},at=600,ot=class{client;memory;tell;onEnd;#e=it;#t=new Map;#n=null;#r=!1;constructor(e,t,n,r){this.client=e,this.memory=t,this.tell=n,this.onEnd=r}get state(){return this.#e}get person(){return this.#e.people.find(e=>e.id===this.#e.personId)}get ofThisPerson(){return this.#e.fittings.filter(e=>e.person_id===this.#e.personId)}get shown(){return this.#e.fittings.find(e=>e.id===this.#e.shownId)}async open(){this.#p({phase:`opening`,trouble:null});try{let[e,t,n]=await Promise.all([this.client.all(`people`),this.client.all(`garments`),this.client.all(`fittings`)]),r=this.memory.load(),i=e.filter(e=>e.state!==`failed`),a=i.find(e=>e.id===r.personId)??i[0];this.#p({phase:`open`,people:e,garments:t,fittings:n,personId:a?.id??null,shownId:n[0]?.id??null,favourites:new Set(r.favourites.filter(e=>n.some(t=>t.id===e)))});for(let e of n)this.#l(e);a&&!L(a)?await this.#a(a):a&&await this.#s()}catch(e){this.#p({phase:`open`,trouble:P(e)})}}close(){this.#r=!0;for(let e of this.#t.values())e.stop();this.#t.clear()}async useExample(e){let t=`example ${e.name}`,n=this.#e.people.find(e=>e.reference===t&&e.state!==`failed`);if(n)return this.usePerson(n.id);await this.#i(async()=>({image:await ct(e.image),key:V(),reference:t}))}async usePhoto(e){await this.#i(async()=>({image:e,key:V()}))}async retryPhoto(){let e=this.#n;e&&await this.#i(async()=>e)}async usePerson(e){this.#p({personId:e,personTrouble:null}),this.#f(),await this.#s()}async#i(e){this.#p({personSent:0,personTrouble:null,forgotten:!1});try{let t=await e();this.#n=t;let n=await this.client.upload(`people`,t.image,t,e=>this.#p({personSent:e}));this.#p({personSent:1,people:[n,...U(this.#e.people,n.id)]}),await this.#a(n)}catch(e){this.#p({personSent:null,personTrouble:P(e)})}}async#a(e){this.#p({personSent:1});let t=await this.#o(`people`,e),n=t.problem?N(t.problem):null,r=n?U(this.#e.people,t.id):H(this.#e.people,t),i=n?this.#e.personId===t.id?null:this.#e.personId:t.id;this.#p({personSent:null,personTrouble:n,people:r,personId:i}),n?this.client.remove(`people`,t.id).catch(()=>{}):(this.#f(),await this.#s())}async#o(e,t){let n=t;for(;!L(n)&&!this.#r;)await st(at),n=await this.client.photo(e,n.id).catch(e=>{if(P(e).passes)return n;throw e});return n}async tryOn(e){this.#p({refused:null,forgotten:!1});let t=this.person;if(!t||!L(t))this.#p({waiting:e});else try{let n=Qe(e,this.#e.garments)??await this.#c(e),r=this.#e.fittings.find(e=>e.person_id===t.id&&e.garment_id===n&&(e.state===`succeeded`||!L(e)));if(r){this.show(r.id);return}let i=await this.client.fit(t.id,n,V()),a=this.#e.fittings.filter(e=>e.person_id===t.id&&e.garment_id===n&&e.state!==`succeeded`);this.#p({fittings:[i,...this.#e.fittings.filter(e=>!a.includes(e))]});for(let e of a)this.client.remove(`fittings`,e.id).catch(()=>{});this.show(i.id),this.#l(i)}catch(t){this.#p({refused:{listing:e,trouble:P(t)}})}finally{this.#p({sending:null})}}async#s(){let e=this.#e.waiting;this.#p({waiting:null}),e&&await this.tryOn(e)}async#c(e){this.#p({sending:{listing:e,share:0},shownId:null});let t=await ct(e.image),n={key:V(),reference:e.id,...e.category&&{category:e.category}},r=await this.client.upload(`garments`,t,n,t=>this.#p({sending:{listing:e,share:t}}));return this.#p({garments:[r,...U(this.#e.garments,r.id)]}),r.id}#l(e){L(e)||this.#t.has(e.id)||this.#t.set(e.id,rt(this.client,e,e=>{this.#p({fittings:H(this.#e.fittings,e)}),L(e)&&(this.#t.delete(e.id),this.onEnd(`fitting`,e))},()=>{this.#t.delete(e.id),this.#d(e.id)}))}show(e){this.#p({shownId:e,refused:null})}toggleFavourite(e){let t=new Set(this.#e.favourites);t.delete(e)||t.add(e),this.#p({favourites:t}),this.#f()}async select(e,t){await this.#u(async()=>{let n=await this.client.select(e,t);this.#p({fittings:H(this.#e.fittings,n)}),t&&this.onEnd(`selected`,n)})}async stop(e){await this.#u(async()=>{await this.client.cancel(e)})}async remove(e){await this.#u(async()=>{await this.client.remove(`fittings`,e),this.#d(e)})}async forget(){this.#p({phase:`forgetting`,trouble:null});for(let e of this.#t.values())e.stop();this.#t.clear();try{let e=e=>e.filter(e=>e.buyer!==null).map(e=>e.id);for(let t of e(await this.client.all(`people`)))await this.client.remove(`people`,t);for(let t of e(await this.client.all(`garments`)))await this.client.remove(`garments`,t);for(let{id:e}of await this.client.all(`fittings`))await this.client.remove(`fittings`,e);this.memory.save({favourites:[],personId:null}),this.#n=null,this.#p({...it,phase:`open`,forgotten:!0})}catch(e){await this.open(),this.#p({trouble:P(e)})}}report(e){this.#p({personTrouble:e})}dismiss(){this.#p({trouble:null,forgotten:!1,refused:null,personTrouble:null})}async#u(e){try{this.#p({trouble:null}),await e()}catch(e){this.#p({trouble:P(e)})}}#d(e){let t=U(this.#e.fittings,e),n=this.#e.shownId===e?t[0]?.id??null:this.#e.shownId;this.#p({fittings:t,shownId:n})}#f(){this.memory.save({favourites:[...this.#e.favourites],personId:this.#e.personId})}#p(e){this.#r||(this.#e={...this.#e,...e},this.tell())}};function H(e,t){return e.map(e=>e.id===t.id?t:e)}function U(e,t){return e.filter(e=>e.id!==t)}function st(e){return new Promise(t=>setTimeout(t,e))}async function ct(e){let t=await fetch(e);if(!t.ok)throw new M(`picture_missing`,`HTTP ${t.status}`);return t.blob()}function lt(e){let t=e.flatMap(e=>e.state===`succeeded`&&e.wall_ms?[e.wall_ms]:[]);t.sort((e,t)=>e-t);let n=t[Math.floor(t.length/2)];return n===void 0?null:Math.max(1,Math.round(n/1e3))}var W=o`
  :host {
    --_accent: var(--vf-accent, light-dark(#17624a, #86d3b3));
    --_on-accent: var(--vf-on-accent, light-dark(#ffffff, #0d2a20));
    --_background: var(--vf-background, light-dark(#faf9f6, #151614));
    --_surface: var(--vf-surface, light-dark(#ffffff, #1f211e));
    --_text: var(--vf-text, light-dark(#1d1e1b, #f0efe9));
    --_muted: var(--vf-muted, light-dark(#5d5f59, #b1b2aa));
    --_line: var(--vf-line, light-dark(#deddd6, #393b36));
    --_danger: light-dark(#a3271d, #ff9d92);
    --_notice: light-dark(#fbf3df, #35301f);
    --_tint: light-dark(#e8f1ec, #22342c);
    --vf-well: light-dark(#edece6, #282a26);
    --vf-sheen: light-dark(rgb(255 255 255 / 0.7), rgb(255 255 255 / 0.08));
    --vf-muted-text: var(--_muted);
    --vf-radius: var(--vf-corner, 14px);
    color-scheme: var(--vf-scheme, light dark);
    color: var(--_text);
    font: 400 1rem / 1.5 var(--vf-font, system-ui, -apple-system, "Segoe UI", "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans KR", "Noto Sans CJK KR", sans-serif);
    word-break: keep-all;
    overflow-wrap: break-word;
  }
`,G=o`
  *, *::before, *::after { box-sizing: border-box; }
  [hidden] { display: none !important; }
  h1, h2, h3, p, ul, dl, dd, figure { margin: 0; padding: 0; }
  ul { list-style: none; }
  h2 { font-size: 1.25rem; line-height: 1.3; font-weight: 650; letter-spacing: -0.01em; }
  h3 { font-size: 1rem; font-weight: 600; }
  .muted { color: var(--_muted); }
  .small { font-size: 0.875rem; }
  .icon { width: 1.35em; height: 1.35em; flex: none; fill: none; stroke: currentColor; stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round; }
  button, .button { display: inline-flex; align-items: center; justify-content: center; gap: 8px; min-height: 44px; padding: 8px 16px; border: 1px solid var(--_line); border-radius: 99px; background: var(--_surface); color: var(--_text); font: inherit; font-weight: 550; line-height: 1.2; text-decoration: none; cursor: pointer; transition: background 0.15s, border-color 0.15s; }
  button:hover, .button:hover { border-color: var(--_muted); }
  button:disabled { opacity: 0.5; cursor: default; }
  button.primary, .button.primary { border-color: var(--_accent); background: var(--_accent); color: var(--_on-accent); }
  button.quiet { border-color: transparent; background: none; }
  button.quiet:hover { background: var(--_tint); }
  button.danger { color: var(--_danger); }
  button.round { width: 44px; padding: 0; flex: none; }
  button[aria-pressed="true"].tinted { border-color: var(--_accent); background: var(--_tint); color: var(--_accent); }
  :is(button, .button, a, input, select, summary, [tabindex="0"]):focus-visible, label:has(input:focus-visible) { outline: 3px solid var(--_accent); outline-offset: 2px; }
  .row { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; }
  .stack { display: grid; gap: 14px; align-content: start; }
  .card { border: 1px solid var(--_line); border-radius: var(--vf-radius); background: var(--_surface); }
  .visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .field { display: grid; gap: 4px; font-size: 0.875rem; color: var(--_muted); }
  input:is([type="text"], [type="search"], [type="number"], [type="password"]), select { width: 100%; min-height: 44px; padding: 8px 14px; border: 1px solid var(--_muted); border-radius: 10px; background: var(--_surface); color: var(--_text); font: inherit; }
  .bar { height: 6px; overflow: hidden; border-radius: 3px; background: var(--vf-well); }
  .bar > div { height: 100%; width: var(--share, 0%); border-radius: 3px; background: var(--_accent); transition: width 0.3s; }
  .notice { display: flex; gap: 12px; align-items: flex-start; padding: 12px 14px; border-radius: var(--vf-radius); background: var(--_notice); }
  .notice .icon { margin-top: 1px; }
  .notice > div { flex: 1; min-width: 0; }
  .notice strong { display: block; font-weight: 600; }
  .notice .row { margin-top: 10px; }
  .upload { display: grid; gap: 8px; }
  @media (prefers-reduced-motion: reduce) { *, *::before, *::after { transition: none !important; animation: none !important; scroll-behavior: auto !important; } }
`,{I:ut}=Me,dt=e=>e.strings===void 0,ft={ATTRIBUTE:1,CHILD:2,PROPERTY:3,BOOLEAN_ATTRIBUTE:4,EVENT:5,ELEMENT:6},pt=e=>(...t)=>({_$litDirective$:e,values:t}),mt=class{constructor(e){}get _$AU(){return this._$AM._$AU}_$AT(e,t,n){this._$Ct=e,this._$AM=t,this._$Ci=n}_$AS(e,t){return this.update(e,t)}update(e,t){return this.render(...t)}},K=(e,t)=>{let n=e._$AN;if(n===void 0)return!1;for(let e of n)e._$AO?.(t,!1),K(e,t);return!0},q=e=>{let t,n;do{if((t=e._$AM)===void 0)break;n=t._$AN,n.delete(e),e=t}while(n?.size===0)},ht=e=>{for(let t;t=e._$AM;e=t){let n=t._$AN;if(n===void 0)t._$AN=n=new Set;else if(n.has(e))break;n.add(e),vt(t)}};function gt(e){this._$AN===void 0?this._$AM=e:(q(this),this._$AM=e,ht(this))}function _t(e,t=!1,n=0){let r=this._$AH,i=this._$AN;if(i!==void 0&&i.size!==0){if(t){if(Array.isArray(r))for(let e=n;e<r.length;e++)K(r[e],!1),q(r[e]);else r!=null&&(K(r,!1),q(r))}else K(this,e)}}var vt=e=>{e.type==ft.CHILD&&(e._$AP??=_t,e._$AQ??=gt)},yt=class extends mt{constructor(){super(...arguments),this._$AN=void 0}_$AT(e,t,n){super._$AT(e,t,n),ht(this),this.isConnected=e._$AU}_$AO(e,t=!0){e!==this.isConnected&&(this.isConnected=e,e?this.reconnected?.():this.disconnected?.()),t&&(K(this,e),q(this))}setValue(e){if(dt(this._$Ct))this._$Ct._$AI(e,this);else{let t=[...this._$Ct._$AH];t[this._$Ci]=e,this._$Ct._$AI(t,this,0)}}disconnected(){}reconnected(){}},bt=new WeakMap,xt=pt(class extends yt{render(e){return E}update(e,[t]){let n=t!==this.G;return n&&this.rt(void 0),(n||this.lt!==this.ct)&&(this.G=t,this.ht=e.options?.host,this.rt(this.ct=e.element)),E}rt(e){if(this.G!==void 0){if(this.isConnected||(e=void 0),typeof this.G==`function`){let t=this.ht??globalThis,n=bt.get(t);n===void 0&&(n=new WeakMap,bt.set(t,n)),n.get(this.G)!==void 0&&this.G.call(this.ht,void 0),n.set(this.G,e),e!==void 0&&this.G.call(this.ht,e)}else this.G.value=e}}get lt(){return typeof this.G==`function`?bt.get(this.ht??globalThis)?.get(this.G):this.G?.value}disconnected(){this.lt===this.ct&&this.rt(void 0)}reconnected(){this.rt(this.ct)}});function J(e,t){let n=Math.round(e*100);return C`<div class="bar" role="progressbar" aria-label=${t} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${n}>
    <div ${xt(e=>e?.style.setProperty(`--share`,`${n}%`))}></div>
  </div>`}var St=class extends j{static properties={client:{attribute:!1},path:{},size:{type:Number},alt:{},missing:{},_address:{state:!0},_failed:{state:!0}};static styles=o`
    :host { display: block; position: relative; overflow: hidden; background: var(--vf-well); }
    img { display: block; width: 100%; height: 100%; object-fit: var(--vf-picture-fit, cover); animation: appear 0.25s; }
    p { margin: 0; padding: 8px; font-size: 0.8125rem; color: var(--vf-muted-text); }
    .waiting { width: 100%; height: 100%; background: linear-gradient(100deg, transparent 30%, var(--vf-sheen) 50%, transparent 70%) 0 0 / 300% 100%; animation: wait 1.6s linear infinite; }
    @keyframes wait { from { background-position: 150% 0; } to { background-position: -50% 0; } }
    @keyframes appear { from { opacity: 0; } }
    @media (prefers-reduced-motion: reduce) { * { animation: none !important; } }
  `;constructor(){super(),this.client=null,this.path=``,this.size=0,this.alt=``,this.missing=``,this._address=``,this._failed=!1}willUpdate(e){(e.has(`path`)||e.has(`client`)||e.has(`size`))&&this.#e()}disconnectedCallback(){super.disconnectedCallback(),this.#t()}connectedCallback(){super.connectedCallback(),this.hasUpdated&&!this._address&&this.#e()}render(){return this._failed?C`<p>${this.missing}</p>`:this._address?C`<img src=${this._address} alt=${this.alt} draggable="false" />`:C`<div class="waiting"></div>`}async#e(){let{client:e,path:t,size:n}=this;if(e&&t){this._failed=!1;try{let r=await e.picture(t,n||null);if(t!==this.path||n!==this.size||!this.isConnected)return;this.#t(),this._address=URL.createObjectURL(r),this.dispatchEvent(new Event(`load`))}catch{t===this.path&&(this._failed=!0)}}}#t(){this._address&&URL.revokeObjectURL(this._address),this._address=``}};customElements.define(`vf-picture`,St);var Ct=class extends j{static properties={client:{attribute:!1},original:{},dressed:{},beforeText:{},afterText:{},label:{},alt:{},zoomText:{},valueText:{attribute:!1},zoom:{type:Number},_percent:{state:!0}};static styles=o`
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
  `;constructor(){super(),this.client=null,this.original=``,this.dressed=``,this.beforeText=``,this.afterText=``,this.label=``,this.alt=``,this.zoomText=``,this.valueText=String,this.zoom=1,this._percent=100}willUpdate(e){e.has(`dressed`)&&(this._percent=100)}updated(e){this.style.setProperty(`--share`,`${this._percent}%`);let t=this.renderRoot.querySelector(`.both`);if(t?.style.setProperty(`--zoom`,String(this.zoom)),!e.has(`zoom`)||!t?.parentElement)return;let n=t.parentElement,r=this.zoom/(e.get(`zoom`)??1);n.scrollLeft=(n.scrollLeft+n.clientWidth/2)*r-n.clientWidth/2,n.scrollTop=(n.scrollTop+n.clientHeight/3)*r-n.clientHeight/3}render(){let e=this.zoom>1;return C`
      <div class="frame" tabindex=${e?0:-1} role="group" aria-label=${e?this.zoomText:this.label}>
        <div class="both">
          <vf-picture .client=${this.client} path=${this.original} alt=""></vf-picture>
          <vf-picture class="over" .client=${this.client} path=${this.dressed} alt=${this.alt}></vf-picture>
          <div class="line" ?hidden=${this._percent>=100||this._percent<=0}></div>
        </div>
      </div>
      <span class="tag is-after" aria-hidden="true" ?hidden=${this._percent<25}>${this.afterText}</span>
      <span class="tag is-before" aria-hidden="true" ?hidden=${this._percent>75}>${this.beforeText}</span>
      <input
        type="range" min="0" max="100" step="1" aria-label=${this.label}
        aria-valuetext=${this.valueText(this._percent)}
        .value=${String(this._percent)}
        @input=${e=>{this._percent=Number(e.target.value)}}
      />
    `}};customElements.define(`vf-wipe`,Ct);var wt=4,Tt=20,Y=[1,2,3,4];function Et(e){let{state:t,room:n,t:r}=e;if(t.sending)return Dt(e,t.sending.listing,t.sending.share);if(t.refused)return Ot(e,t.refused.listing,t.refused.trouble);let i=n.shown;return i?L(i)?i.state===`succeeded`?jt(e,i):At(e,i):kt(e,i):C`<section class="empty">
      ${R(`hanger`)}
      <h2>${r(`fittingEmpty`)}</h2>
      <p class="muted">${r(`fittingEmptyLead`)}</p>
    </section>`}function Dt(e,t,n){let{t:r}=e;return C`<section class="stack" aria-labelledby="fitting-title">
    <h2 id="fitting-title">${r(`fittingProgress`,{title:t.title})}</h2>
    <div class="upload" role="status">
      <span>${r(`garmentUploading`)}…</span>
      ${J(n,r(`garmentUploading`))}
    </div>
  </section>`}function Ot(e,t,n){let{room:r}=e;return C`<section class="stack" aria-labelledby="fitting-title">
    <h2 id="fitting-title">${t.title}</h2>
    ${B(e.texts,n,{retry:()=>r.tryOn(t),dismiss:()=>r.dismiss()})}
  </section>`}function kt(e,t){let{t:n,texts:r,room:i}=e,a=I.filter(e=>t.stages[e]?.state===`done`).length,o=n(`fittingProgress`,{title:e.titleOf(t)}),s=I.filter(e=>t.stages[e]?.state===`running`).map(e=>r.stages[e]),c=lt(e.state.fittings),l=e.elapsed>Math.max(Tt,wt*(c??0)),u=c===null?n(`fittingUsualFirst`):n(`fittingUsual`,{seconds:c});return C`<section class="stack" aria-labelledby="fitting-title">
    <h2 id="fitting-title">${o}</h2>
    <p class="muted">${l?n(`fittingLong`):u} <span class="time">${n(`fittingElapsed`,{seconds:e.elapsed})}</span></p>
    ${J(a/I.length,o)}
    <p class="visually-hidden" role="status">${s[0]??n(`fittingQueued`)}</p>
    <ol class="stages">
      ${I.map(e=>{let n=t.stages[e]?.state??`waiting`;return C`<li class=${n}>
          <span class="dot">${n===`done`?R(`check`):E}</span>
          <span>${r.stages[e]}</span>
        </li>`})}
    </ol>
    <div class="row"><button @click=${()=>i.stop(t.id)}>${n(`fittingStop`)}</button></div>
  </section>`}function At(e,t){let{room:n}=e,r=e.listingOf(t),i=t.problem?N(t.problem):null,a=r?{retry:()=>n.tryOn(r)}:{};return C`<section class="stack" aria-labelledby="fitting-title">
    <h2 id="fitting-title">${e.titleOf(t)}</h2>
    ${i?B(e.texts,i,a):C`<p>${e.texts.states[t.state]}</p>`}
    <div class="row">${Ft(e,t)}</div>
  </section>`}function jt(e,t){let{t:n,looking:r}=e,i=e.titleOf(t),a=t=>{let n=Y.indexOf(r.zoom)+t;e.look({zoom:Y[Math.min(Math.max(n,0),Y.length-1)]??1})};return C`<section class="stack" aria-labelledby="fitting-title">
    <h2 id="fitting-title">${n(`fittingOf`,{title:i})}</h2>
    <p class="visually-hidden" role="status">${n(`fittingDone`,{title:i})}</p>
    <div class="stage">
      ${t.artifacts[`person.png`]?C`<vf-wipe
              .client=${e.client}
              original=${t.artifacts[`person.png`]}
              dressed=${t.artifacts[`result.png`]??``}
              beforeText=${n(`before`)}
              afterText=${n(`after`)}
              label=${n(`wipe`)}
              alt=${n(`fittingOf`,{title:i})}
              zoomText=${n(`zoomed`,{factor:r.zoom})}
              .valueText=${e=>n(`wipeValue`,{percent:e})}
              zoom=${r.zoom}
            ></vf-wipe>`:C`<vf-picture class="alone" .client=${e.client} path=${t.artifacts[`result.png`]??``} alt=${n(`fittingOf`,{title:i})} missing=${n(`gone`)}></vf-picture>`}
      <div class="tools">
        <button class="round" aria-label=${n(`zoomIn`)} title=${n(`zoomIn`)} ?disabled=${r.zoom===Y.at(-1)} @click=${()=>a(1)}>${R(`plus`)}</button>
        <button class="round" aria-label=${n(`zoomOut`)} title=${n(`zoomOut`)} ?disabled=${r.zoom===1} @click=${()=>a(-1)}>${R(`minus`)}</button>
        ${t.artifacts[`result_full.png`]?C`<button class="round" aria-label=${n(`fullSize`)} title=${n(`fullSize`)} @click=${()=>e.look({dialog:`full`})}>${R(`expand`)}</button>`:E}
        ${t.artifacts[`grid.png`]?C`<button class="round" aria-label=${n(`twelve`)} title=${n(`twelve`)} @click=${()=>e.look({dialog:`twelve`})}>${R(`grid`)}</button>`:E}
      </div>
    </div>
    <div class="row">${Nt(e,t)} ${Pt(e,t)} ${Ft(e,t)}</div>
    ${Mt(e,t)}
  </section>`}function Mt(e,t){let{texts:n,t:r}=e,i=new Set((t.warnings??[]).map(e=>Je(n,e.code,e.detail)));return i.size?C`<div class="notice">
    ${R(`warning`)}
    <div>
      <strong>${r(`warnings`)}</strong>
      <ul>${[...i].map(e=>C`<li>${e}</li>`)}</ul>
    </div>
  </div>`:E}function Nt(e,t){let{t:n,room:r}=e,i=!!t.selected_at,a=e.titleOf(t);return C`<button
    class="primary choose" aria-pressed=${i?`true`:`false`}
    aria-label=${`${n(i?`chosen`:`choose`)}: ${a}`}
    @click=${()=>r.select(t.id,!i)}
  >${R(i?`check`:`tag`)} ${n(i?`chosen`:`choose`)}</button>`}function Pt(e,t){let{t:n,room:r,state:i}=e,a=i.favourites.has(t.id),o=e.titleOf(t);return C`<button
    class="round tinted" aria-pressed=${a?`true`:`false`}
    aria-label=${n(a?`favouriteRemove`:`favouriteAdd`,{title:o})} title=${n(`favourite`)}
    @click=${()=>r.toggleFavourite(t.id)}
  >${R(`heart`,a)}</button>`}function Ft(e,t){let{t:n,room:r}=e;return C`<button
    class="quiet round" aria-label=${n(`removeOf`,{title:e.titleOf(t)})} title=${n(`remove`)}
    @click=${()=>r.remove(t.id)}
  >${R(`trash`)}</button>`}function It(e){let{t,room:n,looking:r,state:i}=e,a=n.ofThisPerson.filter(e=>e.state===`succeeded`),o=r.onlyFavourites?a.filter(e=>i.favourites.has(e.id)):a;return C`<section class="stack" aria-labelledby="compare-title">
    <h2 id="compare-title" class="visually-hidden">${t(`compare`)}</h2>
    ${a.length?C`<label class="tick">
            <input type="checkbox" .checked=${r.onlyFavourites} @change=${t=>e.look({onlyFavourites:t.target.checked})} />
            ${t(`onlyFavourites`)}
          </label>`:E}
    ${o.length?C`<ul class="compared">
            ${o.map(r=>{let i=e.titleOf(r);return C`<li class="card">
                <button class="open" aria-label=${t(`historyOpen`,{title:i})} @click=${()=>{n.show(r.id),e.look({tab:`single`,zoom:1})}}>
                  <vf-picture .client=${e.client} path=${r.artifacts[`result.png`]??``} size="640" alt=${t(`fittingOf`,{title:i})} missing=${t(`gone`)}></vf-picture>
                </button>
                <h3>${i}</h3>
                <div class="row">${Nt(e,r)} ${Pt(e,r)}</div>
              </li>`})}
          </ul>`:C`<p class="muted">${t(a.length?`compareNoFavourites`:`compareEmpty`)}</p>`}
  </section>`}var Lt=5,Rt=.92,zt=class extends j{static properties={t:{attribute:!1},_count:{state:!0},_ready:{state:!0}};static styles=[G,o`
      :host { display: grid; gap: 12px; }
      .view { position: relative; }
      video { display: block; width: 100%; max-height: 62vh; aspect-ratio: 3 / 4; object-fit: cover; border-radius: var(--vf-radius); background: #111; transform: scaleX(-1); }
      .count { position: absolute; inset: 0; display: grid; place-items: center; font-size: 6rem; font-weight: 700; color: #fff; text-shadow: 0 0 16px rgb(0 0 0 / 0.6); }
    `];#e=null;#t;constructor(){super(),this._count=0,this._ready=!1}connectedCallback(){super.connectedCallback(),this.#n()}disconnectedCallback(){super.disconnectedCallback(),clearTimeout(this.#t);for(let e of this.#e?.getTracks()??[])e.stop();this.#e=null}async#n(){try{let e=await navigator.mediaDevices.getUserMedia({video:{facingMode:`user`,width:{ideal:1440},height:{ideal:1920}}});if(!this.isConnected){for(let t of e.getTracks())t.stop();return}this.#e=e,await this.updateComplete;let t=this.#r;t.srcObject=e,await t.play(),this._ready=!0}catch(e){let t=e instanceof DOMException&&e.name===`NotAllowedError`;this.#i(`trouble`,new M(t?`camera_denied`:`camera_missing`,String(e)))}}get#r(){return this.renderRoot.querySelector(`video`)}#i(e,t){this.dispatchEvent(new CustomEvent(e,{detail:t}))}#a(e){this._count=e,e===0?this.#o():this.#t=setTimeout(()=>this.#a(e-1),1e3)}#o(){let e=this.#r,t=document.createElement(`canvas`);t.width=e.videoWidth,t.height=e.videoHeight,t.getContext(`2d`)?.drawImage(e,0,0),t.toBlob(e=>e&&this.#i(`photo`,e),`image/jpeg`,Rt)}render(){let e=this.t;return C`
      <p>${e(`cameraHint`)}</p>
      <div class="view">
        <video playsinline .muted=${!0} aria-label=${e(`cameraView`)}></video>
        ${this._count?C`<div class="count" role="timer" aria-live="assertive">${e(`cameraCount`,{n:this._count})}</div>`:``}
      </div>
      <div class="row">
        <button class="primary" ?disabled=${!this._ready} @click=${()=>this.#a(Lt)}>${R(`camera`)} ${e(`cameraTimer`)}</button>
        <button ?disabled=${!this._ready} @click=${()=>this.#o()}>${e(`cameraTake`)}</button>
        <button class="quiet" @click=${()=>this.#i(`close`)}>${e(`cancel`)}</button>
      </div>
    `}};customElements.define(`vf-camera`,zt);function Bt(e,t){switch(e.looking.dialog){case`camera`:return Z(e,e.t(`cameraTitle`),Ht(e,t));case`full`:return Z(e,e.t(`fullSize`),Ut(e),`wide`);case`twelve`:return Z(e,e.t(`twelve`),Gt(e),`wide`);case`forget`:return Z(e,e.t(`forgetTitle`),Kt(e));default:return E}}function X(e){e.look({dialog:null})}function Vt(e){let t=e;queueMicrotask(()=>{t?.isConnected&&!t.open&&t.showModal()})}function Z(e,t,n,r=``){return C`<dialog class=${r} aria-labelledby="dialog-title" ${xt(Vt)} @close=${()=>X(e)}>
    <header>
      <h2 id="dialog-title">${t}</h2>
      <button class="quiet round" aria-label=${e.t(`close`)} @click=${()=>X(e)}>${R(`close`)}</button>
    </header>
    ${n}
  </dialog>`}function Ht(e,t){return C`<vf-camera
    .t=${e.t}
    @photo=${t=>{e.look({dialog:null,isChangingPhoto:!1}),e.room.usePhoto(t.detail)}}
    @trouble=${n=>{X(e),t(n.detail)}}
    @close=${()=>X(e)}
  ></vf-camera>`}function Ut(e){let t=e.room.shown,n=t?e.titleOf(t):``,r=t?.artifacts[`result_full.png`]??``;return C`
    <div class="scroll" tabindex="0" role="group" aria-label=${e.t(`fullSize`)}>
      <vf-picture class="whole" .client=${e.client} path=${r} alt=${e.t(`fullSizeAlt`,{title:n})} missing=${e.t(`gone`)}></vf-picture>
    </div>
    <div class="row"><button class="primary" @click=${()=>Wt(e,r,n)}>${R(`down`)} ${e.t(`save`)}</button></div>
  `}async function Wt(e,t,n){let r=URL.createObjectURL(await e.client.picture(t));Object.assign(document.createElement(`a`),{href:r,download:`${n}.webp`}).click(),setTimeout(()=>URL.revokeObjectURL(r),1e4)}function Gt(e){let t=e.room.shown?.artifacts[`grid.png`]??``;return C`
    <p class="muted">${e.t(`twelveLead`)}</p>
    <div class="scroll" tabindex="0" role="group" aria-label=${e.t(`twelve`)}>
      <vf-picture class="whole" .client=${e.client} path=${t} size="2048" alt=${e.t(`twelveAlt`)} missing=${e.t(`gone`)}></vf-picture>
    </div>
  `}function Kt(e){return C`
    <p>${e.t(`forgetText`)}</p>
    <div class="row">
      <button class="danger" @click=${()=>{X(e),e.room.forget()}}>${R(`trash`)} ${e.t(`forgetYes`)}</button>
      <button @click=${()=>X(e)}>${e.t(`cancel`)}</button>
    </div>
  `}function qt(e){let{state:t,t:n,texts:r,room:i}=e;return t.fittings.length?C`<nav class="history" aria-label=${n(`history`)}>
    <h3 class="small muted" aria-hidden="true">${n(`history`)}</h3>
    <ul>
      ${t.fittings.map(a=>{let o=e.titleOf(a),s=a.artifacts?.[`result.png`];return C`<li>
          <button
            class="thumb" aria-current=${a.id===t.shownId&&e.looking.tab===`single`?`true`:`false`}
            aria-label=${`${n(`historyOpen`,{title:o})}: ${r.states[a.state]}`}
            @click=${()=>{i.show(a.id),e.look({tab:`single`,zoom:1})}}
          >
            ${s?C`<vf-picture .client=${e.client} path=${s} size="200" alt="" missing=""></vf-picture>`:C`<span class="blank">${L(a)?R(`warning`):C`<span class="spinner"></span>`}</span>`}
            ${a.selected_at?C`<span class="badge">${R(`check`)}</span>`:E}
          </button>
        </li>`})}
    </ul>
  </nav>`:E}function Q(e,t,n,r=`body`){return w`<g class=${r} transform=${`translate(${e} ${t}) scale(${n})`}>
    <circle r="7"></circle>
    <path class="shirt" d="M-5 9h10l9 5 5 19-5 2-5-13v18h-18v-18l-5 13-5-2 5-19z"></path>
    <path class="legs" d="M-9 40h18l1 36h-7l-3-24-3 24h-7z"></path>
  </g>`}var Jt=w`<g class="body" transform="translate(40 18)">
  <circle r="7"></circle><path class="skin" d="M6 -2l4 3-4 2z"></path>
  <path class="shirt" d="M-5 9h7l5 6v25h-12z"></path>
  <path class="arm" d="M0 14l4 12-2 12"></path>
  <path class="legs" d="M-5 40h12v36h-9z"></path>
</g>`,Yt=[{text:`goodFront`,isGood:!0,figures:Q(40,18,1)},{text:`goodLight`,isGood:!0,figures:w`<circle class="sun" cx="14" cy="14" r="6"></circle>
      <path class="rays" d="M14 3v3M14 22v3M3 14h3M22 14h3M6.5 6.5l2 2M21.5 6.5l-2 2M6.5 21.5l2-2M21.5 21.5l-2-2"></path>
      ${Q(44,20,.95)}`},{text:`badCropped`,isGood:!1,figures:Q(40,26,2.1)},{text:`badTurned`,isGood:!1,figures:Jt},{text:`badSeveral`,isGood:!1,figures:w`${Q(57,22,.9,`other`)}${Q(26,20,.95)}`},{text:`badDark`,isGood:!1,dark:!0,figures:Q(40,18,1)}];function Xt(e){return C`<ul class="guidance">
    ${Yt.map(t=>C`<li class=${t.isGood?`good`:`bad`}>
        <svg class=${t.dark?`drawing dark`:`drawing`} viewBox="0 0 80 104" aria-hidden="true">
          <rect class="wall" width="80" height="104"></rect>
          ${t.figures}
        </svg>
        <span class="mark" aria-hidden="true">
          <svg viewBox="0 0 24 24" class="icon"><path d=${t.isGood?`M5 12.5l4.5 4.5L19 7.5`:`M7 7l10 10M17 7L7 17`}></path></svg>
        </span>
        <span class="visually-hidden">${e(t.isGood?`photoGood`:`photoBad`)}:</span>
        <span>${e(t.text)}</span>
      </li>`)}
  </ul>`}function Zt(e){let{state:t,t:n,room:r}=e,i=t.personSent!==null;return C`<section class="stack" aria-labelledby="photo-title">
    <div>
      <h2 id="photo-title">${n(`photoTitle`)}</h2>
      <p class="muted">${t.waiting?n(`photoWaiting`,{title:t.waiting.title}):n(`photoLead`)}</p>
    </div>
    ${t.personTrouble?B(e.texts,t.personTrouble,{retry:()=>r.retryPhoto(),dismiss:()=>r.dismiss()}):E}
    ${i?Qt(e):$t(e)}
    ${Xt(n)}
    <p class="muted small" id="consent">${n(`photoKeep`,{hours:e.photoHours,days:e.fittingDays})}</p>
    ${e.looking.isChangingPhoto&&r.person?C`<div class="row"><button @click=${()=>e.look({isChangingPhoto:!1})}>${n(`back`)}</button></div>`:E}
  </section>`}function Qt(e){let t=e.state.personSent??0,n=e.t(t<1?`photoUploading`:`photoChecking`);return C`<div class="upload" role="status">
    <span>${n}…</span>
    ${J(t,n)}
  </div>`}function $t(e){let{t,room:n,state:r}=e,i=r.people.filter(e=>e.state===`succeeded`&&!e.reference?.startsWith(`example `));return C`
    <div class="row" aria-describedby="consent">
      <label class="button primary">
        ${R(`file`)} ${t(`photoFile`)}
        <input class="visually-hidden" type="file" accept="image/*" @change=${t=>tn(e,t)} />
      </label>
      <button @click=${()=>e.look({dialog:`camera`})}>${R(`camera`)} ${t(`photoCamera`)}</button>
    </div>
    ${i.length?C`<div class="stack tight">
            <h3>${t(`photoKept`)}</h3>
            <ul class="faces">
              ${i.map(n=>C`<li>
                  <button class="face" aria-label=${t(`photoUse`)} @click=${()=>en(e,n.id)}>
                    <vf-picture .client=${e.client} path=${n.artifacts[`person.png`]??``} size="240" alt="" missing=${t(`gone`)}></vf-picture>
                  </button>
                </li>`)}
            </ul>
          </div>`:E}
    ${e.examples.length?C`<div class="stack tight">
            <h3>${t(`photoExamples`)}</h3>
            <ul class="faces">
              ${e.examples.map((r,i)=>C`<li>
                  <button class="face" aria-label=${t(`examplePerson`,{n:i+1})} @click=${()=>{e.look({isChangingPhoto:!1}),n.useExample(r)}}>
                    <img src=${r.image} alt="" loading="lazy" />
                  </button>
                </li>`)}
            </ul>
          </div>`:E}
  `}function en(e,t){e.look({isChangingPhoto:!1}),e.room.usePerson(t)}function tn(e,t){let n=t.target,r=n.files?.[0];r&&(e.look({isChangingPhoto:!1}),e.room.usePhoto(r),n.value=``)}var nn={tab:`single`,dialog:null,zoom:1,onlyFavourites:!1,isChangingPhoto:!1},rn=class extends j{static properties={gateway:{},token:{},lang:{},photoHours:{type:Number,attribute:`photo-hours`},fittingDays:{type:Number,attribute:`fitting-days`},tokenSource:{attribute:!1},listings:{attribute:!1},examples:{attribute:!1},_looking:{state:!0},_isOffline:{state:!0}};static styles=[W,G,Xe];#e=null;#t=null;#n;#r=null;#i=new Map;constructor(){super(),this.gateway=``,this.token=``,this.lang=``,this.photoHours=24,this.fittingDays=30,this.tokenSource=null,this.listings=[],this.examples=[],this._looking=nn,this._isOffline=!1}tryOn(e){let t=this.listings.find(t=>t.id===e);if(!t)throw RangeError(`There is no listing ${e}.`);this._looking={...nn,onlyFavourites:this._looking.onlyFavourites},this.#t?.tryOn(t)}connectedCallback(){super.connectedCallback(),window.addEventListener(`online`,this.#a),window.addEventListener(`offline`,this.#a),this.#n=setInterval(()=>this.#l(),1e3),this.#a(),this.hasUpdated&&this.#o()}disconnectedCallback(){super.disconnectedCallback(),window.removeEventListener(`online`,this.#a),window.removeEventListener(`offline`,this.#a),clearInterval(this.#n),this.#t?.close(),this.#t=null}willUpdate(e){(e.has(`gateway`)||e.has(`token`)||e.has(`tokenSource`))&&this.#o()}#a=()=>{let e=this._isOffline;this._isOffline=!navigator.onLine,e&&!this._isOffline&&this.#t?.state.trouble&&this.#t.open()};#o(){this.#t?.close();let e=this.tokenSource??(this.token?async()=>this.token:null);if(!e){this.#t=null;return}this.#e=new F(this.gateway.replace(/\/$/,``),e);let t=new ot(this.#e,et(),()=>{this.#c(t),this.requestUpdate()},(e,t)=>this.#s(e,t));this.#t=t,t.open()}#s(e,t){let n={fitting:t,listing:this.#d(t)};this.dispatchEvent(new CustomEvent(e,{detail:n,bubbles:!0,composed:!0}))}#c(e){let{trouble:t,personTrouble:n,refused:r}=e.state,i=t??n??r?.trouble??null;i&&i!==this.#r&&this.dispatchEvent(new CustomEvent(`error`,{detail:{code:i.code,detail:i.detail}})),this.#r=i}#l(){let e=this.#t?.shown;e&&!L(e)&&this.requestUpdate()}#u(e){if(!e||L(e))return 0;let t=this.#i.get(e.id)??Date.now();return this.#i.set(e.id,t),Math.round((Date.now()-t)/1e3)}#d(e){return Ze(e,this.listings,this.#t?.state.garments??[])}get#f(){return Ge(this.lang,navigator.languages)}#p(e,t){let n=z(this.#f);return{room:e,client:t,texts:n,state:e.state,t:(e,t)=>Ke(n.ui[e],t),listings:this.listings,examples:this.examples,photoHours:this.photoHours,fittingDays:this.fittingDays,looking:this._looking,look:e=>{this._looking={...this._looking,...e}},elapsed:this.#u(e.shown),listingOf:e=>this.#d(e),titleOf:e=>this.#d(e)?.title??n.ui.unknownGarment}}render(){let e=z(this.#f),t=this.#t;if(!t||!this.#e||t.state.phase!==`open`)return C`<div class="room"><p class="muted" role="status">${t?.state.phase===`forgetting`?e.ui.forgetting:e.ui.loading}</p></div>`;let n=this.#p(t,this.#e),r=!t.person||n.state.personSent!==null||this._looking.isChangingPhoto;return C`<div class="room stack" lang=${this.#f}>
      ${this._isOffline?C`<div class="notice" role="status">${R(`warning`)}<div>${e.ui.offline}</div></div>`:E}
      ${n.state.trouble?B(e,n.state.trouble,{retry:()=>t.open(),dismiss:()=>t.dismiss()}):E}
      ${n.state.forgotten?C`<p class="notice" role="status">${R(`check`)} ${e.ui.forgotten}</p>`:E}
      ${r?Zt(n):C`${this.#m(n)} ${this._looking.tab===`compare`?It(n):Et(n)}`}
      ${qt(n)}
      ${this.#h(n)}
      ${Bt(n,e=>t.report(e))}
    </div>`}#m(e){let{t,room:n}=e,r=(t,n)=>C`<button
      aria-pressed=${this._looking.tab===t?`true`:`false`}
      @click=${()=>e.look({tab:t,zoom:1})}
    >${n}</button>`;return C`<header class="head">
      <button class="me" @click=${()=>e.look({isChangingPhoto:!0})}>
        <vf-picture .client=${e.client} path=${n.person?.artifacts[`person.png`]??``} size="160" alt="" missing=""></vf-picture>
        <span>${t(`changePhoto`)}</span>
      </button>
      <div class="tabs" role="group" aria-label=${t(`room`)}>${r(`single`,t(`single`))} ${r(`compare`,t(`compare`))}</div>
    </header>`}#h(e){let{state:t,t:n}=e;return t.people.length||t.fittings.length||t.garments.some(e=>e.buyer)?C`<footer>
      <button class="quiet danger" @click=${()=>e.look({dialog:`forget`})}>${R(`trash`)} ${n(`forget`)}</button>
    </footer>`:E}};customElements.define(`vf-fitting-room`,rn);var an=[`auto`,`tops`,`bottoms`,`one-pieces`],on=768,sn=1024,cn=500,$={photo:{artifact:`garment_photo.png`,text:`showPhoto`},mask:{artifact:`cloth.png`,text:`showMask`},parts:{artifact:`garment_parts.png`,text:`showParts`},landmarks:{artifact:`cloth.png`,text:`showLandmarks`}},ln=class extends j{static properties={gateway:{},token:{},lang:{},tokenSource:{attribute:!1},_sent:{state:!0},_garment:{state:!0},_trouble:{state:!0},_show:{state:!0},_landmarks:{state:!0}};static styles=[W,G,o`
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
    `];#e=null;#t=null;#n=``;constructor(){super(),this.gateway=``,this.token=``,this.lang=``,this.tokenSource=null,this._sent=null,this._trouble=null,this.#r()}willUpdate(e){if(!(e.has(`gateway`)||e.has(`token`)||e.has(`tokenSource`)))return;let t=this.tokenSource??(this.token?async()=>this.token:null);this.#e=t&&new F(this.gateway.replace(/\/$/,``),t)}#r(){this._garment=null,this._show=`photo`,this._landmarks=[]}async#i(e,t,n){t&&t.id!==n.id&&await e.remove(`garments`,t.id).catch(()=>{})}async#a(e,t){let n=this.#e;if(!n)return;let r=this._garment;this.#t=e,this._trouble=null,this._sent=0;try{let i={key:V(),reference:this.#n,category:t},a=await n.upload(`garments`,e,i,e=>{this._sent=e});for(this._sent=1;!L(a)&&this.isConnected;)await new Promise(e=>setTimeout(e,cn)),a=await n.photo(`garments`,a.id);await this.#i(n,r,a),this._garment=a,this._landmarks=a.artifacts[`garment.json`]?await fn(n,a):[],a.problem&&(this._trouble=N(a.problem)),this.dispatchEvent(new CustomEvent(`garment`,{detail:{garment:a},bubbles:!0,composed:!0}))}catch(e){this._trouble=P(e)}finally{this._sent=null}}#o(e){let t=e.target,n=t.files?.[0];if(!n)return;let r=this._garment;r?.state===`failed`&&this.#e?.remove(`garments`,r.id).catch(()=>{}),this.#r(),this.#n=`sold ${V()}`,this.#a(n,`auto`),t.value=``}render(){let e=z(Ge(this.lang,navigator.languages)),t=(t,n)=>Ke(e.ui[t],n),n=this.#t,r=n?{retry:()=>void this.#a(n,this._garment?.category??`auto`)}:{};return C`<section class="stack" aria-labelledby="title">
      <div>
        <h2 id="title">${t(`check`)}</h2>
        <p class="muted">${t(`checkLead`)}</p>
      </div>
      ${this._sent===null?this.#s(t):un(this._sent,t)}
      ${this._trouble?B(e,this._trouble,r):E}
      ${this._garment&&this._sent===null?this.#c(this._garment,e,t):E}
    </section>`}#s(e){return C`<div class="row">
      <label class=${this._garment?`button`:`button primary`}>
        ${R(`file`)} ${e(this._garment?`checkAgain`:`checkFile`)}
        <input class="visually-hidden" type="file" accept="image/*" @change=${e=>this.#o(e)} />
      </label>
    </div>`}#c(e,t,n){let r=$[this._show],i=Object.keys($).filter(t=>e.artifacts[$[t].artifact]);return C`<div class="seen">
      <div class="stack">
        <div class="picture">
          <vf-picture .client=${this.#e} path=${e.artifacts[r.artifact]??``} alt=${n(`checkPicture`,{view:n(r.text)})} missing=${n(`gone`)}></vf-picture>
          ${this._show===`landmarks`?pn(this._landmarks):E}
        </div>
        <div class="views" role="group" aria-label=${n(`checkShow`)}>
          ${i.map(e=>C`<button class="tinted" aria-pressed=${this._show===e?`true`:`false`} @click=${()=>{this._show=e}}>${n($[e].text)}</button>`)}
        </div>
      </div>
      <div class="stack">
        ${e.reading?dn(e.reading,t,n):E}
        ${e.warnings?.length?C`<div class="notice">${R(`warning`)}
                <div><ul>${[...new Set(e.warnings.map(e=>Je(t,e.code,e.detail)))].map(e=>C`<li>${e}</li>`)}</ul></div>
              </div>`:E}
        ${e.state===`succeeded`?C`<p class="good">${R(`check`)} ${n(`checkGood`)}</p>`:E}
        <fieldset>
          <legend>${n(`checkCategory`)}</legend>
          <span class="muted small">${n(`checkCategoryHint`)}</span>
          ${an.map(n=>C`<label class="choice">
              <input type="radio" name="category" value=${n} .checked=${(e.category??`auto`)===n} @change=${()=>this.#l(n)} />
              ${t.categories[n]}
            </label>`)}
        </fieldset>
        <slot></slot>
      </div>
    </div>`}#l(e){this.#t&&this.#a(this.#t,e)}};function un(e,t){let n=t(e<1?`garmentUploading`:`checkReading`);return C`<div class="upload" role="status"><span>${n}…</span>${J(e,n)}</div>`}function dn(e,t,n){let r=e=>C`<span class="muted small">${n(`checkSure`,{percent:Math.round(e*100)})}</span>`;return C`<div class="stack">
    <h3>${n(`checkSeen`)}</h3>
    <dl>
      <dt>${n(`checkKind`)}</dt>
      <dd>${t.kinds[e.kind.value]} ${r(e.kind.confidence)}</dd>
      <dt>${n(`checkPhoto`)}</dt>
      <dd>${t.photos[e.photo.value]} ${r(e.photo.confidence)}</dd>
      <dt>${n(`checkView`)}</dt>
      <dd>${t.sides[e.view.value]} ${r(e.view.confidence)}</dd>
    </dl>
  </div>`}async function fn(e,t){let n=t.artifacts[`garment.json`]??``;return JSON.parse(await(await e.picture(n)).text()).landmarks}function pn(e){let t=e.filter(e=>e.visibility!==`absent`);return C`<svg class="points" viewBox=${`0 0 ${on} ${sn}`} aria-hidden="true">
    ${t.map(e=>w`<circle class=${e.visibility} cx=${e.x+.5} cy=${e.y+.5} r="11"></circle>`)}
  </svg>`}customElements.define(`vf-garment-check`,ln);export{rn as VfFittingRoom,ln as VfGarmentCheck,Ye as a,F as c,C as d,o as f,Ke as i,j as l,W as n,z as o,Ge as r,R as s,G as t,E as u};
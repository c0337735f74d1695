/** Takes a photo with the device's camera, at once or after five seconds. Tells `photo` (a Blob), `trouble` and `close`. */
import { css, html, LitElement } from "lit";
import { Trouble } from "../api/trouble.js";
import { base } from "../styles.js";
import type { UiKey } from "../text/index.js";
import { icon } from "./icon.js";

const COUNT_FROM = 5;
const QUALITY = 0.92;

export class VfCamera extends LitElement {
  static override properties = { t: { attribute: false }, _count: { state: true }, _ready: { state: true } };
  static override styles = [
    base,
    css`
      :host { display: grid; gap: 12px; }
      .view { position: relative; }
      video { display: block; width: 100%; max-height: 62vh; aspect-ratio: 3 / 4; object-fit: cover; border-radius: var(--vf-radius); background: #111; transform: scaleX(-1); }
      .count { position: absolute; inset: 0; display: grid; place-items: center; font-size: 6rem; font-weight: 700; color: #fff; text-shadow: 0 0 16px rgb(0 0 0 / 0.6); }
    `,
  ];

  declare t: (key: UiKey, values?: Record<string, string | number>) => string;
  declare _count: number;
  declare _ready: boolean;
  #stream: MediaStream | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this._count = 0;
    this._ready = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
  }

  async #start(): Promise<void> {
    try {
      const wanted = { video: { facingMode: "user", width: { ideal: 1440 }, height: { ideal: 1920 } } };
      const stream = await navigator.mediaDevices.getUserMedia(wanted);
      if (!this.isConnected) {
        for (const track of stream.getTracks()) track.stop();
        return;
      }
      this.#stream = stream;
      await this.updateComplete;
      const video = this.#video;
      video.srcObject = stream;
      await video.play();
      this._ready = true;
    } catch (error) {
      const denied = error instanceof DOMException && error.name === "NotAllowedError";
      this.#tell("trouble", new Trouble(denied ? "camera_denied" : "camera_missing", String(error)));
    }
  }

  get #video(): HTMLVideoElement {
    return this.renderRoot.querySelector("video") as HTMLVideoElement;
  }

  #tell(name: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #countDown(count: number): void {
    this._count = count;
    if (count === 0) this.#take();
    else this.#timer = setTimeout(() => this.#countDown(count - 1), 1000);
  }

  #take(): void {
    const video = this.#video;
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d")?.drawImage(video, 0, 0);
    canvas.toBlob((blob) => blob && this.#tell("photo", blob), "image/jpeg", QUALITY);
  }

  override render() {
    const t = this.t;
    return html`
      <p>${t("cameraHint")}</p>
      <div class="view">
        <video playsinline .muted=${true} aria-label=${t("cameraView")}></video>
        ${this._count ? html`<div class="count" role="timer" aria-live="assertive">${t("cameraCount", { n: this._count })}</div>` : ""}
      </div>
      <div class="row">
        <button class="primary" ?disabled=${!this._ready} @click=${() => this.#countDown(COUNT_FROM)}>${icon("camera")} ${t("cameraTimer")}</button>
        <button ?disabled=${!this._ready} @click=${() => this.#take()}>${t("cameraTake")}</button>
        <button class="quiet" @click=${() => this.#tell("close")}>${t("cancel")}</button>
      </div>
    `;
  }
}

customElements.define("vf-camera", VfCamera);

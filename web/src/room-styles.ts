/** Styles of `<vf-fitting-room>`. */
import { css } from "lit";

export const roomStyles = css`
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
`;

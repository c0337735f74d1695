/** What all elements share: colours, type, buttons. A market changes the --vf-* properties that docs/fitting-room.md lists. */
import { css } from "lit";

export const theme = css`
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
`;

export const base = css`
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
`;

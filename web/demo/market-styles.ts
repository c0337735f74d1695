/** Styles of `<vf-market>`: one page at a time on a phone, listings and fitting room side by side on a desktop. */
import { css } from "lit";

export const marketStyles = css`
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
`;

/** Pictures of one line each, drawn on 24 by 24. They are decoration: what they mean stands beside them, or in a label. */
import {svg, html} from './lit-element.js';

const SHEET = svg`<path d="M6 3h8l5 5v13H6z"/><path d="M14 3v5h5"/>`;
const DRAWN = {
  file: SHEET,
  pdf: svg`${SHEET}<path d="M9 17v-5h1.5a1.5 1.5 0 0 1 0 3H9M13.5 17v-5h2M13.5 14.5h1.5"/>`,
  text: svg`${SHEET}<path d="M9 12h6M9 15h6M9 18h4"/>`,
  word: svg`${SHEET}<path d="M9 12l1 6 2-4 2 4 1-6"/>`,
  sheet: svg`${SHEET}<path d="M9 12h7v6H9zM9 15h7M12.5 12v6"/>`,
  slides: svg`<path d="M3 5h18v11H3zM12 16v3M8 20h8M7 12l3-3 2 2 4-3"/>`,
  code: svg`${SHEET}<path d="M10.5 12L8.5 14.5l2 2.5M13.5 12l2 2.5-2 2.5"/>`,
  archive: svg`<path d="M4 8h16v12H4zM3 4h18v4H3zM10 12h4"/>`,
  image: svg`<path d="M3 5h18v14H3zM3 16l5-5 4 4 3-3 6 6"/><circle cx="16" cy="9" r="1.5"/>`,
  audio: svg`<path d="M9 18V6l10-2v12"/><circle cx="6.5" cy="18" r="2.5"/><circle cx="16.5" cy="16" r="2.5"/>`,
  video: svg`<path d="M3 6h12v12H3zM15 11l6-4v10l-6-4"/>`,
  search: svg`<circle cx="11" cy="11" r="6"/><path d="M15.5 15.5L20 20"/>`,
  filter: svg`<path d="M3 6h18M6 12h12M10 18h4"/>`,
  upload: svg`<path d="M12 16V5M7 9l5-5 5 5M4 16v4h16v-4"/>`,
  download: svg`<path d="M12 4v11M7 11l5 5 5-5M4 16v4h16v-4"/>`,
  close: svg`<path d="M6 6l12 12M18 6L6 18"/>`,
  up: svg`<path d="M12 19V5M6 11l6-6 6 6"/>`,
  down: svg`<path d="M12 5v14M6 13l6 6 6-6"/>`,
  light: svg`<circle cx="12" cy="12" r="4"/><path d="M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2"/>`,
  dark: svg`<path d="M20 14A8.5 8.5 0 0 1 10 4a8.5 8.5 0 1 0 10 10z"/>`,
  auto: svg`<circle cx="12" cy="12" r="8"/><path d="M12 4v16a8 8 0 0 0 0-16z" fill="currentColor"/>`,
  warning: svg`<path d="M12 3l10 18H2zM12 10v5M12 18v.5"/>`,
  nothing: svg`<path d="M3 13h5l2 3h4l2-3h5M3 13v7h18v-7l-4-8H7z"/>`,
  back: svg`<path d="M19 12H5M11 6l-6 6 6 6"/>`,
  pause: svg`<path d="M9 6v12M15 6v12"/>`,
  resume: svg`<path d="M8 5l11 7-11 7z"/>`,
  retry: svg`<path d="M20 11a8 8 0 1 0-2 6M20 5v6h-6"/>`,
  done: svg`<path d="M4 13l5 5L20 7"/>`,
  restore: svg`<path d="M4 11a8 8 0 1 1 2 6M4 5v6h6M12 8v5l3 2"/>`,
  remove: svg`<path d="M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v6M14 11v6"/>`,
  add: svg`<path d="M12 5v14M5 12h14"/>`,
};

export function icon(name, extra = '') {
  return html`<svg class="icon ${extra}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${DRAWN[name] ?? DRAWN.file}</svg>`;
}

/** The list of documents. Of what may be a million rows, those in sight are in the page. */
import {Element, html, nothing} from './element.js';
import {documents} from './api.js';
import {address, go, rememberList} from './router.js';
import {apiQuery, DEFAULT_SORT, isFiltered} from './filters.js';
import {briefly, bytes, exactly, kind, problemText} from './format.js';
import {t} from './text.js';
import {icon} from './icons.js';
import {Pages} from './pages.js';
import {repeat} from './repeat.js';
import {Selection} from './selection.js';

const COLUMNS = [
  {name: 'name', sort: 'name'},
  {name: 'size', sort: 'size_bytes'},
  {name: 'status'},
  {name: 'changed', sort: 'updated_at'},
];
const NARROW = matchMedia('(max-width: 700px)');
/** As in the style sheet. */
const ROW_PIXELS = {wide: 40, narrow: 60};
const SPARE_ROWS = 10;
/** Browsers lay out no more than 2^25 pixels. */
const MOST_PIXELS = 30_000_000;

/** The list that was left for another view. */
let kept = null;
documents.addEventListener('changed', () => {
  if (kept) {
    kept.isStale = true;
  }
});

class List extends Element {
  static properties = {route: {attribute: false}, active: {state: true}, first: {state: true}, isStale: {state: true}};

  constructor() {
    super();
    this.route = null;
    this.pages = null;
    /** The row that the keyboard is at. */
    this.active = 0;
    /** The first row in sight. */
    this.first = 0;
    this.shown = 30;
    this.top = 0;
    this.isStale = false;
    this.selection = new Selection(() => this.selected());
    this.refresh = () => this.changed();
    this.measure = () => this.scrolled();
  }

  connectedCallback() {
    super.connectedCallback();
    documents.addEventListener('changed', this.refresh);
    addEventListener('resize', this.measure);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    documents.removeEventListener('changed', this.refresh);
    removeEventListener('resize', this.measure);
    kept = {asked: this.asked, pages: this.pages, active: this.active, scrolled: this.top, isStale: this.isStale};
    this.pages = null;
    this.asked = null;
  }

  willUpdate() {
    rememberList(address('documents', {query: this.route.query}));
    const query = apiQuery(this.route.query);
    if (this.asked !== query.toString()) {
      this.selection.clear();
      this.asked = query.toString();
      if (!this.pages && kept?.asked === this.asked) {
        this.comeBack(kept);
      } else {
        this.load(query);
      }
      kept = null;
    }
  }

  /** Where one was before one looked at a document. */
  comeBack({pages, active, scrolled, isStale}) {
    this.watch(pages);
    this.active = active;
    this.top = scrolled;
    if (isStale) {
      // what is in sight is read again in its place; what has come meanwhile is shown when that is asked for
      pages.renew();
      this.isStale = scrolled >= this.rowPixels;
    }
    this.updateComplete.then(() => {
      const scroller = this.querySelector('.scroller');
      if (scroller) {
        scroller.scrollTop = scrolled;
        scroller.focus({preventScroll: true});
      }
      this.scrolled();
    });
  }

  watch(pages) {
    this.pages = pages;
    pages.addEventListener('changed', () => {
      if (this.pages !== pages) {
        return;
      }
      this.requestUpdate();
      this.updateComplete.then(() => this.scrolled());
    });
  }

  load(query) {
    this.pages?.stop();
    this.isStale = false;
    this.watch(new Pages(query));
    this.active = 0;
    this.first = 0;
    this.selection.endRange();
    const scroller = this.querySelector('.scroller');
    if (scroller) {
      scroller.scrollTop = 0;
    }
    this.pages.more();
  }

  /** Something has changed: where one is at the top of the list, it shows at once. */
  changed() {
    if ((this.querySelector('.scroller')?.scrollTop ?? 0) < this.rowPixels) {
      this.load(apiQuery(this.route.query));
      this.requestUpdate();
    } else {
      this.isStale = true;
    }
  }

  get rowPixels() {
    return NARROW.matches ? ROW_PIXELS.narrow : ROW_PIXELS.wide;
  }

  /** As many rows as there may be on the page. */
  get rows() {
    return Math.min(this.pages.rows, Math.floor(MOST_PIXELS / this.rowPixels));
  }

  scrolled() {
    const scroller = this.querySelector('.scroller');
    if (!scroller) {
      return;
    }
    // out of the page it has none any more
    this.top = scroller.scrollTop;
    this.shown = Math.ceil(scroller.clientHeight / this.rowPixels);
    this.first = Math.max(0, Math.min(Math.floor(scroller.scrollTop / this.rowPixels), this.rows - 1));
    this.pages.need(this.first, this.first + this.shown);
    this.requestUpdate();
  }

  firstUpdated() {
    if (this.top === 0) {
      this.scrolled();
    }
  }

  async selected() {
    if (!this.selection.isEmpty) {
      await import('./bulk.js');
    }
    this.requestUpdate();
  }

  updated() {
    this.querySelector('docs-bulk')?.requestUpdate?.();
  }

  clicked(event, row) {
    this.active = row;
    const isPick = event.target.closest('.pick');
    if (event.target.closest('a')) {
      return;
    }
    if (event.shiftKey) {
      event.preventDefault();
      this.selection.extend(this.pages, row);
    } else if (isPick || event.ctrlKey || event.metaKey) {
      this.selection.toggle(this.pages, row);
    }
  }

  /** Keys that choose: space, shift with those that move, all with Ctrl+A, none with Escape. Returns whether it was one. */
  selects(event) {
    if (event.key === ' ') {
      this.selection.toggle(this.pages, this.active);
    } else if ((event.ctrlKey || event.metaKey) && event.key === 'a') {
      this.selection.chooseAll();
    } else if (event.key === 'Escape' && !this.selection.isEmpty) {
      this.selection.clear();
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }

  keys(event) {
    if (event.target !== event.currentTarget || this.selects(event)) {
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const page = Math.max(1, this.shown - 2);
    const to = {
      ArrowDown: this.active + 1, ArrowUp: this.active - 1,
      PageDown: this.active + page, PageUp: this.active - page,
      Home: 0, End: this.rows - 1,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      if (event.shiftKey) {
        this.selection.anchor ??= this.active;
      }
      this.moveTo(to);
      if (event.shiftKey) {
        this.selection.extend(this.pages, this.active);
      }
    } else if (event.key === 'Enter') {
      const item = this.pages.at(this.active);
      if (item) {
        event.preventDefault();
        go(address('document', {rest: [item.id]}));
      }
    }
  }

  moveTo(row) {
    this.active = Math.max(0, Math.min(row, this.rows - 1));
    const scroller = this.querySelector('.scroller');
    const top = this.active * this.rowPixels;
    const heading = this.querySelector('.head').offsetHeight;
    if (top < scroller.scrollTop) {
      scroller.scrollTop = top;
    } else if (top + this.rowPixels > scroller.scrollTop + scroller.clientHeight - heading) {
      scroller.scrollTop = top + this.rowPixels - scroller.clientHeight + heading;
    }
  }

  sortBy(column) {
    const now = this.route.query.get('sort') ?? DEFAULT_SORT;
    const query = new URLSearchParams(this.route.query);
    // what is large or new is what one looks for first
    const firstWay = column.sort === 'name' ? 'name' : `-${column.sort}`;
    const otherWay = column.sort === 'name' ? '-name' : column.sort;
    query.set('sort', now === firstWay ? otherWay : firstWay);
    go(address('documents', {query}));
  }

  // What it looks like

  render() {
    const pages = this.pages;
    return html`
      <h1 class="hidden">${t('nav.documents')}</h1>
      <docs-filters .query=${this.route.query}></docs-filters>
      <p class="count" role="status">${this.counted()}
        ${this.isStale ? html`<button class="link" @click=${() => { this.load(apiQuery(this.route.query)); this.requestUpdate(); }}>${t('list.stale')}</button>` : nothing}</p>
      <docs-bulk .selection=${this.selection} .pages=${pages} .status=${this.route.query.getAll('status').join() || 'active'}></docs-bulk>
      ${pages.problem && pages.rows === 0 ? this.failed() : pages.isComplete && pages.rows === 0 ? this.empty() : this.table()}`;
  }

  counted() {
    const {count, isCapped} = this.pages;
    return typeof count !== 'number' ? nothing : t(isCapped ? 'list.countmore' : 'list.count', {count});
  }

  table() {
    const sort = this.route.query.get('sort') ?? DEFAULT_SORT;
    const pages = this.pages;
    const isFirst = pages.rows === 0;
    return html`<div class="scroller" role="grid" tabindex="0" aria-multiselectable="true" aria-label=${t('nav.documents')} aria-busy=${pages.isLoading}
        aria-rowcount=${pages.isComplete ? this.rows + 1 : -1}
        aria-activedescendant=${this.rows > 0 ? `row-${this.active}` : nothing}
        @scroll=${this.scrolled} @keydown=${this.keys}>
      <div class="row head" role="row" aria-rowindex="1">
        <span role="columnheader" class="pick"><span class="hidden">${t('column.pick')}</span></span>
        ${COLUMNS.map(column => this.heading(column, sort))}
      </div>
      ${isFirst ? this.placeholders() : html`<div class="rows" role="rowgroup" .style=${`height: ${this.rows * this.rowPixels}px`}>
        ${repeat(this.inSight(), row => row, row => this.row(row))}</div>
        ${this.foot()}`}
    </div>`;
  }

  heading(column, sort) {
    if (!column.sort) {
      return html`<span role="columnheader" class=${column.name}>${t(`column.${column.name}`)}</span>`;
    }
    const isUp = sort === column.sort;
    const isDown = sort === `-${column.sort}`;
    return html`<span role="columnheader" class=${column.name} aria-sort=${isUp ? 'ascending' : isDown ? 'descending' : 'none'}>
      <button class="link" @click=${() => this.sortBy(column)}>${t(`column.${column.name}`)}${isUp ? icon('up') : isDown ? icon('down') : nothing}</button></span>`;
  }

  placeholders() {
    return html`<div class="rows" role="presentation">
      ${Array.from({length: 8}, (_, i) => html`<div class="row waiting" role="presentation" .style=${this.place(i)}><span></span></div>`)}
      </div>`;
  }

  /** Those in sight, some around them, and the one that the keyboard is at: it must stay in the page to be told. */
  inSight() {
    const from = Math.max(0, this.first - SPARE_ROWS);
    const to = Math.min(this.rows, this.first + this.shown + SPARE_ROWS);
    const rows = Array.from({length: Math.max(0, to - from)}, (_, i) => from + i);
    if (this.active < from) {
      rows.unshift(this.active);
    } else if (this.active >= to && this.active < this.rows) {
      rows.push(this.active);
    }
    return rows;
  }

  place(row) {
    return `transform: translateY(${row * this.rowPixels}px)`;
  }

  row(row) {
    const item = this.pages.at(row);
    const isChosen = this.selection.has(item);
    const state = `row${row === this.active ? ' active' : ''}${isChosen ? ' chosen' : ''}${item ? '' : ' waiting'}`;
    return html`<div class=${state} role="row" id="row-${row}" aria-rowindex=${row + 2} aria-selected=${isChosen} .style=${this.place(row)}
        @click=${event => this.clicked(event, row)} @mousedown=${event => event.shiftKey && event.preventDefault()}>
      ${item ? this.cells(item) : html`<span role="gridcell"><span class="hidden">${t('app.loading')}</span></span>`}</div>`;
  }

  cells(item) {
    const type = kind(item.mime_type);
    return html`
      <span role="gridcell" class="pick"><input type="checkbox" tabindex="-1" .checked=${this.selection.has(item)}
        aria-label=${t('list.pick', {name: item.name})}></span>
      <span role="gridcell" class="name">${icon(type, `kind-${type}`)}<span class="hidden">${t(`kind.${type}`)}: </span>
        <a href=${address('document', {rest: [item.id]})} tabindex="-1" title=${item.name}><bdi>${item.name}</bdi></a></span>
      <span role="gridcell" class="size">${bytes(item.size_bytes)}</span>
      <span role="gridcell" class="status"><span class="badge ${item.status}">${t(`status.${item.status}`)}</span></span>
      <span role="gridcell" class="changed"><time datetime=${item.updated_at} title=${exactly(item.updated_at)}>${briefly(item.updated_at)}</time></span>`;
  }

  foot() {
    if (this.pages.problem) {
      return html`<p class="foot" role="alert">${problemText(this.pages.problem)}
        <button class="link" @click=${() => { this.pages.retry(); this.requestUpdate(); }}>${t('app.retry')}</button></p>`;
    }
    if (this.rows < this.pages.rows) {
      return html`<p class="foot">${t('list.toolong')}</p>`;
    }
    return this.pages.isComplete ? nothing : html`<p class="foot">${t('app.loading')}</p>`;
  }

  failed() {
    const problem = this.pages.problem;
    return html`<div class="state" role="alert">${icon('warning')}
      <h2>${t('list.failed')}</h2><p>${problemText(problem)}</p>
      <p><button class="primary" @click=${() => { this.pages.retry(); this.requestUpdate(); }}>${t('app.retry')}</button>
        ${problem.status === 400 ? html`<a class="button" href=${address('documents')}>${t('filter.clear')}</a>` : nothing}</p></div>`;
  }

  empty() {
    return isFiltered(this.route.query)
      ? html`<div class="state">${icon('search')}<h2>${t('list.nomatch')}</h2><p>${t('list.nomatch.do')}</p>
          <p><a class="button" href=${address('documents')}>${t('filter.clear')}</a></p></div>`
      : html`<div class="state">${icon('nothing')}<h2>${t('list.empty')}</h2><p>${t('list.empty.do')}</p></div>`;
  }
}

customElements.define('docs-list', List);

export default route => html`<docs-list .route=${route}></docs-list>`;

/** What a list is narrowed to. It all stands in the address, so every view of a list can be kept and sent to others. */
import {Element, html, nothing} from './element.js';
import {address, go} from './router.js';
import {t} from './text.js';
import {icon} from './icons.js';

export const STATUSES = ['active', 'archived', 'pending', 'error', 'any'];
const TYPES = ['image/*', 'application/pdf', 'text/*', 'audio/*', 'video/*', 'application/zip'];
const DATES = ['created_after', 'created_before', 'updated_after', 'updated_before'];
const SIZES = ['min_size', 'max_size'];
const NAMES = ['status', 'name', 'mime_type', 'metadata', ...DATES, ...SIZES, 'sha256', 'user_id'];
const MEGABYTE = 1_000_000;
const PAUSE_MILLIS = 250;

export const DEFAULT_SORT = '-updated_at';

/** The query of the API for one of the page: days there are of the reader's own time zone, and the last one is included. */
export function apiQuery(query) {
  const asked = new URLSearchParams();
  for (const [name, value] of query) {
    if (NAMES.includes(name) && value !== '') {
      asked.append(name, DATES.includes(name) ? instant(name, value) : value);
    }
  }
  asked.set('sort', query.get('sort') ?? DEFAULT_SORT);
  return asked;
}

function instant(name, day) {
  const [year, month, date] = day.split('-').map(Number);
  const time = new Date(year, month - 1, name.endsWith('before') ? date + 1 : date);
  // the server says what is wrong with anything else
  return Number.isNaN(time.getTime()) ? day : time.toISOString();
}

export function isFiltered(query) {
  return [...query.keys()].some(name => NAMES.includes(name));
}

/** KEY:VALUE as the API wants it: a colon of the key's own gets a backslash before it. */
export function metadataFilter(key, value) {
  const escaped = key.replace(/[\\:]/g, '\\$&');
  return `${escaped}:${value === '' ? '*' : /^\\*\*$/.test(value) ? `\\${value}` : value}`;
}

async function upload(options) {
  (await import('./uploads.js')).choose(options);
}

function metadataShown(filter) {
  const [, key, value] = /^((?:\\.|[^\\:])*):?(.*)$/s.exec(filter) ?? [null, filter, ''];
  return `${key.replace(/\\(.)/g, '$1')} = ${value}`;
}

class Filters extends Element {
  static properties = {query: {attribute: false}, isOpen: {state: true}};

  constructor() {
    super();
    this.query = new URLSearchParams();
    this.isOpen = false;
    this.pause = 0;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.pause);
  }

  /** Goes to the same list with other values; null takes a filter away. */
  change(values, options) {
    const query = new URLSearchParams(this.query);
    for (const [name, value] of Object.entries(values)) {
      query.delete(name);
      for (const each of [value].flat()) {
        if (each !== null && each !== '') {
          query.append(name, each);
        }
      }
    }
    go(address('documents', {query}), options);
  }

  typed(event) {
    const value = event.target.value;
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.change({name: value}, {replace: true}), PAUSE_MILLIS);
  }

  submitted(event) {
    event.preventDefault();
    const form = event.target.elements;
    const values = {mime_type: form.mime_type.value.trim()};
    for (const name of DATES) {
      values[name] = form[name].value;
    }
    for (const name of SIZES) {
      values[name] = form[name].value === '' ? '' : String(Math.round(form[name].valueAsNumber * MEGABYTE));
    }
    const key = form.key.value.trim();
    values.metadata = this.query.getAll('metadata');
    if (key) {
      values.metadata.push(metadataFilter(key, form.value.value.trim()));
    }
    this.change(values);
    form.key.value = '';
    form.value.value = '';
  }

  /** What is asked for beyond what the bar itself shows, each to be taken away. */
  chips() {
    const chips = [];
    for (const [name, value] of this.query) {
      if (!NAMES.includes(name) || name === 'status' || name === 'name' || (name === 'mime_type' && TYPES.includes(value))) {
        continue;
      }
      const rest = this.query.getAll(name).filter(each => each !== value);
      const shown = SIZES.includes(name) ? `${value / MEGABYTE} MB` : name === 'metadata' ? metadataShown(value) : value;
      chips.push(html`<li><span>${t(`filter.${name}`)}: <b>${shown}</b></span>
        <button class="quiet square" @click=${() => this.change({[name]: rest})}
          aria-label=${t('filter.remove', {name: t(`filter.${name}`), value: shown})}>${icon('close')}</button></li>`);
    }
    return chips;
  }

  render() {
    const query = this.query;
    const type = query.get('mime_type') ?? '';
    const status = query.get('status') ?? 'active';
    const sort = query.get('sort') ?? DEFAULT_SORT;
    const chips = this.chips();
    return html`
      <form class="filters" role="search" @submit=${event => event.preventDefault()}>
        <label class="search">${icon('search')}
          <input type="search" name="search" aria-label=${t('filter.search')} placeholder=${t('filter.search')} .value=${query.get('name') ?? ''} @input=${this.typed}
            aria-keyshortcuts="/"></label>
        <label>
          <select name="status" aria-label=${t('filter.status')} @change=${event => this.change({status: event.target.value === 'active' ? null : event.target.value})}>
            ${STATUSES.map(each => html`<option value=${each} ?selected=${each === status}>${t(`status.${each}`)}</option>`)}
          </select></label>
        <label>
          <select name="type" aria-label=${t('filter.type')} @change=${event => this.change({mime_type: event.target.value})}>
            <option value="" ?selected=${type === ''}>${t('type.any')}</option>
            ${TYPES.map(each => html`<option value=${each} ?selected=${each === type}>${t(`type.${each}`)}</option>`)}
            ${type === '' || TYPES.includes(type) ? nothing : html`<option value=${type} selected>${type}</option>`}
          </select></label>
        <label class="narrow-only">
          <select name="sort" aria-label=${t('filter.sort')} @change=${event => this.change({sort: event.target.value})}>
            ${['-updated_at', 'updated_at', 'name', '-name', '-size_bytes', 'size_bytes', '-created_at', 'created_at'].map(each => html`
              <option value=${each} ?selected=${each === sort}>${t(`sort.${each}`)}</option>`)}
          </select></label>
        <button type="button" aria-expanded=${this.isOpen} aria-controls="more-filters" @click=${() => { this.isOpen = !this.isOpen; }}>
          ${icon('filter')}${t('filter.more')}</button>
        <span class="gap"></span>
        <button type="button" @click=${() => upload({folder: true})}>${t('uploads.folder')}</button>
        <button type="button" class="primary" @click=${() => upload()}>${icon('upload')}${t('uploads.files')}</button>
      </form>
      <form id="more-filters" class="card more" ?hidden=${!this.isOpen} @submit=${this.submitted}>
        <fieldset><legend>${t('filter.metadata')}</legend>
          <label>${t('filter.key')}<input name="key" autocomplete="off"></label>
          <label>${t('filter.value')}<input name="value" autocomplete="off" placeholder=${t('filter.anyvalue')}></label></fieldset>
        ${['created', 'updated'].map(what => html`<fieldset><legend>${t(`filter.${what}`)}</legend>
          ${['after', 'before'].map(side => html`<label>${t(`filter.${side}`)}
            <input type="date" name="${what}_${side}" .value=${query.get(`${what}_${side}`) ?? ''}></label>`)}</fieldset>`)}
        <fieldset><legend>${t('filter.size')}</legend>
          ${SIZES.map(name => html`<label>${t(`filter.${name}.label`)}
            <input type="number" name=${name} min="0" step="any" .value=${query.has(name) ? String(query.get(name) / MEGABYTE) : ''}></label>`)}</fieldset>
        <fieldset><legend>${t('filter.type')}</legend>
          <label>${t('filter.mime_type')}<input name="mime_type" placeholder="application/pdf" .value=${type} autocomplete="off"></label></fieldset>
        <div class="actions"><button class="primary">${t('filter.apply')}</button>
          <button type="button" @click=${() => { this.isOpen = false; }}>${t('app.close')}</button></div>
      </form>
      ${chips.length === 0 ? nothing : html`<ul class="chips" aria-label=${t('filter.inuse')}>${chips}
        <li class="all"><a href=${address('documents')}>${t('filter.clear')}</a></li></ul>`}`;
  }
}

customElements.define('docs-filters', Filters);

/** The editor of what a document is called and what is known of it. */
import {Element, html, nothing} from './element.js';
import {call} from './api.js';
import {problemText} from './format.js';
import {differing, mergePatch, parsed} from './merge.js';
import {t} from './text.js';
import {icon} from './icons.js';

/** A value as it is typed: text as it is, all else as JSON, and text that would be taken for JSON in quotes. */
function typed(value) {
  return typeof value === 'string' && parsed(value) === value ? value : JSON.stringify(value);
}

class MetadataEditor extends Element {
  static properties = {
    document: {attribute: false}, etag: {attribute: false}, rows: {state: true}, name: {state: true}, problem: {state: true},
    theirs: {state: true}, isSaving: {state: true}, isSaved: {state: true},
  };

  constructor() {
    super();
    this.rows = null;
    this.problem = null;
    this.theirs = null;
    this.isSaving = false;
    this.isSaved = false;
  }

  willUpdate(changed) {
    if (changed.has('document') && !this.isEdited) {
      this.reset();
    }
  }

  /** What is edited stays when the document is read again, until it is saved or dropped. */
  reset() {
    this.base = this.document;
    this.baseTag = this.etag;
    this.name = this.document.name;
    this.rows = Object.entries(this.document.metadata).map(([key, value]) => ({key, value: typed(value)}));
    this.theirs = null;
    this.problem = null;
  }

  get isEdited() {
    return this.rows !== null && (this.name !== this.base.name || differing(this.values, this.base.metadata).length > 0);
  }

  get values() {
    return Object.fromEntries(this.rows.filter(row => row.key.trim() !== '').map(row => [row.key.trim(), parsed(row.value)]));
  }

  edit(row, what, value) {
    row[what] = value;
    this.isSaved = false;
    this.requestUpdate();
  }

  async add() {
    this.rows = [...this.rows, {key: '', value: ''}];
    await this.updateComplete;
    [...this.querySelectorAll('.pair input')].at(-2).focus();
  }

  async removeRow(row) {
    this.rows = this.rows.filter(each => each !== row);
    await this.updateComplete;
    this.querySelector('.addpair').focus();
  }

  /** @param tag of the revision that the changes are made to */
  async save(event, tag = this.baseTag) {
    event?.preventDefault();
    const patch = {};
    if (this.name !== this.base.name) {
      patch.name = this.name;
    }
    const metadata = mergePatch(this.base.metadata, this.values);
    if (Object.keys(metadata).length > 0) {
      patch.metadata = metadata;
    }
    if (Object.keys(patch).length === 0) {
      return;
    }
    this.isSaving = true;
    this.problem = null;
    try {
      const response = await call('PATCH', `/v1/documents/${this.document.id}`, {
        json: patch, headers: {'Content-Type': 'application/merge-patch+json', 'If-Match': tag},
      });
      this.etag = response.headers.get('ETag');
      this.document = await response.json();
      this.reset();
      this.isSaved = true;
      this.tell('documentchanged', {document: this.document, etag: this.etag});
    } catch (e) {
      if (e.status === 412) {
        await this.conflict();
      } else {
        this.problem = e;
      }
    } finally {
      this.isSaving = false;
    }
  }

  async conflict() {
    try {
      const response = await call('GET', `/v1/documents/${this.document.id}`);
      this.theirTag = response.headers.get('ETag');
      this.theirs = await response.json();
    } catch (e) {
      this.problem = e;
    }
  }

  takeTheirs() {
    this.document = this.theirs;
    this.etag = this.theirTag;
    this.reset();
    this.tell('documentchanged', {document: this.document, etag: this.etag});
  }

  render() {
    return html`<form class="card properties" @submit=${this.save}>
      <h2>${t('properties.title')}</h2>
      <label>${t('properties.name')}<input name="name" required .value=${this.name}
        @input=${event => { this.name = event.target.value; this.isSaved = false; }}></label>
      <fieldset><legend>${t('properties.metadata')}</legend>
        ${this.rows.map((row, i) => html`<div class="pair">
          <input aria-label=${t('properties.key', {number: i + 1})} placeholder=${t('filter.key')} .value=${row.key} autocomplete="off"
            @input=${event => this.edit(row, 'key', event.target.value)}>
          <input aria-label=${t('properties.value', {key: row.key || i + 1})} placeholder=${t('filter.value')} .value=${row.value} autocomplete="off"
            @input=${event => this.edit(row, 'value', event.target.value)}>
          <button type="button" class="quiet square" @click=${() => this.removeRow(row)}
            aria-label=${t('properties.remove', {key: row.key || i + 1})}>${icon('close')}</button></div>`)}
        <button type="button" class="quiet addpair" @click=${this.add}>${icon('add')}${t('properties.add')}</button>
        <p class="muted small">${t('properties.hint')}</p></fieldset>
      ${this.theirs ? this.conflicting() : nothing}
      ${this.problem ? html`<p class="bad" role="alert">${problemText(this.problem)}</p>` : nothing}
      <div class="actions">
        <button class="primary" ?disabled=${this.isSaving || !this.isEdited}>${t('properties.save')}</button>
        ${this.isEdited ? html`<button type="button" @click=${() => { this.reset(); }}>${t('properties.drop')}</button>` : nothing}
        <span role="status" class="muted saved">${this.isSaved ? t('properties.saved') : ''}</span>
      </div></form>`;
  }

  conflicting() {
    const changes = differing(this.base.metadata, this.theirs.metadata)
      .map(key => [key, Object.hasOwn(this.theirs.metadata, key) ? typed(this.theirs.metadata[key]) : t('conflict.gone')]);
    if (this.base.name !== this.theirs.name) {
      changes.unshift([t('properties.name'), this.theirs.name]);
    }
    if (this.base.version !== this.theirs.version) {
      changes.push([t('details.version'), this.theirs.version]);
    }
    if (this.base.status !== this.theirs.status) {
      changes.push([t('column.status'), t(`status.${this.theirs.status}`)]);
    }
    return html`<div class="conflict" role="alert">
      <p><b>${t('conflict.title')}</b></p>
      <ul>${changes.map(([key, value]) => html`<li>${key}: <b>${value}</b></li>`)}</ul>
      <p>${t('conflict.do')}</p>
      <div class="actions">
        <button type="button" class="primary" @click=${() => this.save(null, this.theirTag)}>${t('conflict.mine')}</button>
        <button type="button" @click=${this.takeTheirs}>${t('conflict.theirs')}</button></div></div>`;
  }
}

customElements.define('docs-metadata', MetadataEditor);

/** Every content that a document has had: to look at, to download, to go back to, or to drop. */
import {Element, html, nothing} from './element.js';
import {call, get, signedLink} from './api.js';
import {briefly, bytes, exactly, problemText} from './format.js';
import {ask} from './dialog.js';
import {t} from './text.js';
import {icon} from './icons.js';

const PAGE = 20;

class Versions extends Element {
  static properties = {
    document: {attribute: false}, etag: {attribute: false}, chosen: {attribute: false},
    items: {state: true}, problem: {state: true}, isBusy: {state: true},
  };

  constructor() {
    super();
    this.items = [];
    this.next = null;
    this.problem = null;
    this.isBusy = false;
  }

  willUpdate(changed) {
    if (changed.has('document') && `${this.document.id} ${this.document.revision}` !== this.loaded) {
      this.loaded = `${this.document.id} ${this.document.revision}`;
      this.load();
    }
  }

  async load(cursor = null) {
    try {
      const answer = await get(`/v1/documents/${this.document.id}/versions?limit=${PAGE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
      this.items = cursor ? [...this.items, ...answer.items] : answer.items;
      this.next = answer.next_cursor;
    } catch (e) {
      this.problem = e;
    }
  }

  async act(work) {
    await this.guarded(work);
    // also after a failure: what is there may not be what was shown
    this.tell('documentstale');
    this.load();
  }

  restore(version) {
    return this.act(() => call('POST', `/v1/documents/${this.document.id}/versions/${version.version}/restore`, {headers: {'If-Match': this.etag}}));
  }

  async drop(version) {
    const sure = await ask({
      title: t('versions.drop.title', {version: version.version}),
      content: html`<p>${t('versions.drop.lost', {version: version.version, size: bytes(version.size_bytes), time: exactly(version.created_at)})}</p>`,
      confirm: t('versions.drop.do'),
      isDangerous: true,
    });
    if (sure) {
      await this.act(() => call('DELETE', `/v1/documents/${this.document.id}/versions/${version.version}`));
    }
  }

  async download(version) {
    try {
      location.assign(await signedLink(this.document.id, {version: version.version}));
    } catch (e) {
      this.problem = e;
    }
  }

  render() {
    return html`<section class="card versions">
      <h2>${t('versions.title')}</h2>
      ${this.problem ? html`<p class="bad" role="alert">${problemText(this.problem)}</p>` : nothing}
      <ul>${this.items.map(each => this.item(each))}</ul>
      ${this.next ? html`<button class="quiet" @click=${() => this.load(this.next)}>${t('versions.more')}</button>` : nothing}
    </section>`;
  }

  item(version) {
    const number = version.version;
    const isCurrent = number === this.document.version;
    const isShown = this.chosen === number || (!this.chosen && isCurrent);
    const button = (picture, key, click, disabled = false) => html`<button class="quiet square" ?disabled=${this.isBusy || disabled}
      aria-label=${t(key, {version: number})} title=${t(key, {version: number})} @click=${click}>${icon(picture)}</button>`;
    return html`<li class=${isShown ? 'shown' : ''}>
      <button class="link" aria-pressed=${isShown} @click=${() => this.tell('versionchosen', {version: isCurrent ? null : number})}>
        ${t('versions.number', {version: number})}</button>
      <span class="muted small">${bytes(version.size_bytes)} · <time datetime=${version.created_at} title=${exactly(version.created_at)}>${briefly(version.created_at)}</time>
        ${isCurrent ? html` · ${t('versions.current')}` : nothing}</span>
      <span class="uploadbuttons">
        ${button('download', 'versions.download', () => this.download(version))}
        ${isCurrent ? nothing : html`
          ${button('restore', 'versions.restore', () => this.restore(version), this.document.status !== 'active')}
          ${button('remove', 'versions.drop', () => this.drop(version))}`}
      </span></li>`;
  }
}

customElements.define('docs-versions', Versions);

/** One document: what is in it, what is known of it, what it was, and what can be done with it. */
import {Element, html, nothing} from './element.js';
import {call, documents, documentsChanged, get, signedLink} from './api.js';
import {go, lastList} from './router.js';
import {bytes, exactly, kind, problemText} from './format.js';
import {ask} from './dialog.js';
import {t} from './text.js';
import {icon} from './icons.js';
import './metadata.js';
import './preview.js';
import './versions.js';

const MOST_COUNTED = 200;

class DocumentView extends Element {
  static properties = {
    documentId: {attribute: false}, document: {state: true}, problem: {state: true}, said: {state: true}, version: {state: true},
    isBusy: {state: true},
  };

  constructor() {
    super();
    this.document = null;
    this.problem = null;
    this.said = '';
    this.version = null;
    this.isBusy = false;
    this.refresh = () => this.load();
  }

  connectedCallback() {
    super.connectedCallback();
    documents.addEventListener('changed', this.refresh);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    documents.removeEventListener('changed', this.refresh);
  }

  willUpdate(changed) {
    if (changed.has('documentId')) {
      this.document = null;
      this.version = null;
      this.load();
    }
  }

  get path() {
    return `/v1/documents/${encodeURIComponent(this.documentId)}`;
  }

  async load() {
    const id = this.documentId;
    try {
      const response = await call('GET', this.path);
      const document = await response.json();
      if (id === this.documentId) {
        this.show(document, response.headers.get('ETag'));
        this.problem = null;
      }
    } catch (e) {
      if (id === this.documentId) {
        this.problem = e;
        this.document = e.status === 404 ? null : this.document;
      }
    }
  }

  show(shown, etag) {
    this.etag = etag;
    this.document = shown;
    document.title = `${shown.name} · Docs`;
  }

  /** Does what changes the document as it was seen; if it is another by now, shows that instead. */
  async act(work, said) {
    this.isBusy = true;
    this.problem = null;
    this.said = '';
    try {
      await work();
      this.said = said;
    } catch (e) {
      this.problem = e;
      if (e.status === 412 || e.status === 409) {
        const refused = e;
        await this.load();
        this.problem ??= refused;
      }
    } finally {
      this.isBusy = false;
    }
  }

  status(status) {
    return this.act(async () => {
      const response = await call('PATCH', this.path, {
        json: {status}, headers: {'Content-Type': 'application/merge-patch+json', 'If-Match': this.etag},
      });
      this.show(await response.json(), response.headers.get('ETag'));
      documentsChanged();
    }, t(`document.said.${status}`));
  }

  async purge() {
    const {name} = this.document;
    const {items, next_cursor: more} = await get(`${this.path}/versions?limit=${MOST_COUNTED}`).catch(() => ({items: []}));
    const size = items.reduce((sum, each) => sum + each.size_bytes, 0);
    const sure = await ask({
      title: t('purge.title'),
      content: html`<p>${t('purge.lost')}</p>
        <ul><li><b><bdi>${name}</bdi></b></li>
          <li>${t(more ? 'purge.manyversions' : 'purge.versions', {count: items.length, size: bytes(size)})}</li>
          <li>${t('purge.metadata', {count: Object.keys(this.document.metadata).length})}</li></ul>
        <p>${t('purge.final')}</p>`,
      confirm: t('purge.do'),
      isDangerous: true,
    });
    if (sure) {
      await this.act(async () => {
        await call('DELETE', `${this.path}?purge=true`, {headers: {'If-Match': this.etag}});
        documents.removeEventListener('changed', this.refresh);
        documentsChanged();
        go(lastList());
      }, '');
    }
  }

  async download() {
    try {
      location.assign(await signedLink(this.documentId, {version: this.version}));
    } catch (e) {
      this.problem = e;
    }
  }

  async newVersion() {
    const [{choose}, {queue}] = await Promise.all([import('./uploads.js'), import('./queue.js')]);
    const documentId = this.documentId;
    choose({multiple: false, onChosen: files => queue.add(files, {documentId})});
  }

  render() {
    const back = html`<a class="back" href=${lastList()}>${icon('back')}${t('nav.documents')}</a>`;
    if (!this.document) {
      const isGone = this.problem?.status === 404;
      return html`<div class="documenthead">${back}</div>${this.problem ? html`<div class="state" role="alert">${icon('warning')}
        <h1>${t(isGone ? 'document.gone' : 'list.failed')}</h1><p>${isGone ? t('document.gone.why') : problemText(this.problem)}</p>
        ${isGone ? html`<a class="button" href=${lastList()}>${t('document.back')}</a>` : html`<button class="primary" @click=${() => this.load()}>${t('app.retry')}</button>`}
        </div>` : html`<div class="state" aria-busy="true"><p>${t('app.loading')}</p></div>`}`;
    }
    const shown = this.document;
    return html`
      <div class="documenthead">${back}
        <div class="titleline">${icon(kind(shown.mime_type), `kind-${kind(shown.mime_type)}`)}<h1><bdi>${shown.name}</bdi></h1>
          <span class="badge ${shown.status}">${t(`status.${shown.status}`)}</span></div>
        <div class="actions">${this.buttons(shown)}</div>
        <p role="status" class="said">${this.said}</p>
        ${this.problem ? html`<p class="bad" role="alert">${this.problem.status === 412 ? t('document.conflict') : problemText(this.problem)}</p>` : nothing}
        ${shown.status_reason ? html`<p class="bad">${shown.status_reason}</p>` : nothing}
      </div>
      <div class="columns">
        <docs-preview .document=${shown} .version=${this.version}></docs-preview>
        <div class="side" @documentchanged=${event => { this.show(event.detail.document, event.detail.etag); documentsChanged(); }}
            @documentstale=${() => { this.load(); documentsChanged(); }} @versionchosen=${event => { this.version = event.detail.version; }}>
          <docs-metadata .document=${shown} .etag=${this.etag}></docs-metadata>
          ${shown.sha256 ? html`<docs-versions .document=${shown} .etag=${this.etag} .chosen=${this.version}></docs-versions>` : nothing}
          ${this.details(shown)}
        </div>
      </div>`;
  }

  buttons(shown) {
    return html`
      ${shown.sha256 ? html`<button class="primary" @click=${this.download}>${icon('download')}${t('document.download')}</button>` : nothing}
      ${shown.status === 'archived' ? nothing : html`<button @click=${this.newVersion}>${icon('upload')}${t('document.newversion')}</button>`}
      ${shown.status === 'active' || shown.status === 'error' ? html`<button ?disabled=${this.isBusy} @click=${() => this.status('archived')}>${t('document.archive')}</button>` : nothing}
      ${shown.status === 'archived' ? html`<button ?disabled=${this.isBusy} @click=${() => this.status('active')}>${icon('restore')}${t('document.restore')}</button>` : nothing}
      <button class="danger" ?disabled=${this.isBusy} @click=${this.purge}>${t('document.purge')}</button>`;
  }

  details(shown) {
    const rows = [
      ['details.type', shown.mime_type ?? '–'],
      ['details.size', shown.size_bytes === null ? '–' : html`${bytes(shown.size_bytes)} <span class="muted">(${t('details.bytes', {count: shown.size_bytes})})</span>`],
      ['details.version', shown.version],
      ['details.owner', shown.user_id],
      ['details.created', exactly(shown.created_at)],
      ['details.changed', exactly(shown.updated_at)],
      ['details.sha256', shown.sha256 ? html`<code>${shown.sha256}</code>` : '–'],
      ['details.id', html`<code>${shown.id}</code>`],
    ];
    return html`<section class="card details"><h2>${t('details.title')}</h2>
      <dl>${rows.map(([key, value]) => html`<dt>${t(key)}</dt><dd>${value}</dd>`)}</dl></section>`;
  }
}

customElements.define('docs-document', DocumentView);

export default route => html`<docs-document .documentId=${route.rest[0]}></docs-document>`;

/** What a user has, beside what the user may have. */
import {Element, html, nothing} from './element.js';
import {documents, get} from './api.js';
import {bytes, number, problemText} from './format.js';
import {address} from './router.js';
import {t} from './text.js';
import {icon} from './icons.js';

/** What the bytes are of, in the order of the bar: each with its amount, and a list that shows it. */
const PARTS = [
  {name: 'active', of: figures => figures.active, list: 'active'},
  {name: 'archived', of: figures => figures.archived, list: 'archived'},
  {name: 'versions', of: figures => figures.older_versions},
  {name: 'damaged', of: figures => figures.error, list: 'error', isRare: true},
  {name: 'reserved', of: figures => figures.reserved + figures.pending},
];
const NEARLY = 0.9;

/** A meter of the bytes, split by what they are of, and the same in numbers. */
class UsageMeter extends Element {
  /** `usage` is an answer of the API; `hasLinks` if the parts lead to the caller's own documents. */
  static properties = {usage: {attribute: false}, hasLinks: {type: Boolean}};

  render() {
    const figures = this.usage.bytes;
    const taken = figures.used + figures.reserved;
    const limit = figures.limit;
    const all = Math.max(limit ?? 0, taken, 1);
    const parts = PARTS.map(part => ({...part, size: part.of(figures)})).filter(part => part.size > 0 || !part.isRare);
    const share = limit === null || limit === 0 ? null : taken / limit;
    const words = limit === null
      ? t('usage.ofnone', {used: bytes(taken)})
      : t('usage.of', {used: bytes(taken), limit: bytes(limit), free: bytes(Math.max(0, limit - taken))});
    return html`
      <p class="usagewords">${words}</p>
      ${share !== null && share >= NEARLY ? html`<p class="warned">${icon('warning')}${t(share >= 1 ? 'usage.full' : 'usage.nearly')}</p>` : nothing}
      <div class="meter" role="meter" aria-label=${t('usage.bytes')} aria-valuemin="0" aria-valuemax=${all} aria-valuenow=${taken}
          aria-valuetext=${[words, ...parts.map(part => `${t(`usage.${part.name}`)}: ${bytes(part.size)}`)].join(' ')}>
        ${parts.filter(part => part.size > 0).map(part => html`<span class="part ${part.name}" .style=${`width: ${100 * part.size / all}%`}></span>`)}</div>
      <table class="figures"><caption class="hidden">${t('usage.bytes')}</caption>
        <tbody>${parts.map(part => html`<tr><th scope="row"><span class="dot ${part.name}"></span>${this.hasLinks && part.list
            ? html`<a href=${address('documents', {query: part.list === 'active' ? {} : {status: part.list}})}>${t(`usage.${part.name}`)}</a>`
            : t(`usage.${part.name}`)}</th>
          <td title=${t('usage.exactly', {count: part.size})}>${bytes(part.size)}</td></tr>`)}
        ${limit === null ? nothing : html`<tr><th scope="row"><span class="dot free"></span>${t('usage.free')}</th>
          <td title=${t('usage.exactly', {count: Math.max(0, limit - taken)})}>${bytes(Math.max(0, limit - taken))}</td></tr>`}</tbody></table>
      <table class="figures counts"><caption class="hidden">${t('usage.counts')}</caption><tbody>
        ${this.count('usage.documents', this.usage.documents.total, this.usage.documents.limit)}
        ${this.count('usage.uploads', this.usage.uploads.open, this.usage.uploads.limit)}</tbody></table>`;
  }

  count(name, value, limit) {
    return html`<tr><th scope="row">${t(name)}</th><td>${limit === null ? number(value) : t('usage.count', {value, limit})}</td></tr>`;
  }
}

customElements.define('docs-usage-meter', UsageMeter);

class Usage extends Element {
  static properties = {usage: {state: true}, problem: {state: true}};

  constructor() {
    super();
    this.usage = null;
    this.problem = null;
    this.refresh = () => this.load();
  }

  connectedCallback() {
    super.connectedCallback();
    documents.addEventListener('changed', this.refresh);
    this.load();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    documents.removeEventListener('changed', this.refresh);
  }

  async load() {
    try {
      this.usage = await get('/v1/usage');
      this.problem = null;
    } catch (e) {
      this.problem = e;
    }
  }

  render() {
    return html`<div class="sheet"><h1>${t('nav.usage')}</h1>
      ${this.problem ? html`<p class="bad" role="alert">${problemText(this.problem)}
        <button @click=${this.load}>${t('app.retry')}</button></p>` : nothing}
      ${this.usage ? html`<section class="card"><docs-usage-meter hasLinks .usage=${this.usage}></docs-usage-meter>
        <p class="muted small">${t('usage.how')}</p></section>` : this.problem ? nothing : html`<p class="muted" aria-busy="true">${t('app.loading')}</p>`}</div>`;
  }
}

customElements.define('docs-usage', Usage);

export default () => html`<docs-usage></docs-usage>`;

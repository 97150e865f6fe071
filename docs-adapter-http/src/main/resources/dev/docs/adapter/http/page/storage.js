/** For administrators: whether what is stored is well, and looked after. */
import {Element, html, nothing} from './element.js';
import {get} from './api.js';
import {exactly, problemText} from './format.js';
import {address} from './router.js';
import {currentLanguage, t} from './text.js';
import {icon} from './icons.js';

class Storage extends Element {
  static properties = {health: {state: true}, problem: {state: true}, isBusy: {state: true}};

  constructor() {
    super();
    this.health = null;
    this.problem = null;
    this.isBusy = false;
  }

  connectedCallback() {
    super.connectedCallback();
    this.load();
  }

  async load() {
    this.isBusy = true;
    try {
      this.health = await get('/v1/storage');
      this.problem = null;
    } catch (e) {
      this.problem = e;
    } finally {
      this.isBusy = false;
    }
  }

  render() {
    return html`<div class="sheet"><div class="titlerow"><h1>${t('nav.storage')}</h1><span class="gap"></span>
        <button ?disabled=${this.isBusy} @click=${this.load}>${icon('retry')}${t('storage.again')}</button></div>
      ${this.problem ? html`<p class="bad" role="alert">${problemText(this.problem)}</p>` : nothing}
      ${this.health ? this.sections(this.health) : nothing}</div>`;
  }

  sections({status, reason, verified_share: share, chores, damaged, damaged_more: isMore}) {
    const late = chores.filter(hasFailed);
    const isWell = status === 'up' && late.length === 0 && damaged.length === 0;
    return html`<section class="card" role="status">
        ${isWell ? html`<p class="wellness ok">${icon('done')}<b>${t('storage.well')}</b></p>` : html`
          <p class="wellness bad">${icon('warning')}<b>${t('storage.problems')}</b></p>
          <ul class="problems">
            ${status === 'up' ? nothing : html`<li>${t('storage.down', {reason})}</li>`}
            ${late.map(each => html`<li>${t('storage.late', {chore: t(`storage.chore.${each.name}`)})}</li>`)}
            ${damaged.length === 0 ? nothing : html`<li>${t(isMore ? 'storage.damagedmore' : 'storage.damaged', {count: damaged.length})}</li>`}</ul>`}</section>
      <section class="card"><h2>${t('storage.verified')}</h2>
        ${share === null ? html`<p class="muted">${t('storage.notcounted')}</p>` : html`
          <p class="usagewords">${t('storage.share', {percent: percent(share)})}</p>
          <progress class="tall" max="1" .value=${share} aria-label=${t('storage.verified')}></progress>`}
        <p class="muted small">${t('storage.verified.how')}</p></section>
      <section class="card"><h2>${t('storage.chores')}</h2>
        <table class="rowsof"><caption class="hidden">${t('storage.chores')}</caption>
          <thead><tr><th scope="col">${t('storage.chore')}</th><th scope="col">${t('storage.succeeded')}</th><th scope="col">${t('storage.failed')}</th></tr></thead>
          <tbody>${chores.map(each => html`<tr><th scope="row">${t(`storage.chore.${each.name}`)}</th>
            <td>${when(each.last_success_at)}</td>
            <td class=${hasFailed(each) ? 'bad' : ''}>${when(each.last_failure_at)}</td></tr>`)}</tbody></table>
        <p class="muted small">${t('storage.chores.how')}</p></section>
      ${damaged.length === 0 ? nothing : html`<section class="card"><h2>${t('storage.damaged.title')}</h2>
        <table class="rowsof"><caption class="hidden">${t('storage.damaged.title')}</caption>
          <thead><tr><th scope="col">${t('column.name')}</th><th scope="col">${t('users.user')}</th><th scope="col" class="wide">${t('storage.why')}</th></tr></thead>
          <tbody>${damaged.map(each => html`<tr><th scope="row"><a href=${address('document', {rest: [each.id]})}><bdi>${each.name}</bdi></a></th>
            <td><bdi>${each.user_id}</bdi></td><td class="wide">${each.status_reason}</td></tr>`)}</tbody></table></section>`}`;
  }
}

function hasFailed(chore) {
  return chore.last_failure_at !== null && (chore.last_success_at === null || chore.last_failure_at > chore.last_success_at);
}

function when(instant) {
  return instant === null ? t('tokens.never') : html`<time datetime=${instant}>${exactly(instant)}</time>`;
}

/** Never 100 before it is all. */
function percent(share) {
  return (Math.floor(share * 1000) / 1000).toLocaleString(currentLanguage(), {style: 'percent', maximumFractionDigits: 1});
}

customElements.define('docs-storage', Storage);

export default () => html`<docs-storage></docs-storage>`;

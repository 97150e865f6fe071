/** API tokens: who has one may do what its user may. */
import {Element, html, nothing} from './element.js';
import {call, get, post, session} from './api.js';
import {briefly, exactly, problemText} from './format.js';
import {ask} from './dialog.js';
import {t} from './text.js';
import {icon} from './icons.js';

const DAYS = [7, 30, 90, 365];
const DAY_MILLIS = 86_400_000;

/** A user's tokens: a list, and a form that makes one more. */
class Tokens extends Element {
  static properties = {
    userId: {attribute: false}, tokens: {state: true}, next: {state: true}, problem: {state: true}, made: {state: true}, isBusy: {state: true},
    said: {state: true},
  };

  constructor() {
    super();
    this.problem = null;
    this.isBusy = false;
    this.start();
  }

  start() {
    this.tokens = [];
    this.next = '';
    this.made = null;
    this.said = '';
  }

  willUpdate(changed) {
    if (changed.has('userId')) {
      this.start();
      this.more();
    }
  }

  async more() {
    const userId = this.userId;
    await this.guarded(async () => {
      const parameters = new URLSearchParams({user_id: userId, ...(this.next ? {cursor: this.next} : {})});
      const page = await get(`/v1/tokens?${parameters}`);
      if (userId === this.userId) {
        this.tokens = [...this.tokens, ...page.items];
        this.next = page.next_cursor;
      }
    });
  }

  async make(event) {
    event.preventDefault();
    const form = event.target;
    const days = Number(form.elements.days.value);
    await this.guarded(async () => {
      this.made = await post('/v1/tokens', {
        user_id: this.userId,
        administrator: form.elements.administrator?.checked ?? false,
        ...(days > 0 ? {expires_at: new Date(Date.now() + days * DAY_MILLIS).toISOString()} : {}),
      });
      const {token: secret, ...token} = this.made;
      this.tokens = [...this.tokens, token];
      this.said = '';
      form.reset();
      await this.updateComplete;
      this.querySelector('.secret input').select();
    });
  }

  async copy() {
    const field = this.querySelector('.secret input');
    field.select();
    // where the connection is not secure, browsers let pages copy nothing: it is selected at least
    await navigator.clipboard?.writeText(field.value).then(() => { this.said = t('tokens.copied'); }, () => {});
  }

  async revoke(token) {
    const isOwn = session.token?.startsWith(token.prefix);
    const sure = await ask({
      title: t('tokens.revoke.title', {prefix: token.prefix}),
      content: html`<p>${t('tokens.revoke.lost')}</p>${isOwn ? html`<p class="bad">${t('tokens.revoke.own')}</p>` : nothing}`,
      confirm: t('tokens.revoke.do'),
      isDangerous: true,
    });
    if (!sure) {
      return;
    }
    await this.guarded(async () => {
      await call('DELETE', `/v1/tokens/${token.id}`);
      this.tokens = this.tokens.filter(each => each !== token);
      this.made = this.made?.id === token.id ? null : this.made;
      this.said = t('tokens.revoked', {prefix: token.prefix});
      await this.updateComplete;
      this.querySelector('select').focus();
    });
    if (isOwn && !this.problem) {
      session.end();
    }
  }

  render() {
    return html`
      <form class="inline" @submit=${this.make}>
        <label>${t('tokens.valid')} <select name="days">
          ${DAYS.map(days => html`<option value=${days} ?selected=${days === 90}>${t('tokens.days', {count: days})}</option>`)}
          <option value="0">${t('tokens.forever')}</option></select></label>
        ${session.me.administrator ? html`<label class="check"><input type="checkbox" name="administrator">${t('tokens.administrator')}</label>` : nothing}
        <button class="primary" ?disabled=${this.isBusy}>${icon('add')}${t('tokens.make')}</button></form>
      ${this.made ? html`<div class="secret" role="group" aria-label=${t('tokens.new')}>
        <p><b>${t('tokens.once')}</b></p>
        <div class="inline"><input readonly aria-label=${t('tokens.new')} .value=${this.made.token}>
          <button @click=${this.copy}>${t('tokens.copy')}</button></div></div>` : nothing}
      <p role="status" class="muted said2">${this.said}</p>
      ${this.problem ? html`<p class="bad" role="alert">${problemText(this.problem)}</p>` : nothing}
      ${this.tokens.length === 0 ? (this.next === null ? html`<p class="muted">${t('tokens.none')}</p>` : nothing) : html`
        <table class="rowsof"><caption class="hidden">${t('tokens.title')}</caption>
          <thead><tr><th scope="col">${t('tokens.prefix')}</th><th scope="col" class="wide">${t('details.made')}</th><th scope="col">${t('tokens.expires')}</th>
            <th scope="col" class="wide">${t('tokens.used')}</th><th scope="col"><span class="hidden">${t('tokens.revoke.do')}</span></th></tr></thead>
          <tbody>${this.tokens.map(token => this.row(token))}</tbody></table>`}
      ${this.next ? html`<button class="quiet" ?disabled=${this.isBusy} @click=${this.more}>${t('app.more')}</button>` : nothing}`;
  }

  row(token) {
    const isExpired = token.expires_at && new Date(token.expires_at) < new Date();
    return html`<tr><th scope="row"><code>${token.prefix}…</code>
        ${token.administrator ? html`<span class="badge">${t('tokens.isadministrator')}</span>` : nothing}
        ${session.token?.startsWith(token.prefix) ? html`<span class="badge">${t('tokens.isown')}</span>` : nothing}</th>
      <td class="wide">${time(token.created_at)}</td>
      <td>${isExpired ? html`<span class="badge error">${t('tokens.isexpired')}</span>` : token.expires_at ? time(token.expires_at) : t('tokens.never')}</td>
      <td class="wide">${token.last_used_at ? time(token.last_used_at) : t('tokens.never')}</td>
      <td class="last"><button class="quiet square" ?disabled=${this.isBusy} @click=${() => this.revoke(token)}
        aria-label=${t('tokens.revoke', {prefix: token.prefix})} title=${t('tokens.revoke', {prefix: token.prefix})}>${icon('close')}</button></td></tr>`;
  }
}

export function time(instant) {
  return html`<time datetime=${instant} title=${exactly(instant)}>${briefly(instant)}</time>`;
}

customElements.define('docs-tokens', Tokens);

export default () => html`<div class="sheet"><h1>${t('nav.tokens')}</h1><p class="muted">${t('tokens.how')}</p>
  <section class="card"><docs-tokens .userId=${session.me.user_id}></docs-tokens></section></div>`;

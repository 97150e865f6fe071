/** For administrators: who has documents, how much, and how much they may have. */
import {Element, html, nothing} from './element.js';
import {call, documentsChanged, get, session} from './api.js';
import {bytes, number, problemText} from './format.js';
import {address, go} from './router.js';
import {ask} from './dialog.js';
import {t} from './text.js';
import {icon} from './icons.js';
import './tokens.js';
import './usage.js';

const GIGABYTE = 1_000_000_000;

class Users extends Element {
  static properties = {users: {state: true}, next: {state: true}, problem: {state: true}, isBusy: {state: true}};

  constructor() {
    super();
    this.users = [];
    this.next = '';
    this.problem = null;
    this.isBusy = false;
  }

  connectedCallback() {
    super.connectedCallback();
    this.more();
  }

  async more() {
    await this.guarded(async () => {
      const page = await get(`/v1/users?${new URLSearchParams(this.next ? {cursor: this.next} : {})}`);
      this.users = [...this.users, ...page.items];
      this.next = page.next_cursor;
    });
  }

  open(event) {
    event.preventDefault();
    const id = event.target.elements.user.value.trim();
    if (id) {
      go(address('users', {rest: [id]}));
    }
  }

  render() {
    return html`<div class="sheet"><h1>${t('nav.users')}</h1>
      <form class="inline" @submit=${this.open}><label class="hidden" for="open-user">${t('users.open')}</label>
        <input id="open-user" name="user" required maxlength="255" placeholder=${t('users.open')} autocomplete="off">
        <button>${t('users.open.do')}</button></form>
      <section class="card"><table class="rowsof"><caption class="hidden">${t('nav.users')}</caption>
        <thead><tr><th scope="col">${t('users.user')}</th><th scope="col" class="figure wide">${t('usage.documents')}</th>
          <th scope="col" class="figure">${t('users.used')}</th><th scope="col" class="figure">${t('users.limit')}</th></tr></thead>
        <tbody>${this.users.map(user => this.row(user))}</tbody></table>
        ${this.problem ? html`<p class="bad" role="alert">${problemText(this.problem)} <button @click=${this.more}>${t('app.retry')}</button></p>` : nothing}
        ${this.next && !this.problem ? html`<button class="quiet" ?disabled=${this.isBusy} @click=${this.more}>${t('app.more')}</button>` : nothing}
      </section></div>`;
  }

  row(user) {
    const taken = user.bytes.used + user.bytes.reserved;
    const limit = user.bytes.limit;
    const isFull = limit !== null && taken >= 0.9 * limit;
    return html`<tr><th scope="row"><a href=${address('users', {rest: [user.user_id]})}><bdi>${user.user_id}</bdi></a></th>
      <td class="figure wide">${number(user.documents.total)}</td>
      <td class="figure">${bytes(taken)}${isFull ? html` <span class="badge error">${t('users.full', {percent: limit === 0 ? 100 : Math.round(100 * taken / limit)})}</span>` : nothing}</td>
      <td class="figure">${limit === null ? t('users.nolimit') : bytes(limit)}</td></tr>`;
  }
}

customElements.define('docs-users', Users);

class User extends Element {
  static properties = {userId: {attribute: false}, usage: {state: true}, problem: {state: true}, said: {state: true}, isBusy: {state: true}};

  constructor() {
    super();
    this.usage = null;
    this.problem = null;
    this.said = '';
    this.isBusy = false;
  }

  willUpdate(changed) {
    if (changed.has('userId')) {
      this.usage = null;
      this.said = '';
      this.load();
    }
  }

  get query() {
    return new URLSearchParams({user_id: this.userId});
  }

  load() {
    const userId = this.userId;
    return this.guarded(async () => {
      const usage = await get(`/v1/users/usage?${this.query}`);
      if (userId === this.userId) {
        this.usage = usage;
      }
    });
  }

  save(event) {
    event.preventDefault();
    const form = event.target.elements;
    const value = (name, unit) => form[name].value === '' ? null : Math.round(form[name].valueAsNumber * unit);
    return this.guarded(async () => {
      const limits = {bytes: value('bytes', GIGABYTE), documents: value('documents', 1), uploads: value('uploads', 1)};
      this.usage = await (await call('PUT', `/v1/users/quota?${this.query}`, {json: limits})).json();
      this.said = t('users.saved');
    });
  }

  async deleteUser() {
    await this.load();
    if (this.problem) {
      return;
    }
    const {documents, bytes: figures} = this.usage;
    const answer = ask({
      title: t('users.delete.title', {user: this.userId}),
      content: html`<p>${t('users.delete.lost')}</p>
        <ul><li>${t('users.delete.documents', {count: documents.total, size: bytes(figures.used)})}</li>
          ${figures.reserved > 0 ? html`<li>${t('users.delete.uploads', {size: bytes(figures.reserved)})}</li>` : nothing}
          <li>${t('users.delete.rest')}</li></ul>
        <p>${t('bulk.final')}</p>
        <label>${t('users.delete.type', {user: this.userId})}
          <input name="typed" autocomplete="off" spellcheck="false" @input=${event => { deletes().disabled = event.target.value !== this.userId; }}></label>`,
      confirm: t('users.delete.do'),
      isDangerous: true,
    });
    const deletes = () => document.querySelector('dialog[open] .danger');
    deletes().disabled = true;
    if (await answer) {
      await this.guarded(async () => {
        await call('DELETE', `/v1/users?${this.query}`);
        documentsChanged();
        go(address('users'));
      });
    }
  }

  guarded(work) {
    this.said = '';
    return super.guarded(work);
  }

  render() {
    return html`<div class="sheet"><a class="back" href=${address('users')}>${icon('back')}${t('nav.users')}</a>
      <h1><bdi>${this.userId}</bdi></h1>
      ${this.problem ? html`<p class="bad" role="alert">${problemText(this.problem)}</p>` : nothing}
      ${this.usage ? this.sections() : nothing}</div>`;
  }

  sections() {
    const own = this.usage.own_limits;
    const field = (name, unit, value) => html`<label>${t(`users.limit.${name}`)}
      <input type="number" name=${name} min="0" step=${unit === 1 ? 1 : 'any'} placeholder=${t('users.default')} .value=${value === null ? '' : String(value / unit)}></label>`;
    return html`
      <section class="card"><h2>${t('nav.usage')}</h2><docs-usage-meter .usage=${this.usage}></docs-usage-meter>
        <a href=${address('documents', {query: {user_id: this.userId, status: 'any'}})}>${t('users.documents')}</a></section>
      <section class="card"><h2>${t('users.limits')}</h2>
        <form class="inline limits" @submit=${this.save}>
          ${field('bytes', GIGABYTE, own.bytes)}${field('documents', 1, own.documents)}${field('uploads', 1, own.uploads)}
          <button class="primary" ?disabled=${this.isBusy}>${t('users.save')}</button></form>
        <p class="muted small">${t('users.limits.how')}</p><p role="status" class="muted said2">${this.said}</p></section>
      ${session.me.tokens ? html`<section class="card"><h2>${t('nav.tokens')}</h2><docs-tokens .userId=${this.userId}></docs-tokens></section>` : nothing}
      ${this.userId === session.me.user_id ? nothing : html`<section class="card"><h2>${t('users.delete')}</h2><p>${t('users.delete.how')}</p>
        <p class="below"><button class="danger" ?disabled=${this.isBusy} @click=${this.deleteUser}>${t('users.delete.ask')}</button></p></section>`}`;
  }
}

customElements.define('docs-user', User);

export default route => route.rest.length > 0 && route.rest[0] !== ''
  ? html`<docs-user .userId=${route.rest[0]}></docs-user>`
  : html`<docs-users></docs-users>`;

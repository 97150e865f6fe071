/** What can be done with many documents at once, and what came of it. */
import {Element, html, nothing} from './element.js';
import {documentsChanged, post} from './api.js';
import {address} from './router.js';
import {bytes, problemText} from './format.js';
import {ask} from './dialog.js';
import {t} from './text.js';
import {icon} from './icons.js';
import {MOST} from './selection.js';
import './patch.js';

/** As many documents as the address of a zip file can name. */
const MOST_IN_ZIP = 100;
const MOST_FAILURES = 50;
/** What each status lets one do; a list of any status offers all. */
const OFFERED = {active: ['archive'], archived: ['restore'], error: ['archive'], pending: [], any: ['archive', 'restore']};

class Bulk extends Element {
  static properties = {
    selection: {attribute: false}, pages: {attribute: false}, status: {attribute: false},
    isBusy: {state: true}, outcome: {state: true}, problem: {state: true}, zips: {state: true},
  };

  constructor() {
    super();
    this.isBusy = false;
    this.outcome = null;
    this.problem = null;
    this.zips = null;
  }

  /** Does something with what is chosen, as names by ids; what fails is told, and can be tried again. */
  attempt(work) {
    this.outcome = null;
    this.zips = null;
    this.again = () => this.attempt(work);
    return this.guarded(async () => {
      const chosen = await this.selection.documents(this.pages.query);
      if (chosen === null) {
        this.problem = {detail: t('bulk.toomany', {most: MOST})};
      } else if (chosen.size > 0) {
        await work(chosen);
      }
    });
  }

  /** @param key the same for every attempt at the same: what was done already is not done again */
  carryOut(action, chosen, {key = newKey(), patch} = {}) {
    this.again = () => this.carryOut(action, chosen, {key, patch});
    return this.guarded(async () => {
      const report = await post('/v1/bulk', {action, ids: [...chosen.keys()], ...(patch ? {patch} : {})}, {headers: {'Idempotency-Key': key}});
      this.outcome = {
        action,
        done: report.done,
        changed: new Map(report.results.filter(each => each.changed).map(each => [each.id, chosen.get(each.id)])),
        failures: report.results.filter(each => each.problem).map(each => ({id: each.id, name: chosen.get(each.id), problem: each.problem})),
      };
      this.selection.clear();
      documentsChanged();
      await this.updateComplete;
      this.querySelector('.outcome')?.focus({preventScroll: true});
    });
  }

  change(action) {
    return this.attempt(chosen => this.carryOut(action, chosen));
  }

  edit() {
    return this.attempt(async chosen => {
      const edited = {patch: {}};
      const sure = await ask({
        title: t('bulk.edit.title', {count: chosen.size}),
        content: html`<p class="muted">${t('bulk.edit.how')}</p><docs-patch .target=${edited}></docs-patch>`,
        confirm: t('bulk.edit.do'),
      });
      if (sure && Object.keys(edited.patch).length > 0) {
        await this.carryOut('update', chosen, {patch: {metadata: edited.patch}});
      }
    });
  }

  purge() {
    return this.attempt(async chosen => {
      const lost = await post('/v1/bulk', {action: 'purge', ids: [...chosen.keys()], dry_run: true});
      const more = lost.count - lost.sample.length;
      const sure = await ask({
        title: t('bulk.purge.title', {count: lost.count}),
        content: html`<p>${t('bulk.lost')}</p>
          <ul>${lost.sample.map(each => html`<li><b><bdi>${each.name}</bdi></b></li>`)}
            ${more > 0 ? html`<li>${t('bulk.purge.more', {count: more})}</li>` : nothing}</ul>
          <p>${t('bulk.purge.bytes', {size: bytes(lost.bytes)})} ${t('bulk.final')}</p>
          ${lost.failed > 0 ? html`<p class="bad">${t('bulk.purge.refused', {count: lost.failed})}</p>` : nothing}`,
        confirm: t('bulk.purge.do'),
        isDangerous: true,
      });
      if (sure) {
        await this.carryOut('purge', chosen);
      }
    });
  }

  /** A link of its own for every so many: the browser saves what it leads to as it comes, and none of it is held here. */
  download() {
    return this.attempt(async chosen => {
      const ids = [...chosen.keys()];
      const parts = [];
      for (let from = 0; from < ids.length; from += MOST_IN_ZIP) {
        parts.push(ids.slice(from, from + MOST_IN_ZIP));
      }
      if (parts.length === 1) {
        await save(parts[0]);
      } else {
        this.zips = parts;
      }
    });
  }

  async savePart(ids) {
    this.problem = null;
    try {
      await save(ids);
    } catch (e) {
      this.problem = e;
    }
  }

  /** The button that was pressed is gone, and with it the place of the keyboard: it goes to the list. */
  leave() {
    document.querySelector('.scroller')?.focus({preventScroll: true});
  }

  undo() {
    const {action, changed} = this.outcome;
    return this.carryOut(action === 'archive' ? 'restore' : 'archive', changed);
  }

  render() {
    return html`
      ${this.selection.isEmpty ? nothing : this.bar()}
      ${this.zips ? this.parts() : nothing}
      ${this.problem ? html`<div class="outcome" role="alert"><p class="bad">${problemText(this.problem)}</p>
          ${this.problem.status === 0 ? html`<button @click=${() => this.again()}>${t('app.retry')}</button>` : nothing}
          ${this.closing(() => { this.problem = null; })}</div>` : nothing}
      ${this.outcome ? this.told() : nothing}`;
  }

  bar() {
    const count = this.pages.count;
    const isMoreThanCounted = this.selection.isAll && this.pages.isCapped;
    const loaded = typeof count === 'number' ? count : this.pages.rows;
    return html`<div class="bulk" role="toolbar" aria-label=${t('bulk.label')}>
      <span role="status">${t(isMoreThanCounted ? 'bulk.chosenmore' : 'bulk.chosen', {count: this.selection.size(loaded)})}</span>
      ${this.selection.isAll ? nothing : html`<button class="link" @click=${() => this.selection.chooseAll()}>
        ${t(this.pages.isCapped ? 'bulk.allmore' : 'bulk.all', {count: loaded})}</button>`}
      <span class="gap"></span>
      ${(OFFERED[this.status] ?? OFFERED.any).map(action => html`
        <button ?disabled=${this.isBusy} @click=${() => this.change(action)}>${t(`bulk.${action}`)}</button>`)}
      <button ?disabled=${this.isBusy} @click=${this.download}>${icon('download')}${t('bulk.zip')}</button>
      <button ?disabled=${this.isBusy} @click=${this.edit}>${t('bulk.edit')}</button>
      <button ?disabled=${this.isBusy} class="danger" @click=${this.purge}>${t('bulk.purge')}</button>
      <button class="quiet square" aria-label=${t('bulk.clear')} title=${t('bulk.clear')} @click=${() => { this.selection.clear(); this.leave(); }}>${icon('close')}</button>
    </div>`;
  }

  parts() {
    return html`<div class="outcome" role="group" aria-label=${t('bulk.zip')}><p>${t('bulk.zip.parts', {most: MOST_IN_ZIP, count: this.zips.length})}</p>
      <p class="actions">${this.zips.map((ids, i) => html`
        <button @click=${() => this.savePart(ids)}>${t('bulk.zip.part', {part: i + 1})}</button>`)}</p>
      ${this.closing(() => { this.zips = null; })}</div>`;
  }

  told() {
    const {action, done, changed, failures} = this.outcome;
    const isUndone = ['archive', 'restore'].includes(action) && changed.size > 0;
    return html`<div class="outcome" tabindex="-1">
      <p role="status">${t(`bulk.done.${action}`, {count: done})}${failures.length > 0 ? html` <b class="bad">${t('bulk.failed', {count: failures.length})}</b>` : nothing}</p>
      ${isUndone ? html`<button ?disabled=${this.isBusy} @click=${this.undo}>${icon('restore')}${t('bulk.undo')}</button>` : nothing}
      ${this.closing(() => { this.outcome = null; })}
      ${failures.length === 0 ? nothing : html`<ul>${failures.slice(0, MOST_FAILURES).map(each => html`
        <li><a href=${address('document', {rest: [each.id]})}><bdi>${each.name ?? each.id}</bdi></a>: ${problemText({...each.problem, type: each.problem.type.replace('/problems/', '')})}</li>`)}
        ${failures.length > MOST_FAILURES ? html`<li>${t('bulk.failedmore', {count: failures.length - MOST_FAILURES})}</li>` : nothing}</ul>`}
    </div>`;
  }

  closing(close) {
    return html`<button class="quiet square" aria-label=${t('app.close')} title=${t('app.close')} @click=${() => { close(); this.leave(); }}>${icon('close')}</button>`;
  }
}

async function save(ids) {
  const {url} = await post('/v1/links', {ids, expires_in: 600});
  location.assign(url);
}

function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map(each => each.toString(16).padStart(2, '0')).join('');
}

customElements.define('docs-bulk', Bulk);

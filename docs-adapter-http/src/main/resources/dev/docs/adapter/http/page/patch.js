/** An editor of what is to be set and removed in the metadata of many documents: a JSON Merge Patch (RFC 7396). */
import {Element, html} from './element.js';
import {parsed} from './merge.js';
import {t} from './text.js';
import {icon} from './icons.js';

class Patch extends Element {
  /** `target.patch` is what has been entered. */
  static properties = {target: {attribute: false}, rows: {state: true}};

  constructor() {
    super();
    this.rows = [{key: '', value: '', isRemoved: false}];
  }

  edit(row, change) {
    Object.assign(row, change);
    this.target.patch = Object.fromEntries(this.rows
      .filter(each => each.key.trim() !== '')
      // null as a value would remove, which has a choice of its own
      .map(each => [each.key.trim(), each.isRemoved ? null : parsed(each.value) ?? each.value]));
    this.requestUpdate();
  }

  async add() {
    this.rows = [...this.rows, {key: '', value: '', isRemoved: false}];
    await this.updateComplete;
    [...this.querySelectorAll('.patchkey')].at(-1).focus();
  }

  render() {
    return html`${this.rows.map((row, i) => html`<fieldset class="patch"><legend class="hidden">${t('patch.entry', {number: i + 1})}</legend>
        <input class="patchkey" aria-label=${t('filter.key')} placeholder=${t('filter.key')} autocomplete="off" .value=${row.key}
          @input=${event => this.edit(row, {key: event.target.value})}>
        <select aria-label=${t('patch.what')} @change=${event => this.edit(row, {isRemoved: event.target.value === 'remove'})}>
          <option value="set">${t('patch.set')}</option><option value="remove">${t('patch.remove')}</option></select>
        <input aria-label=${t('filter.value')} placeholder=${t('filter.value')} autocomplete="off" .value=${row.value} ?disabled=${row.isRemoved}
          @input=${event => this.edit(row, {value: event.target.value})}></fieldset>`)}
      <button type="button" class="quiet" @click=${this.add}>${icon('add')}${t('patch.add')}</button>
      <p class="muted small">${t('patch.hint')}</p>`;
  }
}

customElements.define('docs-patch', Patch);

/** Questions that have to be answered before anything else. */
import {html, render} from './lit-html.js';
import {t} from './text.js';

let count = 0;

/**
 * @param content a template that says what will happen
 * @param confirm the word on the button that makes it happen
 * @returns a promise of whether it shall
 */
export function ask({title, content, confirm, isDangerous = false}) {
  const dialog = document.createElement('dialog');
  const id = `dialog-${++count}`;
  dialog.setAttribute('aria-labelledby', id);
  // the page has no forms that go anywhere, so buttons close it
  render(html`
    <h2 id=${id}>${title}</h2>
    <div class="dialogtext">${content}</div>
    <div class="actions">
      <button class=${isDangerous ? 'danger' : 'primary'} @click=${() => dialog.close('yes')}>${confirm}</button>
      <button autofocus @click=${() => dialog.close('')}>${t('app.cancel')}</button>
    </div>`, dialog);
  document.querySelector('docs-app').append(dialog);
  return new Promise(resolve => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    dialog.showModal();
  });
}

/** The panel of uploads, and the ways files get there: dropped, pasted, chosen. */
import {Element, html, nothing} from './element.js';
import {session} from './api.js';
import {address} from './router.js';
import {bytes, duration, problemText, speed} from './format.js';
import {t} from './text.js';
import {icon} from './icons.js';
import {queue} from './queue.js';

/** Of more, nobody reads the list. */
const MOST_SHOWN = 100;
const BUTTONS = {
  waiting: ['pause', 'cancel'],
  running: ['pause', 'cancel'],
  lost: ['pause', 'cancel'],
  paused: ['resume', 'cancel'],
  missing: ['choose', 'cancel'],
  failed: ['retry'],
  cancelled: ['retry'],
  done: [],
};
const ORDER = ['running', 'lost', 'missing', 'failed', 'paused', 'waiting', 'cancelled', 'done'];

class Uploads extends Element {
  static properties = {isOver: {state: true}, isFolded: {state: true}, said: {state: true}};

  constructor() {
    super();
    this.isOver = false;
    this.isFolded = false;
    this.said = '';
    this.depth = 0;
    this.wasUnderWay = false;
    queue.addEventListener('changed', () => this.changed());
    queue.addEventListener('added', () => { this.isFolded = false; });
    addEventListener('dragenter', event => this.dragged(event, 1));
    addEventListener('dragleave', event => this.dragged(event, -1));
    addEventListener('dragover', event => hasFiles(event) && event.preventDefault());
    addEventListener('drop', event => this.dropped(event));
    addEventListener('paste', event => this.pasted(event));
    queue.recall();
  }

  /** At most once a frame, however many tell. */
  changed() {
    const isUnderWay = queue.uploads.some(each => each.isUnderWay);
    if (this.wasUnderWay && !isUnderWay) {
      const failed = queue.uploads.filter(each => each.state === 'failed').length;
      const done = queue.uploads.filter(each => each.state === 'done').length;
      this.said = failed ? t('uploads.saidfailed', {count: failed, done}) : t('uploads.said', {count: done});
    }
    this.wasUnderWay = isUnderWay;
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.requestUpdate();
    });
  }

  dragged(event, step) {
    if (session.me && hasFiles(event)) {
      event.preventDefault();
      this.depth = Math.max(0, this.depth + step);
      this.isOver = this.depth > 0;
    }
  }

  async dropped(event) {
    if (!hasFiles(event)) {
      return;
    }
    event.preventDefault();
    this.depth = 0;
    this.isOver = false;
    if (session.me) {
      queue.add(await filesOf(event.dataTransfer));
    }
  }

  pasted(event) {
    const files = [...event.clipboardData?.files ?? []];
    if (session.me && files.length > 0 && !event.target.closest?.('input, textarea')) {
      event.preventDefault();
      queue.add(files);
    }
  }

  act(upload, what) {
    if (what === 'resume' || what === 'retry') {
      queue.resume([upload]);
    } else if (what === 'choose') {
      choose({onChosen: files => queue.add(files.map(file => ({file, folder: upload.target.folder})), {documentId: upload.target.documentId})});
    } else {
      upload[what]();
    }
  }

  render() {
    const uploads = queue.uploads;
    return html`
      <p class="hidden" role="status">${this.said}</p>
      ${this.isOver ? html`<div class="drop">${icon('upload')}<p>${t('uploads.drop')}</p></div>` : nothing}
      ${uploads.length === 0 ? nothing : html`<section class="dock" aria-label=${t('uploads.title')}>
        ${this.head(uploads)}
        ${this.isFolded ? nothing : html`<ul>${this.sorted(uploads).slice(0, MOST_SHOWN).map(each => this.item(each))}
          ${uploads.length > MOST_SHOWN ? html`<li class="muted">${t('uploads.more', {count: uploads.length - MOST_SHOWN})}</li>` : nothing}</ul>`}
      </section>`}`;
  }

  sorted(uploads) {
    return uploads.length <= MOST_SHOWN ? uploads : [...uploads].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  }

  head(uploads) {
    const {sent, size, speed: rate, seconds, done, count} = queue.totals();
    const isUnderWay = uploads.some(each => each.isUnderWay);
    const canResume = uploads.some(each => each.state === 'paused');
    return html`<div class="dockhead">
        <h2>${t('uploads.progress', {done, count})}</h2>
        <span class="gap"></span>
        ${isUnderWay ? this.button('pause', t('uploads.pauseall'), () => queue.pause()) : nothing}
        ${canResume && !isUnderWay ? this.button('resume', t('uploads.resumeall'), () => queue.resume()) : nothing}
        ${uploads.some(each => !each.isOver) ? this.button('close', t('uploads.cancelall'), () => queue.cancel()) : nothing}
        <button class="quiet square" aria-expanded=${!this.isFolded} aria-label=${t('uploads.list')} title=${t('uploads.list')}
          @click=${() => { this.isFolded = !this.isFolded; }}>${icon(this.isFolded ? 'up' : 'down')}</button>
        ${uploads.some(each => !each.isOver) ? nothing : this.button('close', t('uploads.clear'), () => queue.clear())}
      </div>
      ${uploads.some(each => !each.isOver) ? html`
        <progress class="total" max=${Math.max(1, size)} .value=${sent} aria-label=${t('uploads.total')}></progress>
        <p class="muted small">${t('uploads.of', {sent: bytes(sent), size: bytes(size)})}${isUnderWay && rate > 0 ? html` · ${speed(rate)}` : nothing}${
          isUnderWay && seconds !== null && Number.isFinite(seconds) ? html` · ${t('uploads.left', {time: duration(seconds)})}` : nothing}</p>` : nothing}`;
  }

  button(picture, label, click) {
    return html`<button class="quiet square" aria-label=${label} title=${label} @click=${click}>${icon(picture)}</button>`;
  }

  item(upload) {
    const pictures = {pause: 'pause', resume: 'resume', retry: 'retry', cancel: 'close', choose: 'upload'};
    return html`<li class="upload ${upload.state}">
      <span class="uploadname" title=${upload.name}>${upload.documentId
        ? html`<a href=${address('document', {rest: [upload.documentId]})}><bdi>${upload.name}</bdi></a>`
        : html`<bdi>${upload.name}</bdi>`}</span>
      <span class="uploadbuttons">
        ${upload.state === 'done' ? html`<span class="ok">${icon('done')}</span>` : nothing}
        ${BUTTONS[upload.state].map(what => this.button(pictures[what], t(`uploads.${what}`, {name: upload.name}), () => this.act(upload, what)))}
      </span>
      ${upload.isOver || upload.state === 'missing' ? nothing : html`
        <progress max=${Math.max(1, upload.size)} .value=${upload.offset} aria-label=${t('uploads.one', {name: upload.name})}></progress>`}
      <span class="small ${upload.problem ? 'bad' : 'muted'}">${this.words(upload)}</span>
    </li>`;
  }

  words(upload) {
    if (upload.problem) {
      return problemText(upload.problem);
    }
    const amount = upload.offset > 0 && !upload.isOver
      ? t('uploads.of', {sent: bytes(upload.offset), size: bytes(upload.size)})
      : bytes(upload.size);
    return upload.state === 'running' && upload.offset > 0 ? amount : `${amount} · ${t(`uploads.state.${upload.state}`)}`;
  }
}

function hasFiles(event) {
  return [...event.dataTransfer?.types ?? []].includes('Files');
}

/** Files, and what is in folders, with the folder's path. */
async function filesOf(transfer) {
  const entries = [...transfer.items].map(item => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.length === 0) {
    return [...transfer.files];
  }
  const found = [];
  const walk = async (entry, folder) => {
    if (entry.isFile) {
      found.push({file: await new Promise((resolve, reject) => entry.file(resolve, reject)), folder});
      return;
    }
    const reader = entry.createReader();
    const inside = folder ? `${folder}/${entry.name}` : entry.name;
    // a reader gives some at a time, until it gives none
    for (let some; (some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject))).length > 0;) {
      for (const each of some) {
        await walk(each, inside);
      }
    }
  };
  for (const entry of entries) {
    await walk(entry, '');
  }
  return found;
}

/** Lets one choose files, or a whole folder. */
export function choose({folder = false, multiple = true, onChosen = files => queue.add(files)} = {}) {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = multiple;
  input.webkitdirectory = folder;
  input.addEventListener('change', () => onChosen([...input.files].map(file => folder
    ? {file, folder: file.webkitRelativePath.split('/').slice(0, -1).join('/')}
    : file)));
  input.click();
}

customElements.define('docs-uploads', Uploads);

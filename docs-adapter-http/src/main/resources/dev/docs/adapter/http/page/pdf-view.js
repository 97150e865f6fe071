/** A PDF, drawn page by page as they come into sight. The document's own scripts and links do nothing here. */
import {Element, html, nothing} from './element.js';
import {t} from './text.js';
import * as pdfjs from './pdf.js';

const here = new URL('.', import.meta.url).pathname;
const WORKER = `${here}pdf-worker.js`;
const PIECE_BYTES = 256 * 1024;
const MARGIN = '600px';

// the one script that is named by text: the policy of the page lets nothing else become one
const policy = globalThis.trustedTypes?.createPolicy('docs', {
  createScriptURL(url) {
    if (url !== WORKER) {
      throw new TypeError(`not a script of this page: ${url}`);
    }
    return url;
  },
});

class Pdf extends Element {
  static properties = {link: {attribute: false}, pages: {state: true}, problem: {state: true}};

  constructor() {
    super();
    this.pages = 0;
    this.problem = null;
    this.observer = new IntersectionObserver(entries => entries.forEach(entry => this.seen(entry)), {rootMargin: MARGIN});
  }

  willUpdate(changed) {
    if (changed.has('link')) {
      this.load();
    }
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.observer.disconnect();
    this.close();
  }

  close() {
    this.task?.destroy();
    this.worker?.terminate();
    this.task = null;
  }

  async load() {
    this.close();
    this.worker = new Worker(policy ? policy.createScriptURL(WORKER) : WORKER, {type: 'module'});
    const task = pdfjs.getDocument({
      url: this.link,
      worker: pdfjs.PDFWorker.create({port: this.worker}),
      rangeChunkSize: PIECE_BYTES,
      disableAutoFetch: true,
      disableStream: true,
      cMapUrl: here,
      cMapPacked: true,
      standardFontDataUrl: here,
      wasmUrl: here,
      enableXfa: false,
    });
    this.task = task;
    try {
      this.pdf = await task.promise;
      const first = (await this.pdf.getPage(1)).getViewport({scale: 1});
      this.ratio = first.height / first.width;
      this.pages = this.pdf.numPages;
      await this.updateComplete;
      this.querySelectorAll('.pdfpage').forEach(page => this.observer.observe(page));
    } catch (e) {
      if (this.task === task) {
        this.problem = e.name === 'PasswordException' ? 'pdf.password' : 'preview.broken';
      }
    }
  }

  async seen({isIntersecting, target}) {
    if (!isIntersecting || target.dataset.state) {
      return;
    }
    target.dataset.state = 'drawing';
    const page = await this.pdf.getPage(Number(target.dataset.number));
    const canvas = target.querySelector('canvas');
    const wide = page.getViewport({scale: 1});
    const viewport = page.getViewport({scale: Math.min(3, target.clientWidth * devicePixelRatio / wide.width)});
    canvas.width = viewport.width;
    canvas.height = viewport.height;
    target.style.aspectRatio = `${wide.width} / ${wide.height}`;
    await page.render({canvas, viewport, annotationMode: pdfjs.AnnotationMode.DISABLE}).promise;
    // for who does not see the picture
    const {items} = await page.getTextContent();
    target.querySelector('.hidden').textContent = items.map(item => item.str + (item.hasEOL ? '\n' : '')).join('');
    target.dataset.state = 'drawn';
  }

  render() {
    return html`
      ${this.problem ? html`<div class="state"><p>${t(this.problem)}</p></div>` : nothing}
      <div class="pdfpages" tabindex="0" role="group" aria-label=${t('pdf.pages', {count: this.pages})}>
      ${Array.from({length: this.pages}, (_, i) => html`<div class="pdfpage" data-number=${i + 1} .style=${`aspect-ratio: ${1 / this.ratio}`}>
        <canvas aria-hidden="true"></canvas><p class="hidden"></p></div>`)}</div>
      ${this.pages === 0 && !this.problem ? html`<div class="state" aria-busy="true"><p>${t('app.loading')}</p></div>` : nothing}`;
  }
}

customElements.define('docs-pdf', Pdf);

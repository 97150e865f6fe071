/**
 * What is in a document, shown and never run: pictures and media as such, PDF drawn by pdf.js, all that is text as text.
 * Nothing of a document becomes a part of this page's markup.
 */
import {Element, html, nothing} from './element.js';
import {call, signedLink} from './api.js';
import {bytes, kind, problemText} from './format.js';
import {t} from './text.js';
import {icon} from './icons.js';

const TEXT_BYTES = 256 * 1024;
const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/bmp', 'image/svg+xml'];
const TEXTS = /^text\/|[/+](json|xml|yaml)$|^application\/(javascript|x-sh|x-javascript|sql|toml|x-yaml|rtf)$/;

/** How a media type is shown; null if it is not. */
export function way(mimeType) {
  const type = (mimeType ?? '').split(';')[0].trim();
  if (PICTURES.includes(type)) {
    return 'picture';
  }
  if (type.startsWith('audio/') || type.startsWith('video/')) {
    return type.substring(0, 5);
  }
  if (type === 'application/pdf') {
    return 'pdf';
  }
  return TEXTS.test(type) ? 'text' : null;
}

class Preview extends Element {
  static properties = {
    document: {attribute: false}, version: {attribute: false},
    link: {state: true}, text: {state: true}, total: {state: true}, problem: {state: true}, isBroken: {state: true},
  };

  willUpdate(changed) {
    const wanted = `${this.document.id} ${this.version ?? this.document.version} ${this.document.status}`;
    if ((changed.has('document') || changed.has('version')) && wanted !== this.wanted) {
      this.wanted = wanted;
      this.load(wanted);
    }
  }

  get mimeType() {
    return this.version ? this.versionType ?? null : this.document.mime_type;
  }

  async load(wanted) {
    this.link = null;
    this.text = null;
    this.problem = null;
    this.isBroken = false;
    this.way = null;
    if (!this.document.sha256) {
      return;
    }
    const path = `/v1/documents/${this.document.id}`;
    try {
      this.versionType = this.version ? (await (await call('GET', `${path}/versions/${this.version}`)).json()).mime_type : null;
      const how = way(this.mimeType);
      let link = null;
      let text = null;
      if (how === 'text') {
        // by its number, so that no cache puts parts of two versions together
        const number = this.version ?? this.document.version;
        const response = await call('GET', `${path}/content?version=${number}`, {headers: {Range: `bytes=0-${TEXT_BYTES - 1}`}}).catch(e => {
          // of nothing there is no part
          if (e.status === 416) {
            return new Response('');
          }
          throw e;
        });
        const charset = /charset="?([^";]+)/i.exec(response.headers.get('Content-Type') ?? '')?.[1];
        text = decoded(await response.arrayBuffer(), charset);
        this.total = Number(response.headers.get('Content-Range')?.split('/')[1] ?? 0);
      } else if (how) {
        link = await signedLink(this.document.id, {version: this.version, disposition: 'inline'});
      }
      if (wanted !== this.wanted) {
        return;
      }
      this.way = how;
      this.link = link;
      this.text = text;
      if (how === 'pdf') {
        await import('./pdf-view.js');
      }
    } catch (e) {
      if (wanted === this.wanted) {
        this.problem = e;
      }
    }
    this.requestUpdate();
  }

  render() {
    return html`<section class="preview" aria-label=${t('preview.title')}>${this.content()}</section>`;
  }

  content() {
    if (this.problem) {
      return this.none('warning', problemText(this.problem));
    }
    if (!this.document.sha256) {
      return this.none('file', t('preview.nothing'));
    }
    if (this.isBroken) {
      return this.none(kind(this.mimeType), t('preview.broken'));
    }
    const name = this.document.name;
    const broken = () => { this.isBroken = true; };
    switch (this.link || this.text !== null ? this.way : null) {
      case 'picture': return html`<img src=${this.link} alt=${t('preview.picture', {name})} @error=${broken}>`;
      case 'audio': return html`<audio controls preload="metadata" src=${this.link} aria-label=${name} @error=${broken}></audio>`;
      case 'video': return html`<video controls preload="metadata" src=${this.link} aria-label=${name} @error=${broken}></video>`;
      case 'pdf': return html`<docs-pdf .link=${this.link}></docs-pdf>`;
      case 'text': return html`
        ${this.total > TEXT_BYTES ? html`<p class="cut">${t('preview.cut', {shown: bytes(TEXT_BYTES), total: bytes(this.total)})}</p>` : nothing}
        <pre tabindex="0" aria-label=${t('preview.text', {name})}>${this.text}</pre>`;
      default: return this.wanted && way(this.mimeType)
        ? html`<div class="state" aria-busy="true"><p>${t('app.loading')}</p></div>`
        : this.none(kind(this.mimeType), t('preview.none'));
    }
  }

  none(picture, words) {
    return html`<div class="state">${icon(picture)}<p>${words}</p></div>`;
  }
}

function decoded(buffer, charset) {
  try {
    return new TextDecoder(charset ?? 'utf-8').decode(buffer);
  } catch {
    // a charset that the browser does not know
    return new TextDecoder('utf-8').decode(buffer);
  }
}

customElements.define('docs-preview', Preview);

/** What all parts of the page are made of: elements that render into the page itself, so that one style sheet serves. */
import {LitElement} from './lit-element.js';
import {texts} from './text.js';

export {html, svg, nothing} from './lit-element.js';

export class Element extends LitElement {
  constructor() {
    super();
    this.translated = () => this.requestUpdate();
  }

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    texts.addEventListener('changed', this.translated);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    texts.removeEventListener('changed', this.translated);
  }

  /** Tells those around. */
  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, {detail, bubbles: true}));
  }
}

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

  /** Does something that may fail: `isBusy` as long as it takes, and `problem` is why it failed, or null. */
  async guarded(work) {
    this.isBusy = true;
    this.problem = null;
    try {
      await work();
    } catch (e) {
      this.problem = e;
    } finally {
      this.isBusy = false;
    }
  }

  /** Tells those around. */
  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, {detail, bubbles: true}));
  }
}

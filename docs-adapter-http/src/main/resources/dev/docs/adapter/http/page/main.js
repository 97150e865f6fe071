/** The frame: who is signed in, where we are, and the view that belongs there. */
import {Element, html, nothing} from './element.js';
import {session} from './api.js';
import {address, current} from './router.js';
import {currentLanguage, LANGUAGES, loadTexts, t} from './text.js';
import {icon} from './icons.js';
import {problemText} from './format.js';

/**
 * Every view is a file of its own, loaded when it is first looked at. Its default export makes the template for a route.
 * `shown` says to whom it is offered at the top; one without a title is reached from the view that it is `of`.
 */
const VIEWS = {
  documents: {load: () => import('./list.js'), title: 'nav.documents', shown: () => true},
  document: {load: () => import('./document.js'), of: 'documents'},
  usage: {load: () => import('./usage.js'), title: 'nav.usage', shown: () => true},
  tokens: {load: () => import('./tokens.js'), title: 'nav.tokens', shown: me => me.tokens},
  users: {load: () => import('./users.js'), title: 'nav.users', shown: me => me.administrator},
  storage: {load: () => import('./storage.js'), title: 'nav.storage', shown: me => me.administrator},
};

const THEMES = ['auto', 'light', 'dark'];
const THEME_KEPT = 'docs.theme';

function applyTheme(theme) {
  document.documentElement.dataset.theme = theme;
}

class App extends Element {
  static properties = {
    route: {state: true},
    template: {state: true},
    problem: {state: true},
    busy: {state: true},
    theme: {state: true},
  };

  constructor() {
    super();
    this.route = current();
    this.template = null;
    this.problem = null;
    this.busy = false;
    this.theme = localStorage.getItem(THEME_KEPT) ?? 'auto';
    applyTheme(this.theme);
    addEventListener('hashchange', () => this.show(current()));
    session.addEventListener('changed', () => this.show(current()));
    // the keys that browsers leave to a page
    addEventListener('keydown', event => this.key(event));
  }

  async show(route) {
    const asked = this.asked = {};
    const other = route.view !== this.route.view || route.rest.join() !== this.route.rest.join();
    if (!session.me) {
      this.route = route;
      this.template = null;
      this.requestUpdate();
      return;
    }
    const view = VIEWS[route.view] ?? VIEWS.documents;
    try {
      const loaded = await view.load();
      if (asked !== this.asked) {
        return;
      }
      // together: a view is never shown with the address of another
      this.route = route;
      this.template = loaded.default;
      this.problem = null;
    } catch (e) {
      // a file of another release: the server has been updated since this page was loaded
      console.warn(e);
      this.problem = t('app.outdated');
    }
    if (other) {
      await this.updateComplete;
      this.querySelector('main')?.focus({preventScroll: true});
    }
  }

  key(event) {
    const typing = event.target.closest?.('input, textarea, select, [contenteditable]');
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const search = this.querySelector('input[type=search]');
      if (search) {
        event.preventDefault();
        search.focus();
      }
    }
  }

  async signIn(event) {
    event.preventDefault();
    const field = event.target.elements.token;
    this.busy = true;
    this.problem = null;
    try {
      await session.begin(field.value.trim());
    } catch (e) {
      this.problem = e.status === 401 ? t('signin.refused') : problemText(e);
      await this.updateComplete;
      field.focus();
    } finally {
      this.busy = false;
    }
  }

  nextTheme() {
    this.theme = THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length];
    localStorage.setItem(THEME_KEPT, this.theme);
    applyTheme(this.theme);
  }

  title() {
    const view = VIEWS[this.route.view] ?? VIEWS.documents;
    if (!session.me || view.title) {
      document.title = session.me ? `${t(view.title)} · Docs` : 'Docs';
    }
  }

  render() {
    this.title();
    return html`
      <a class="skip" href="#content" @click=${this.skip}>${t('app.skip')}</a>
      <header class="bar">
        <a class="brand" href=${address('documents')}><img src=${new URL('icon.svg', import.meta.url).pathname} alt="" width="24" height="24">Docs</a>
        ${session.me ? this.navigation() : nothing}
        <span class="gap"></span>
        ${this.tools()}
      </header>
      <main id="content" tabindex="-1">${session.me ? this.view() : this.signInForm()}</main>
      ${session.me ? html`<docs-uploads></docs-uploads>` : nothing}`;
  }

  skip(event) {
    event.preventDefault();
    this.querySelector('main').focus();
  }

  navigation() {
    return html`<nav aria-label=${t('nav.label')}>
      ${Object.entries(VIEWS).filter(([, view]) => view.title && view.shown(session.me)).map(([name, view]) => html`
        <a href=${address(name)} aria-current=${name === this.route.view ? 'page' : name === VIEWS[this.route.view]?.of ? 'true' : nothing}>${t(view.title)}</a>`)}
    </nav>`;
  }

  tools() {
    return html`
      <select class="language" aria-label=${t('app.language')} .value=${currentLanguage()} @change=${event => loadTexts(event.target.value)}>
        ${Object.entries(LANGUAGES).map(([code, name]) => html`
          <option value=${code} lang=${code} ?selected=${code === currentLanguage()}>${name}</option>`)}
      </select>
      <button class="quiet square" @click=${this.nextTheme} title=${t(`theme.${this.theme}`)} aria-label=${t(`theme.${this.theme}`)}>
        ${icon(this.theme)}</button>
      ${session.me ? html`<span class="who" title=${session.me.user_id}>${session.me.user_id}</span>` : nothing}
      ${session.canEnd && session.me ? html`
        <button class="quiet" @click=${() => session.end()}>${t('app.signout')}</button>` : nothing}`;
  }

  view() {
    if (this.problem) {
      return html`<div class="state" role="alert">${icon('warning')}<p>${this.problem}</p>
        <button @click=${() => location.reload()}>${t('app.reload')}</button></div>`;
    }
    return this.template ? this.template(this.route) : html`<div class="state" aria-busy="true"><p>${t('app.loading')}</p></div>`;
  }

  signInForm() {
    return html`<form class="card signin" @submit=${this.signIn}>
      <h1>${t('signin.title')}</h1>
      <p class="muted">${t('signin.how')}</p>
      <label>${t('signin.token')}
        <input name="token" type="password" required autocomplete="off" spellcheck="false"
          aria-describedby=${this.problem ? 'signin-problem' : nothing} aria-invalid=${this.problem ? 'true' : nothing}></label>
      ${this.problem ? html`<p class="bad" id="signin-problem" role="alert">${this.problem}</p>` : nothing}
      <button class="primary" ?disabled=${this.busy}>${t('signin.go')}</button>
      <p class="muted small">${t('signin.kept')}</p>
    </form>`;
  }
}

await loadTexts();
try {
  await session.begin();
} catch (e) {
  if (e.status === 401) {
    session.end();
  } else {
    console.warn(e);
  }
}
customElements.define('docs-app', App);
await document.querySelector('docs-app').show(current());
// what the first view can do without
import('./uploads.js');

/** The one way to the server: everything the page asks goes through here. */

const KEPT = 'docs.token';

/** Who is signed in. Tells 'changed'. */
class Session extends EventTarget {
  constructor() {
    super();
    // gone with the tab: never kept where other tabs or later sessions find it
    this.token = sessionStorage.getItem(KEPT);
    /** The answer of /v1/me, or null while nobody is known. */
    this.me = null;
  }

  /** Whether there is somebody to sign out, and not everybody let in by the server or its proxy. */
  get canEnd() {
    return this.token !== null;
  }

  /** Asks the server who we are. */
  async begin(token = this.token) {
    const me = await get('/v1/me', {token});
    if (token) {
      sessionStorage.setItem(KEPT, token);
    }
    this.token = token;
    this.me = me;
    this.dispatchEvent(new Event('changed'));
  }

  end() {
    sessionStorage.removeItem(KEPT);
    this.token = null;
    this.me = null;
    this.dispatchEvent(new Event('changed'));
  }
}

export const session = new Session();

/** Tells 'changed' when documents did, by what this page has done. */
export const documents = new EventTarget();

export function documentsChanged() {
  documents.dispatchEvent(new Event('changed'));
}

/** Why the server refused (RFC 9457), or could not be asked: then the type is 'offline' and the status 0. */
export class Problem extends Error {
  constructor(status, body, headers = new Headers()) {
    super(body.detail ?? body.title ?? `status ${status}`);
    this.status = status;
    this.type = (body.type ?? '').replace('/problems/', '');
    this.title = body.title;
    this.detail = body.detail;
    this.errors = body.errors;
    this.headers = headers;
  }

  static async of(response) {
    const json = response.headers.get('Content-Type')?.includes('json');
    return new Problem(response.status, json ? await response.json().catch(() => ({})) : {}, response.headers);
  }
}

export function authorization(token = session.token) {
  return token ? {Authorization: `Bearer ${token}`} : {};
}

/**
 * Sends a request and returns the response.
 *
 * @param options as of fetch; `json` is a body to be sent as JSON, `token` another one than the session's
 * @throws Problem if the answer is none of success
 */
export async function call(method, path, {json, token, headers = {}, ...options} = {}) {
  const sent = {...authorization(token), ...headers};
  if (json !== undefined) {
    options.body = JSON.stringify(json);
    sent['Content-Type'] ??= 'application/json';
  }
  let response;
  try {
    response = await fetch(path, {method, headers: sent, credentials: 'same-origin', ...options});
  } catch (e) {
    if (e.name === 'AbortError') {
      throw e;
    }
    throw new Problem(0, {type: '/problems/offline'});
  }
  if (!response.ok) {
    const problem = await Problem.of(response);
    if (problem.status === 401 && session.me && token === undefined) {
      session.end();
    }
    throw problem;
  }
  return response;
}

export async function get(path, options) {
  return (await call('GET', path, options)).json();
}

export async function post(path, json, options) {
  return (await call('POST', path, {json, ...options})).json();
}

/** A short-lived address of a document's bytes, for what can't send a token: <img>, <video>, a download. */
export async function signedLink(id, {version, disposition = 'attachment'} = {}) {
  const {url} = await post('/v1/links', {id, disposition, ...(version ? {version} : {})});
  return url;
}

/**
 * One file on its way to the server by tus 1.0: in pieces, each from where the server says it is. What the server has
 * acknowledged survives a lost connection, this page, and the server itself.
 */
import {authorization, call, Problem, session} from './api.js';

const PATH = '/v1/uploads';
const VERSION = {'Tus-Resumable': '1.0.0'};
const PIECE_BYTES = 64 << 20;
const FIRST_PAUSE_MILLIS = 500;
const LONGEST_PAUSE_MILLIS = 15_000;
const KEPT = 'docs.upload.';

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** What is remembered of uploads that have begun and not ended, of the user who is signed in. */
export const remembered = {
  key: fingerprint => `${KEPT}${session.me?.user_id}.${fingerprint}`,
  put(fingerprint, value) {
    localStorage.setItem(this.key(fingerprint), JSON.stringify(value));
  },
  get(fingerprint) {
    return JSON.parse(localStorage.getItem(this.key(fingerprint)));
  },
  remove(fingerprint) {
    localStorage.removeItem(this.key(fingerprint));
  },
  all() {
    const prefix = this.key('');
    return Object.keys(localStorage).filter(key => key.startsWith(prefix)).map(key => ({
      fingerprint: key.substring(prefix.length),
      ...JSON.parse(localStorage.getItem(key)),
    }));
  },
};

/** The same file for the same document, as far as a browser tells. */
export function fingerprint(file, {folder = '', documentId = ''} = {}) {
  return JSON.stringify([file.name, file.size, file.lastModified, folder, documentId]);
}

/** Bytes that one document may have. */
let largest = null;

export async function largestUpload() {
  largest ??= Number((await call('OPTIONS', PATH, {headers: VERSION})).headers.get('Tus-Max-Size'));
  return largest;
}

/**
 * States: waiting (its turn has not come), running, paused, lost (the server can't be reached; tried again by itself),
 * missing (of an earlier page: the file has to be chosen again), done, failed, cancelled.
 */
export class Upload extends EventTarget {
  /**
   * @param file null if it has to be chosen again
   * @param target `documentId` of the document that gets a new version; `folder` where the file was in
   */
  constructor(file, target = {}, saved = null) {
    super();
    this.file = file;
    this.target = target;
    this.name = file?.name ?? saved.name;
    this.size = file?.size ?? saved.size;
    this.fingerprint = saved?.fingerprint ?? fingerprint(file, target);
    this.url = saved?.url ?? null;
    this.state = file ? 'waiting' : 'missing';
    this.offset = 0;
    this.problem = null;
    this.documentId = null;
  }

  get isUnderWay() {
    return ['waiting', 'running', 'lost'].includes(this.state);
  }

  get isOver() {
    return ['done', 'failed', 'cancelled'].includes(this.state);
  }

  become(state) {
    this.state = state;
    this.dispatchEvent(new Event('changed'));
  }

  /** Sends until there is no more to send, or somebody says stop. */
  async run() {
    this.problem = null;
    this.stopping = new AbortController();
    this.become('running');
    for (let failures = 0; ;) {
      const before = this.offset;
      try {
        await this.send();
        return;
      } catch (e) {
        if (this.stopping.signal.aborted) {
          return;
        }
        if (!this.mayHeal(e)) {
          this.fail(e);
          return;
        }
        failures = this.offset > before ? 0 : failures + 1;
        if (e.status === 0 || e.status >= 500) {
          this.become('lost');
        }
        await this.rest(Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS * 2 ** failures), e);
        if (this.stopping.signal.aborted) {
          return;
        }
      }
    }
  }

  async send() {
    if (this.file.size > await largestUpload()) {
      throw new Problem(413, {type: '/problems/too-large', errors: [{limit: largest}]});
    }
    this.url ??= remembered.get(this.fingerprint)?.url ?? null;
    if (!(this.url && await this.ask())) {
      await this.create();
    }
    if (this.state !== 'running') {
      this.become('running');
    }
    while (this.documentId === null) {
      this.noteProgress(await this.patch());
    }
    remembered.remove(this.fingerprint);
    this.offset = this.size;
    this.become('done');
  }

  async create() {
    const {documentId, folder} = this.target;
    const words = documentId
      ? {document_id: documentId}
      : {filename: this.file.name, ...(folder ? {metadata: JSON.stringify({folder})} : {})};
    if (this.file.type) {
      words.filetype = this.file.type;
    }
    const headers = {
      ...VERSION,
      'Upload-Length': String(this.file.size),
      'Upload-Metadata': Object.entries(words).map(([name, value]) => `${name} ${base64(value)}`).join(','),
    };
    const begin = extra => call('POST', PATH, {headers: {...headers, ...extra}, signal: this.stopping.signal});
    const response = await begin({}).catch(async e => {
      if (e.status !== 428) {
        throw e;
      }
      // a new version loses nothing, so any revision is right; but this server wants one to be named
      const seen = await call('GET', `/v1/documents/${documentId}`, {signal: this.stopping.signal});
      return begin({'If-Match': seen.headers.get('ETag')});
    });
    this.url = response.headers.get('Location');
    this.offset = 0;
    remembered.put(this.fingerprint, {url: this.url, name: this.name, size: this.size, folder, documentId});
    this.noteProgress(response.headers);
  }

  /** Where the server is; false if it knows this upload no more, and so it has to begin anew. */
  async ask() {
    try {
      const response = await call('HEAD', this.url, {headers: VERSION, signal: this.stopping.signal, cache: 'no-store'});
      this.noteProgress(response.headers);
      return true;
    } catch (e) {
      if (e.status === 404 || e.status === 410) {
        this.forget();
        return false;
      }
      throw e;
    }
  }

  noteProgress(headers) {
    this.offset = Number(headers.get('Upload-Offset'));
    this.documentId = headers.get('Docs-Document-Id');
    this.dispatchEvent(new Event('progress'));
  }

  /** Only XMLHttpRequest tells how much of a body has left. */
  patch() {
    const from = this.offset;
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('PATCH', this.url);
      const headers = {
        ...VERSION, ...authorization(), 'Upload-Offset': String(from), 'Content-Type': 'application/offset+octet-stream',
      };
      Object.entries(headers).forEach(([name, value]) => request.setRequestHeader(name, value));
      request.upload.onprogress = event => {
        this.offset = from + event.loaded;
        this.dispatchEvent(new Event('progress'));
      };
      request.onload = () => {
        const answered = new Headers();
        for (const name of ['Upload-Offset', 'Docs-Document-Id', 'Retry-After']) {
          if (request.getResponseHeader(name) !== null) {
            answered.set(name, request.getResponseHeader(name));
          }
        }
        if (request.status >= 200 && request.status < 300) {
          resolve(answered);
        } else {
          reject(new Problem(request.status, parsed(request.responseText), answered));
        }
      };
      request.onerror = () => reject(new Problem(0, {type: '/problems/offline'}));
      request.onabort = request.onerror;
      this.stopping.signal.addEventListener('abort', () => request.abort(), {once: true});
      request.send(this.file.slice(from, from + PIECE_BYTES));
    });
  }

  /** Whether to ask again may help: the network or the server is away, or somebody else has sent meanwhile. */
  mayHeal(e) {
    if (e.status === 404 || e.status === 410) {
      this.forget();
      return true;
    }
    const isPassing = e.status === 0 || [408, 423, 429, 500, 502, 503, 504].includes(e.status);
    return e instanceof Problem && (isPassing || e.type === 'offset-mismatch');
  }

  fail(e) {
    this.problem = e instanceof Problem ? e : new Problem(-1, {type: '/problems/unreadable', detail: e.message});
    // what the server has refused, it has forgotten or will not take: there is nothing to go on with
    if (this.problem.status >= 400 && this.problem.status !== 401) {
      this.forget();
    }
    this.become('failed');
  }

  forget() {
    remembered.remove(this.fingerprint);
    this.url = null;
    this.offset = 0;
  }

  /** Waits, but not longer than until the network is back. */
  rest(millis, e) {
    const asked = Number(e.headers?.get('Retry-After') ?? 0) * 1000;
    return new Promise(resolve => {
      const timer = setTimeout(done, Math.max(millis, asked));
      function done() {
        clearTimeout(timer);
        removeEventListener('online', done);
        resolve();
      }
      addEventListener('online', done);
      this.stopping.signal.addEventListener('abort', done, {once: true});
    });
  }

  pause() {
    this.stopping?.abort();
    this.become('paused');
  }

  async cancel() {
    this.stopping?.abort();
    const url = this.url;
    this.forget();
    this.become('cancelled');
    if (url) {
      // the server clears what is left by itself some time, so a failure costs nothing but that time
      await call('DELETE', url, {headers: VERSION}).catch(() => {});
    }
  }

  /** The file of an upload that an earlier page had begun. */
  take(file) {
    this.file = file;
    this.become('waiting');
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

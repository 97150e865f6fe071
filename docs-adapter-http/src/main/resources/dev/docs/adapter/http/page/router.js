/**
 * Where we are: '#/documents?name=x' is the view 'documents' with that query. Behind the hash, so that no filter gets into
 * a server's log or a Referer, and the server has one address to answer.
 */
export class Route {
  constructor(hash) {
    const [path, query] = hash.replace(/^#?\/?/, '').split('?', 2);
    const [view, ...rest] = path.split('/').map(safelyDecoded);
    this.view = view || 'documents';
    this.rest = rest;
    this.query = new URLSearchParams(query ?? '');
  }
}

function safelyDecoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function current() {
  return new Route(location.hash);
}

/** @param query of names and values; lists come as repeated names, and empty values not at all */
export function address(view, {rest = [], query = {}} = {}) {
  const parameters = new URLSearchParams();
  const entries = query instanceof URLSearchParams ? [...query] : Object.entries(query);
  for (const [name, value] of entries) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== '' && each !== null && each !== undefined) {
        parameters.append(name, each);
      }
    }
  }
  const path = [view, ...rest.map(encodeURIComponent)].join('/');
  return `#/${path}${parameters.size ? `?${parameters}` : ''}`;
}

let last = '#/documents';

/** The list that was looked at last, with its filters: where documents lead back to. */
export function lastList() {
  return last;
}

export function rememberList(hash) {
  last = hash;
}

export function go(hash, {replace = false} = {}) {
  if (hash === location.hash) {
    return;
  }
  if (replace) {
    history.replaceState(null, '', hash);
    dispatchEvent(new Event('hashchange'));
  } else {
    location.hash = hash;
  }
}

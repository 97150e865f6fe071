// Gives specmatic what a schema has no word for. Stores documents, versions, users, tokens, links and uploads at a fresh
// server, and writes the API's description with their names in place of "any id", "any tag" and the like:
//   TOKEN=... node prepare.mjs http://127.0.0.1:8080 [MOST] > openapi.json
// MOST: of the parameters that may be left out, each operation keeps the first so many. When specmatic makes up requests it
// tries every set of them.
const url = process.argv[2];
const most = Number(process.argv[3] ?? 99);
const authorization = `Bearer ${process.env.TOKEN}`;

async function call(method, path, body, headers = {}) {
  const json = typeof body === 'object';
  const answer = await fetch(url + path, {
    method,
    headers: { authorization, ...(json ? { 'content-type': 'application/json' } : {}), ...headers },
    body: json ? JSON.stringify(body) : body,
  });
  if (!answer.ok) {
    throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  }
  return answer;
}

/** A document with so many versions; pending if there are none. */
async function document(versions = 3) {
  const { id } = await (await call('POST', '/v1/documents', { name: 'seed.txt', metadata: { year: 2026 } })).json();
  for (let n = 1; n <= versions; n++) {
    await call('PUT', `/v1/documents/${id}/content`, `version ${n}`, { 'content-type': 'text/plain' });
  }
  return id;
}

async function upload() {
  const headers = { 'tus-resumable': '1.0.0', 'upload-length': '1000000', 'upload-metadata': 'filename c2VlZA==' };
  return (await call('POST', '/v1/uploads', undefined, headers)).headers.get('location').split('/').pop();
}

async function several(make, count = 40) {
  const all = [];
  for (let n = 0; n < count; n++) {
    all.push(await make());
  }
  return all;
}

const api = await (await fetch(`${url}/openapi.json`)).json();
const resolve = (object) => (object.$ref ? object.$ref.slice(2).split('/').reduce((at, name) => at[name], api) : object);

// every operation with parameters and answers of its own
const operations = Object.entries(api.paths).flatMap(([path, item]) => {
  const shared = item.parameters ?? [];
  delete item.parameters;
  return Object.entries(item).map(([method, operation]) => {
    operation.parameters = structuredClone([...shared, ...(operation.parameters ?? [])].map(resolve));
    operation.responses = structuredClone(
      Object.fromEntries(Object.entries(operation.responses).map(([status, answer]) => [status, resolve(answer)])));
    return { method, path, operation };
  });
});

/** Says for some operations what a parameter may be; without values it is left out. */
function only(name, values, ...of) {
  for (const { operation } of operations.filter((each) => !of.length || of.includes(each.operation.operationId))) {
    const old = operation.parameters.find((each) => each.name === name);
    if (old && values) {
      delete old.example;
      old.schema = { type: resolve(old.schema).type, enum: values };
    } else {
      operation.parameters = operation.parameters.filter((each) => each !== old);
    }
  }
}

for (const { method, operation } of operations) {
  // specmatic reads no ranges of statuses, and wants a 200, 206 and 304 of one and the same request
  delete operation.responses['2XX'];
  delete operation.responses['206'];
  delete operation.responses['304'];
  if (method === 'head') {
    Object.values(operation.responses).forEach((answer) => delete answer.content);
  }
}

const kept = await document();
only('id', [kept]);
only('n', [1, 2, 3]);
only('version', [1, 2, 3]);
only('id', await several(() => document(1), 5), 'changeDocument', 'putContent');
only('id', await several(document, 20), 'deleteDocument');
only('purge', [false]);
only('upload', [await upload()], 'getUpload', 'getOneUploadOptions');
only('upload', await several(upload, 20), 'appendToUpload');
only('Upload-Offset', [0]);
only('Upload-Length', [1000000]);
only('Upload-Metadata', ['filename c2VlZA==', 'filename c2VlZA==,filetype dGV4dC9wbGFpbg==']);
only('mime_type', ['text/plain', 'text/*']);
const link = await (await call('POST', '/v1/links', { id: kept, expires_in: 604800 })).json();
only('token', [link.url.split('/').pop()]);
only('file', ['start.js', 'swagger-ui-bundle.js']);
const page = (await (await call('GET', '/')).text()).match(/page\/([0-9a-f]+)\//)[1];
only('version', [page], 'getPagePart', 'headPagePart');
only('file', ['main.js', 'list.js'], 'getPagePart', 'headPagePart');

// what can be done once: as many as there are, and nothing that would make it another request
only('id', [await document(21)], 'deleteVersion');
only('n', Array.from({ length: 20 }, (_, n) => n + 1), 'deleteVersion');
only('upload', await several(upload, 20), 'terminateUpload');
only('id', await several(async () => (await (await call('POST', '/v1/tokens', {})).json()).id, 20), 'revokeToken');
let users = 0;
const user = async () => {
  users++;
  await call('POST', '/v1/documents', { name: 'seed.txt', user_id: `user${users}` });
  return `user${users}`;
};
only('user', await several(user, 20), 'deleteUser');
only('user_id', await several(user, 20), 'deleteUserOfAnyName');
only('user_id', await several(user, 1), 'endLinks');
for (const name of ['If-Match', 'If-None-Match', 'If-Unmodified-Since']) {
  only(name, undefined, 'deleteVersion');
}

// conditions that hold, and no digests and cursors that are made up
only('If-Match', ['*']);
only('If-None-Match', ['"another"']);
only('If-Unmodified-Since', ['Fri, 31 Dec 2999 23:59:59 GMT']);
only('If-Modified-Since', ['Sat, 01 Jan 2000 00:00:00 GMT']);
only('Range', ['lines=1-2']);
for (const name of ['cursor', 'Repr-Digest', 'Content-Digest', 'Upload-Checksum', 'Upload-Defer-Length']) {
  only(name);
}

for (const { operation } of operations) {
  for (const parameter of operation.parameters) {
    if (parameter.name === 'Idempotency-Key') {
      // a text that is made up comes again, with another request
      parameter.schema = { type: 'string', format: 'uuid' };
    } else if (parameter.name === 'min_size' || parameter.name === 'max_size') {
      // specmatic counts in floating point
      parameter.schema.maximum = 1e15;
    } else if (parameter.name === 'metadata') {
      parameter.schema.items = { type: 'string', enum: ['year:2026', 'customer.city:*'] };
    } else if (parameter.name.startsWith('Upload-') || (parameter.name === 'user_id' && operation.operationId === 'endLinks')) {
      parameter.required = true;
    }
  }
}

for (const { operation } of operations) {
  let left = most;
  operation.parameters = operation.parameters.filter((each) => each.required || left-- > 0);
}

// one of two that exclude each other, and values that mean something
const { schemas } = api.components;
const of = (schema, properties, required) => {
  Object.entries(properties).forEach(([name, values]) => {
    if (values) {
      const old = resolve(schemas[schema].properties[name]);
      schemas[schema].properties[name] = { type: [].concat(old.type)[0], enum: values };
    } else {
      delete schemas[schema].properties[name];
    }
  });
  schemas[schema].required = required;
};
of('NewDocument', { mime_type: ['text/plain', 'application/x-unheard-of'] }, ['name']);
of('UploadForm', { metadata: ['{"year": 2026}', '{}'] }, ['name', 'file']);
of('NewToken', { expires_at: ['2999-01-01T00:00:00Z'] }, []);
of('NewLink', { id: [kept], ids: undefined, version: [1, 2, 3], disposition: ['inline', 'attachment'] }, ['id']);
of('ZipRequest', { filter: undefined }, ['ids']);
of('BulkRequest', { action: ['archive', 'restore'], filter: undefined, patch: undefined }, ['action', 'ids']);
schemas.NewDocument.properties.size_bytes.maximum = 1e6;
schemas.Ids.items.enum = await several(document, 3);

// one type where any will do, since specmatic sends and expects `*/*` as it stands
const byId = (id) => operations.find((each) => each.operation.operationId === id).operation;
const type = (content, chosen) => {
  const [first] = Object.values(content);
  Object.keys(content).forEach((each) => delete content[each]);
  content[chosen] = first;
};
type(byId('putContent').requestBody.content, 'application/octet-stream');
type(byId('setQuota').requestBody.content, 'application/json');
type(byId('setQuotaOfUser').requestBody.content, 'application/json');
delete byId('createDocument').requestBody.content['multipart/form-data'].encoding;
delete byId('putContent').responses['201'];
type(byId('getContent').responses['200'].content, 'text/plain');
type(byId('followLink').responses['200'].content, 'text/plain');
type(byId('getMetrics').responses['200'].content, 'text/plain');
type(byId('getApiPagePart').responses['200'].content, 'text/javascript');
type(byId('getPagePart').responses['200'].content, 'text/javascript');
// it takes every $ref in this answer for one of its own
byId('getOpenApiJson').responses['200'].content['application/json'].schema = {};

process.stdout.write(JSON.stringify(api, null, 1));

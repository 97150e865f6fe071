// The client that openapi-generator makes, unchanged, at a running server.
import assert from 'node:assert/strict';
import {
  BulkApi,
  BulkRequestActionEnum,
  Configuration,
  ContentApi,
  DocumentsApi,
  ListDocumentsStatusEnum,
  ResponseError,
  UsersApi,
  VersionsApi,
} from './target/client';

const configuration = new Configuration({
  basePath: process.env.DOCS_URL,
  accessToken: process.env.DOCS_TOKEN,
});
const documents = new DocumentsApi(configuration);
const content = new ContentApi(configuration);
const users = new UsersApi(configuration);

async function round(): Promise<void> {
  const before = (await users.getUsage()).bytes.used;

  const created = await documents.createDocument({
    name: 'Bericht.txt',
    metadata: '{"year": 2026}',
    file: new File(['first'], 'Übersicht.txt', { type: 'text/plain' }),
  });
  assert.equal(created.name, 'Bericht.txt');
  assert.equal(created.sizeBytes, 5);
  assert.equal(created.metadata.year, 2026);
  assert.equal(created.statusReason, null);

  const page = await documents.listDocuments({
    status: [ListDocumentsStatusEnum.Active],
    name: 'bericht',
    metadata: ['year:2026'],
    count: true,
  });
  assert.ok(page.items.some((item) => item.id === created.id));
  assert.ok(page.items.every((item) => item.createdAt instanceof Date));
  assert.ok((page.count ?? 0) > 0);

  const changed = await documents.changeDocument({
    id: created.id,
    ifMatch: `"r${created.revision}"`,
    documentPatch: { name: 'Neu.txt', metadata: { year: 2027 } },
  });
  assert.equal(changed.name, 'Neu.txt');

  const second = await content.putContent({
    id: created.id,
    body: new Blob(['second version'], { type: 'text/plain' }),
    idempotencyKey: `key-${created.id}`,
  });
  assert.equal(second.version, 2);
  const versions = await new VersionsApi(configuration).listVersions({ id: created.id });
  assert.equal(versions.items.length, 2);
  assert.equal(await (await content.getContent({ id: created.id })).text(), 'second version');
  assert.equal(await (await content.getContent({ id: created.id, version: 1, range: 'bytes=1-2' })).text(), 'ir');

  const done = await new BulkApi(configuration).changeDocuments({
    bulkRequest: { action: BulkRequestActionEnum.Archive, ids: [created.id] },
  });
  assert.equal(done.done, 1);

  await documents.deleteDocument({ id: created.id, purge: true });
  const refused = await documents.getDocument({ id: created.id }).catch((failure: unknown) => failure);
  assert.ok(refused instanceof ResponseError);
  assert.equal(refused.response.status, 404);
  assert.equal((await refused.response.json()).type, '/problems/not-found');
  assert.equal((await users.getUsage()).bytes.used, before);
}

round().then(
  () => console.log('typescript-fetch: a round of upload, list, change, download and purge'),
  (failure) => {
    console.error(failure);
    process.exitCode = 1;
  },
);

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A hub on the loopback whose one repository has this `config.json`, and lists weights that nobody should ask for. */
export async function startHubOfConfig(name: string, config: object) {
  const bytes = Buffer.from(JSON.stringify(config));
  const oid = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  const commit = createHash('sha1').update(name).digest('hex');
  const lfs = { oid: '0'.repeat(64), size: 4e8, pointerSize: 134 };
  const weights = { type: 'file', path: 'model.safetensors', size: 4e8, oid, lfs };
  const answers: Readonly<Record<string, unknown>> = {
    [`/api/models/${name}/revision/main`]: { _id: '1', id: name, sha: commit },
    [`/api/models/${name}/tree/${commit}`]: [
      { type: 'file', path: 'config.json', size: bytes.length, oid },
      weights,
    ],
    [`/${name}/resolve/${commit}/config.json`]: config,
  };
  const requests: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    requests.push(pathname);
    const body = JSON.stringify(answers[pathname] ?? { error: 'Entry not found' });
    // The library asks for a first byte, to learn the size of a file.
    const range = { 'content-range': `bytes 0-${bytes.length - 1}/${bytes.length}` };
    const headers = { 'content-type': 'application/json', etag: `"${oid}"`, ...range };
    response.writeHead(pathname in answers ? 200 : 404, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hubUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { hubUrl, commit, requests, close };
}

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve, sep } from 'node:path';

export interface Served {
  /** Without a slash at its end. */
  readonly url: string;
  /** The paths whose content was asked for. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Pages with these headers may share memory between threads, as the wasm backend does. */
const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** Serves folders on loopback, each below its name; `/` is an empty page, or the `index.html` of the folder named ''. */
export async function serveFolders(folders: Readonly<Record<string, string>>): Promise<Served> {
  const requests: string[] = [];
  const server = createServer(async ({ method, url = '/' }, response) => {
    const path = decoded(new URL(url, 'http://localhost').pathname);
    if (method === 'GET') requests.push(path);
    const [, first = '', ...rest] = path.split('/');
    const mount = Object.hasOwn(folders, first) ? first : '';
    const folder = resolve(folders[mount] ?? '/nowhere');
    const file = join(folder, ...(mount === '' ? [first] : []), ...rest);
    const name = path.endsWith('/') ? join(file, 'index.html') : file;
    const content = name.startsWith(folder + sep) ? await readFile(name).catch(() => null) : null;
    const isBlank = content === null && path === '/';
    const type = isBlank ? 'text/html' : (types[extname(name)] ?? 'application/octet-stream');
    response.writeHead(content || isBlank ? 200 : 404, { 'content-type': type, ...isolation });
    response.end(content ?? '<!doctype html><title>test</title>');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

/** Of what is no encoding, such as a lone %, the text itself: a file of this name is not there. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const digest = (algorithm: string, ...parts: (string | Uint8Array)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash(algorithm)).digest('hex');

/** How the server misbehaves; all can be changed between requests. */
export interface HubFaults {
  /** Cuts the next connection after so many bytes of a large file. */
  cutAfter: number | null;
  /** Sends no more after so many bytes of a large file, and keeps the connection. */
  stallAfter: number | null;
  /** Never answers. */
  silent: boolean;
  /** Shows the repository only to who has this token. */
  token: string | null;
  /** Sends other bytes than it lists. */
  flip: boolean;
  /** Answers every request with this status. */
  status: number | null;
}

/** A hub on the loopback with one repository in its layout of addresses, headers and redirects. */
export interface HubServer {
  readonly hubUrl: string;
  readonly commit: string;
  readonly faults: HubFaults;
  /** Method, path and range of each request. */
  readonly requests: string[];
  close(): Promise<void>;
}

/** Serves `files` as the repository `name`. Those of 10 kB and more are in Git LFS, behind a redirect. */
export async function startHub(
  name: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<HubServer> {
  const commit = digest('sha1', name, ...Object.values(files));
  const faults: HubFaults = {
    ...{ cutAfter: null, stallAfter: null, token: null },
    ...{ flip: false, silent: false, status: null },
  };
  const requests: string[] = [];
  const isLarge = (bytes: Uint8Array) => bytes.length >= 10_000;
  const entries = Object.entries(files).map(([path, bytes]) => {
    const [size, oid] = [bytes.length, digest('sha1', `blob ${bytes.length}\0`, bytes)];
    if (!isLarge(bytes)) return { type: 'file', path, size, oid };
    const lfs = { oid: digest('sha256', bytes), size, pointerSize: 134 };
    return { type: 'file', path, size, oid: digest('sha1', 'pointer', bytes), lfs };
  });
  const json = (response: ServerResponse, body: unknown, status = 200) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

  const send = (request: IncomingMessage, response: ServerResponse, path: string) => {
    const bytes = files[path]!;
    const [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
    const [start, end] = from
      ? [Number(from), to ? Number(to) + 1 : bytes.length]
      : [0, bytes.length];
    const body = Buffer.from(bytes.subarray(start, end));
    if (faults.flip) body[body.length - 1]! ^= 1;
    response.writeHead(from ? 206 : 200, {
      'content-length': body.length,
      etag: `"${entries.find((entry) => entry.path === path)!.oid}"`,
      ...(from && { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` }),
    });
    const { cutAfter, stallAfter } = faults;
    const sent = cutAfter ?? stallAfter;
    if (sent === null || !isLarge(bytes) || body.length === 1) return response.end(body);
    faults.cutAfter = null;
    return response.write(
      body.subarray(0, sent),
      () => cutAfter !== null && setTimeout(() => response.destroy(), 50),
    );
  };

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    requests.push([request.method, pathname, request.headers.range].filter(Boolean).join(' '));
    if (faults.silent) return;
    if (faults.status !== null) return json(response, { error: 'out of order' }, faults.status);
    if (faults.token && request.headers.authorization !== `Bearer ${faults.token}`) {
      return json(response, { error: 'Access to this repository is restricted' }, 403);
    }
    if (!pathname.includes(`/${name}/`)) {
      return json(response, { error: 'Repository not found' }, 404);
    }
    if (['main', commit].some((one) => pathname === `/api/models/${name}/revision/${one}`)) {
      return json(response, { _id: '1', id: name, sha: commit, lastModified: '2026-01-01' });
    }
    if (pathname === `/api/models/${name}/tree/${commit}`) return json(response, entries);
    const [, kind, path] =
      new RegExp(`^/${name}/(resolve|cdn)/${commit}/(.+)$`).exec(pathname) ?? [];
    if (!path || !files[path]) return json(response, { error: 'Entry not found' }, 404);
    if (kind === 'cdn' || !isLarge(files[path])) return send(request, response, path);
    return response
      .writeHead(302, {
        location: `/${name}/cdn/${commit}/${path}`,
        'x-linked-size': files[path].length,
        'x-linked-etag': `"${digest('sha256', files[path])}"`,
      })
      .end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    hubUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ commit, faults, requests },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

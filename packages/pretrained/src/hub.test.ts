import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type HubServer, startHub } from '../test/hub-server.ts';
import { importHub } from './hub.ts';
import { type OpenWeightsOptions, openWeights } from './index.ts';

const folderOf = (name: string) =>
  Object.fromEntries(
    readdirSync(fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))).map((file) => [
      file,
      new Uint8Array(
        readFileSync(fileURLToPath(new URL(`../fixtures/${name}/${file}`, import.meta.url))),
      ),
    ]),
  );

const timm = folderOf('timm');
const size = timm['model.safetensors']!.length;
const source = 'hf:timm/resnet18d.test';

let hub: HubServer;
let cacheDir: string;
let lines: string[];

const open = (from = source, options: OpenWeightsOptions = {}) => {
  const onProgress = (line: string) => lines.push(line);
  return openWeights(from, { hubUrl: hub.hubUrl, cacheDir, onProgress, ...options });
};
const snapshot = () => join(cacheDir, 'models--timm--resnet18d.test', 'snapshots', hub.commit);
const downloads = () => hub.requests.filter((request) => request.includes('/cdn/'));

beforeEach(async () => {
  cacheDir = mkdtempSync(join(tmpdir(), 'hub-cache-'));
  hub = await startHub('timm/resnet18d.test', timm);
  lines = [];
  vi.stubEnv('HF_TOKEN', undefined);
  vi.stubEnv('HF_ENDPOINT', undefined);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  rmSync(cacheDir, { recursive: true });
});

test('a repository comes into the cache as the hub’s own tools lay it out, byte for byte, with its commit in the source', async () => {
  const weights = await open();
  expect(weights).toMatchObject({
    architecture: 'resnet18d',
    numClasses: 5,
    license: 'apache-2.0',
  });
  expect(weights.source).toBe(`${source}@${hub.commit}`);
  for (const [name, bytes] of Object.entries(timm))
    expect(new Uint8Array(readFileSync(join(snapshot(), name)))).toEqual(bytes);
  expect(readFileSync(join(snapshot(), '../../refs/main'), 'utf8')).toBe(hub.commit);
  const { stateDict, provenance } = await weights.read();
  expect(stateDict['fc.weight']!.shape).toEqual([5, 32]);
  expect(provenance.source).toBe(weights.source);
  expect(provenance.files[0]!.path).toBe(join(snapshot(), 'model.safetensors'));
});

test('the download is announced with its size', async () => {
  await open();
  expect(lines[0]).toBe(`hf:timm/resnet18d.test: config.json, 0.0 MB`);
  expect(lines).toContain('hf:timm/resnet18d.test: model.safetensors, 0.1 MB');
});

test('what is in the cache is not fetched again, and by its commit no connection is needed', async () => {
  const { source: pinned } = await open();
  hub.requests.length = 0;
  await open();
  expect(downloads()).toEqual([]);
  expect(hub.requests).not.toEqual([]);
  hub.requests.length = 0;
  expect(await open(pinned)).toMatchObject({ architecture: 'resnet18d', source: pinned });
  expect(hub.requests).toEqual([]);
});

test('several files with an index are fetched, those that it names and no others', async () => {
  await hub.close();
  hub = await startHub('timm/resnet18d.test', {
    ...folderOf('sharded'),
    'flax.msgpack': new Uint8Array(20_000),
  });
  const { stateDict } = await (await open()).read();
  expect(stateDict['fc.weight']!.shape).toEqual([5, 32]);
  expect(readdirSync(snapshot()).sort()).toEqual(Object.keys(folderOf('sharded')).sort());
});

test('of two fetches at once the second waits, and goes on where the first was cut off', async () => {
  hub.faults.cutAfter = 30_000;
  const [first, second] = await Promise.allSettled([open(), open()]);
  const reasons = [first, second].flatMap((one) => ('reason' in one ? [String(one.reason)] : []));
  expect(reasons).toEqual([expect.stringMatching(/cut off after 30000 of/)]);
  expect(lines).toContainEqual(
    expect.stringMatching(/test: process \d+ on .* fetches it; waiting$/),
  );
  for (const [name, bytes] of Object.entries(timm))
    expect(new Uint8Array(readFileSync(join(snapshot(), name)))).toEqual(bytes);
  expect(readdirSync(snapshot()).sort()).toEqual(Object.keys(timm).sort());
  expect(readdirSync(join(snapshot(), '../..')).sort()).toEqual(['refs', 'snapshots']);
  expect(downloads().filter((one) => one.includes('bytes=30000-'))).toHaveLength(1);
});

test('what is said of weights can be refused before they are fetched', async () => {
  const found = { architecture: 'resnet18d', numClasses: 5, source: `${source}@${hub.commit}` };
  const check = vi.fn(() => {
    throw new Error('no such network');
  });
  await expect(open(source, { check })).rejects.toThrow('no such network');
  expect(check.mock.calls).toEqual([[expect.objectContaining(found)]]);
  expect(readdirSync(snapshot())).toEqual(['config.json']);
  expect(hub.requests.filter((request) => request.includes('safetensors'))).toEqual([]);
  check.mockImplementation(() => undefined as never);
  await open(source, { check });
  expect(downloads()).not.toEqual([]);
});

test('where a repository has no config.json, its name is what can be refused', async () => {
  await hub.close();
  const { 'model.safetensors': alone } = timm;
  hub = await startHub('timm/resnet18d.test', { 'model.safetensors': alone! });
  const check = ({ architecture }: { architecture: string | null }) => {
    throw new Error(`not ${architecture}`);
  };
  await expect(open(source, { check })).rejects.toThrow('not resnet18d');
  expect(downloads()).toEqual([]);
});

test('a file of the cache that has another size than the hub’s is fetched again', async () => {
  await open();
  const path = join(snapshot(), 'config.json');
  writeFileSync(path, Buffer.concat([timm['config.json']!, timm['config.json']!]));
  expect(await open()).toMatchObject({ architecture: 'resnet18d' });
  expect(new Uint8Array(readFileSync(path))).toEqual(timm['config.json']);
});

test('HF_TOKEN opens a gated repository, HF_ENDPOINT says where it is', async () => {
  hub.faults.token = 'hf_secret';
  vi.stubEnv('HF_ENDPOINT', `${hub.hubUrl}/`);
  await expect(openWeights(source, { cacheDir })).rejects.toThrow(
    /private or gated \(403\)\. .* set HF_TOKEN to a token that may read it$/,
  );
  vi.stubEnv('HF_TOKEN', 'secret');
  await expect(openWeights(source, { cacheDir })).rejects.toThrow(
    `${source}: Your access token must start with 'hf_'. Correct HF_TOKEN or accessToken`,
  );
  vi.stubEnv('HF_TOKEN', 'hf_secret');
  expect(await openWeights(source, { cacheDir })).toMatchObject({ architecture: 'resnet18d' });
});

describe('what can go wrong', () => {
  test('a connection over which nothing comes is given up, and what came is kept', async () => {
    hub.faults.stallAfter = 30_000;
    await expect(open(source, { stallAfter: 1000 })).rejects.toThrow(
      /cut off after 30000 of \d+ bytes, where no byte came for 1 s\. Try again; it goes on from there/,
    );
    hub.faults.stallAfter = null;
    await open();
    expect(lines.at(-1)).toContain('of which 0.0 MB are here');
  });

  test('a slow download says every ten seconds how far it is', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      hub.faults.stallAfter = 60_000;
      const end = new AbortController();
      const opening = open(source, { signal: end.signal });
      opening.catch(() => {});
      const path = join(snapshot(), 'model.safetensors.incomplete');
      await vi.waitFor(() => expect(statSync(path).size).toBe(60_000));
      const line = `hf:timm/resnet18d.test: model.safetensors, 0.1 of ${(size / 1e6).toFixed(1)} MB`;
      await vi.waitFor(() => {
        vi.advanceTimersByTime(10_000);
        expect(lines.at(-1)).toBe(line);
      });
      end.abort();
      await expect(opening).rejects.toThrow('aborted');
    } finally {
      vi.useRealTimers();
    }
  });

  test.skipIf(!existsSync('/dev/full'))('a full disk is named as such, with the file', async () => {
    mkdirSync(snapshot(), { recursive: true });
    const incomplete = join(snapshot(), 'model.safetensors.incomplete');
    symlinkSync('/dev/full', incomplete);
    await expect(open()).rejects.toThrow(
      `${incomplete}: expected that ${size} bytes can be written, got ENOSPC (the disk is full) after 0. Make room, or set HF_HUB_CACHE`,
    );
  });

  test('a hub that does not answer is waited for with a line every ten seconds', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      hub.faults.silent = true;
      const end = new AbortController();
      const opening = open(source, { signal: end.signal });
      opening.catch(() => {});
      await vi.waitFor(() => expect(hub.requests).toHaveLength(1));
      vi.advanceTimersByTime(20_000);
      expect(lines).toEqual(
        [10, 20].map((s) => `${source}: no answer of the hub yet, ${s} s so far`),
      );
      end.abort();
      await expect(opening).rejects.toThrow('aborted');
      vi.advanceTimersByTime(20_000);
      expect(lines).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });

  test('a download that is cut off says how far it came, and goes on from there', async () => {
    hub.faults.cutAfter = 30_000;
    await expect(open()).rejects.toThrow(
      /model\.safetensors of timm\/resnet18d\.test: the download was cut off after 30000 of \d+ bytes\. Try again; it goes on from there/,
    );
    expect(existsSync(join(snapshot(), 'model.safetensors'))).toBe(false);
    expect(statSync(join(snapshot(), 'model.safetensors.incomplete')).size).toBe(30_000);
    hub.requests.length = 0;
    await open();
    expect(downloads().at(-1)).toContain(`bytes=30000-${size - 1}`);
    expect(new Uint8Array(readFileSync(join(snapshot(), 'model.safetensors')))).toEqual(
      timm['model.safetensors'],
    );
    expect(lines.at(-1)).toContain('of which 0.0 MB are here');
  });

  test('bytes that are not the hub’s are deleted', async () => {
    hub.faults.flip = true;
    await expect(open()).rejects.toThrow(
      /expected 1000 bytes with the checksum .*, got other bytes of that length\. They were deleted; try again/,
    );
    expect(readdirSync(snapshot())).toEqual([]);
    hub.faults.flip = false;
    await open();
  });

  test('a repository that is not there', async () => {
    await expect(open('hf:timm/resnet999')).rejects.toThrow(
      'hf:timm/resnet999: expected a repository that the hub shows, it knows none by this name and revision, or it is private or gated (404). Check the spelling; for a private or gated one set HF_TOKEN to a token that may read it',
    );
    expect(readdirSync(cacheDir)).toEqual([]);
  });

  test('a hub that is out of order', async () => {
    hub.faults.status = 503;
    await expect(open()).rejects.toThrow(
      /expected the hub to deliver, got status 503: out of order.*Try again later/,
    );
  });

  test('no connection is an error, unless the repository is in the cache', async () => {
    const away = await startHub('x/y', {});
    await away.close();
    const offline = () => open(source, { hubUrl: away.hubUrl });
    await expect(offline()).rejects.toThrow(
      /^hf:timm\/resnet18d\.test: expected a connection to the hub, got ECONNREFUSED\. Check the network, or give a folder/,
    );
    await open();
    expect(await offline()).toMatchObject({ architecture: 'resnet18d' });
    expect(lines.at(-1)).toBe(
      `${source}: the hub cannot be reached (ECONNREFUSED); using ${hub.commit} of the cache`,
    );
  });

  test('a hub that is silent is taken for no connection', async () => {
    await open();
    hub.faults.silent = true;
    expect(await open(source, { stallAfter: 500 })).toMatchObject({ architecture: 'resnet18d' });
    expect(lines.at(-1)).toContain('the hub cannot be reached (silence for 0.5 s)');
  });

  test('a repository with pickled weights only is refused with the line that converts them', async () => {
    await hub.close();
    hub = await startHub('timm/resnet18d.test', { 'pytorch_model.bin': new Uint8Array(20_000) });
    await expect(open()).rejects.toThrow(/PyTorch's pickles.*torch\.load\("pytorch_model\.bin"/s);
    expect(downloads()).toEqual([]);
  });

  test.each(['hf:', 'hf:resnet50', 'hf:../x', 'hf:a/b/c', 'hf:a/b@../../c'])(
    'the name %s',
    async (name) => {
      await expect(open(name)).rejects.toThrow(`${name}: expected hf:owner/name`);
      expect(hub.requests).toEqual([]);
    },
  );

  test('an aborted signal ends the download with its reason', async () => {
    const reason = new Error('enough');
    await expect(open(source, { signal: AbortSignal.abort(reason) })).rejects.toThrow(reason);
  });

  test('without the library, the line that installs it', async () => {
    const missing = Object.assign(new Error('Cannot find package'), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
    await expect(importHub(() => Promise.reject(missing))).rejects.toThrow(
      'hf:: expected the library @huggingface/hub, which fetches weights of the hub, it cannot be imported (ERR_MODULE_NOT_FOUND). Run: npm install @huggingface/hub',
    );
  });
});

// The built server as a process of its own, asked as clients ask, good ones and others.
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadClassifier } from '@bag-of-tricks/classifier';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smallExport } from '../../../packages/classifier/test/small-export.ts';

const dist = join(import.meta.dirname, '../dist');
const pictures = join(import.meta.dirname, '../../../packages/classifier/fixtures/pictures');
const bytesOf = (name: string) => readFileSync(join(pictures, name));
const { folder } = smallExport();
/** No batch is ever full: each takes what comes in so many milliseconds, also on a machine that is busy. */
const delay = 2000;
let server: ChildProcess;
let address = '';
let errors = '';

beforeAll(async () => {
  const flags = [
    ...['--port', '0', '--batch-size', '10', '--batch-delay', `${delay}`, '--max-under-way', '8'],
    ...['--max-bytes', '100000', '--max-pixels', '100000', '--upload-timeout', '2001'],
  ];
  server = spawn(process.execPath, [join(dist, 'main.js'), folder, ...flags]);
  server.stderr!.on('data', (text) => {
    errors += text;
  });
  for await (const text of server
    .stdout!.setEncoding('utf8')
    .iterator({ destroyOnReturn: false })) {
    address = /http:\S+/.exec(text)?.[0] ?? '';
    if (address) break;
  }
  if (!address) throw new Error(errors);
});

afterAll(() => void server.kill('SIGKILL'));

const post = (body: Uint8Array | AsyncIterable<Uint8Array>, query = '') =>
  fetch(`${address}/classify${query}`, { method: 'POST', body, duplex: 'half' } as never);
const told = async (response: Promise<Response> | Response) =>
  (await (await response).json()) as Record<string, unknown>;
const health = () => told(fetch(`${address}/healthz`));

const streamed = (bytes: Uint8Array) =>
  new ReadableStream({
    pull(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });

/** What a client hears that sends this and then nothing, until the connection is closed. */
async function hears(text: string, leave = false): Promise<string> {
  const socket = connect(Number(new URL(address).port), '127.0.0.1').setEncoding('utf8');
  let heard = '';
  socket.on('data', (more) => {
    heard += more;
  });
  socket.write(text);
  if (leave) setTimeout(() => socket.destroy(), 50);
  await once(socket, 'close');
  return heard;
}

describe('the server', { tags: ['slow'] }, () => {
  test('pictures that come together are one batch, with the probabilities of `classify`; a bad one among them is refused alone', async () => {
    const names = ['plain.jpg', 'alpha.png', 'lossy.webp', 'plain.gif', 'grey.jpg'];
    const bodies = [bytesOf(names[0]!), Buffer.from('no picture'), ...names.slice(1).map(bytesOf)];
    const responses = await Promise.all(bodies.map((body, i) => post(body, `?top=${1 + (i % 4)}`)));
    expect(responses.map(({ status }) => status)).toEqual([200, 415, 200, 200, 200, 200]);
    expect(await health()).toMatchObject({ status: 'ok', model: 'small', pictures: 6, batches: 1 });

    await registerTensorFlowBackend();
    const classifier = await loadClassifier(folder);
    for (const [i, response] of responses.entries()) {
      if (response.status !== 200) continue;
      const { top } = await told(response);
      const expected = await classifier.classify(bodies[i]!, { top: 1 + (i % 4) });
      expect(top).toEqual(
        expected.map((one) => ({ ...one, probability: expect.closeTo(one.probability, 6) })),
      );
    }
    classifier.dispose();
  });

  test('each bad request has its status and says what was expected', async () => {
    const picture = bytesOf('plain.jpg');
    const form = new FormData();
    form.set('file', new Blob([picture]));
    const asked: [Promise<Response>, number, string][] = [
      [
        post(Buffer.from('no picture')),
        415,
        'the picture to be a JPEG, PNG, WebP or GIF, got 10 bytes',
      ],
      [post(new Uint8Array()), 415, 'got no bytes'],
      [post(picture.subarray(0, 900)), 400, 'cut short'],
      [post(bytesOf('large.jpg')), 413, '1 to 100000 pixels, got 900x600'],
      [post(new Uint8Array(5e6)), 413, 'at most 100000 bytes'],
      [post(streamed(new Uint8Array(5e6))), 413, 'at most 100000 bytes'],
      [post(picture, '?top=0'), 400, 'top to be a whole number above 0, got 0'],
      [post(picture, '?top=some'), 400, 'got some'],
      [post(picture, '?tpo=2'), 400, 'no more in the query than top, as in ?top=5, got tpo'],
      [
        fetch(`${address}/classify`, { method: 'POST', body: form }),
        ...([415, 'got a form. Send the file itself'] as const),
      ],
      [fetch(`${address}/`), 404, 'expected /classify or /healthz, got /'],
      [fetch(`${address}/classify`), 405, 'expected POST, got GET'],
    ];
    for (const [asking, status, message] of asked) {
      const response = await asking;
      expect([response.status, (await told(response)).error]).toEqual([
        status,
        expect.stringContaining(message),
      ]);
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(response.headers.get('allow')).toBe(status === 405 ? 'POST' : null);
    }
  });

  test('more than may be under way are told to come again, and the others are classified', async () => {
    const bytes = bytesOf('plain.jpg');
    const responses = await Promise.all(Array.from({ length: 20 }, () => post(bytes)));
    const refused = responses.filter(({ status }) => status === 503);
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(8);
    expect(refused.map(({ headers }) => headers.get('retry-after'))).toEqual(Array(12).fill('1'));
  });

  test('clients that are slow, talk nonsense or go away are let go', async () => {
    const begun = 'POST /classify HTTP/1.1\r\nhost: here\r\ncontent-length: 1000\r\n\r\nhalf';
    expect(await hears(begun)).toMatch(/^HTTP\/1.1 408 [\s\S]*\{"error":"Request Timeout"\}\n$/);
    expect(await hears('What is on this picture?\r\n\r\n')).toMatch(
      /^HTTP\/1.1 400 [\s\S]*"error"/,
    );
    const asksOf = (line: string) => hears(`${line}\r\nconnection: close\r\n\r\n`);
    expect(await asksOf('GET / HTTP/1.1')).toMatch(/^HTTP\/1.1 404 [\s\S]*"error"/);
    expect(await asksOf('HEAD /healthz HTTP/1.1')).toMatch(/^HTTP\/1.1 200 [\s\S]*\r\n\r\n$/);
    expect(await asksOf('GET / HTTP/1.1\r\nexpect: more')).toMatch(/^HTTP\/1.1 404 [\s\S]*"error"/);
    expect(await asksOf('CONNECT there:80 HTTP/1.1')).toMatch(/^HTTP\/1.1 405 [\s\S]*"error"/);
    await hears(begun, true);
    const { pictures } = await health();
    await hears(begun.replace('1000', '4'), true);
    await new Promise((resolve) => setTimeout(resolve, delay + 500));
    // The last one had sent all, and left while it waited for a batch.
    expect(await health()).toMatchObject({ pictures, underWay: 0 });
  });

  test('the load test prints requests a second, p50 and p99', async () => {
    const files = ['plain.jpg', 'alpha.png'].map((name) => join(pictures, name));
    const load = [join(dist, 'load.js'), `${address}/classify`, ...files];
    const flags = ['--seconds', '1', '--connections', '6'];
    const { stdout } = await promisify(execFile)(process.execPath, [...load, ...flags]);
    expect(stdout).toMatch(
      /^\d+\.\d requests a second, p50 \d+\.\d ms, p99 \d+\.\d ms\nstatus 200: \d+\n$/,
    );
  });

  test('a load test of which every request is refused says why, and ends with code 1', () => {
    const load = [join(dist, 'load.js'), `${address}/classify?tpo=2`, join(pictures, 'plain.jpg')];
    const { status, stdout, stderr } = spawnSync(process.execPath, [...load, '--seconds', '1']);
    expect([status, String(stdout)]).toEqual([1, '']);
    expect(String(stderr)).toMatch(
      /^load: .* all \d+ requests refused, the last one with 400 \{"error":".* got tpo"\}\. .*\n$/,
    );
  });

  test('SIGTERM: what is under way is finished, and the process ends with code 0', async () => {
    let send: (() => void) | undefined;
    const held = new Promise<void>((resolve) => {
      send = resolve;
    });
    async function* halves(bytes: Uint8Array) {
      yield bytes.subarray(0, 100);
      await held;
      yield bytes.subarray(100);
    }
    const waiting = ['plain.jpg', 'plain.gif'].map((name) => post(halves(bytesOf(name))));
    await expect.poll(async () => (await health()).underWay, { timeout: 60_000 }).toBe(2);
    server.kill('SIGTERM');
    send!();
    const [ended, ...responses] = await Promise.all([once(server, 'exit'), ...waiting]);
    expect(responses.map(({ status }) => status)).toEqual([200, 200]);
    expect(ended).toEqual([0, null]);
    expect(errors).toBe('');
  });

  test.each([
    ['main.js', '--prot', '80', "Unknown option '--prot'"],
    ['main.js', '--port', '99999', '--port: expected a whole number from 0 to 65535, got "99999"'],
    ['main.js', '--max-bytes', '0', '--max-bytes: expected a whole number from 1 to'],
    // The cause is in the message, and told once.
    [
      'main.js',
      '/nowhere',
      '',
      "open '/nowhere/classifier.json'. Name the folder or URL of a whole export\n",
    ],
    ['main.js', folder, folder, `expected the folder of one export, got ${folder} and ${folder}`],
    ['load.js', 'http://127.0.0.1:2/', join(pictures, 'plain.jpg'), 'fetch failed: connect ECONN'],
    ['load.js', 'http://127.0.0.1:2/', '/nowhere', 'ENOENT: no such file'],
  ])('%s %s %s ends with one line', async (script, ...args) => {
    const message = args.pop()!;
    const { status, stderr } = spawnSync(process.execPath, [
      join(dist, script),
      ...args.filter(Boolean),
    ]);
    expect([status, String(stderr)]).toEqual([1, expect.stringMatching(/^.+\n$/)]);
    expect(String(stderr)).toContain(message);
  });
});

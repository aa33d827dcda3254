// How a process ends that decodes. Each in one of its own: vitest would keep the event loop alive.
import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';

const prelude = `
  import { readFileSync, readdirSync } from 'node:fs';
  import { createImageDecoder, evalBatches, resizeCenterCrop } from '@bag-of-tricks/image-data';
  const place = resizeCenterCrop({ size: 48, resize: 54 });
  const bytes = readFileSync('fixtures/images/h2v2.jpg');
  const damaged = readFileSync('fixtures/images/rgb.png').fill(0, 1000, 1010);
  const placement = place({ height: 101, width: 137 }, Math.random);
  const request = (content = bytes) => ({ image: { kind: 'encoded', bytes: content }, name: 'one.jpg', placement });
  const many = (length = 400) => Array.from({ length }, () => request());
  const open = (threads = 2) => createImageDecoder({ size: 48, threads });
  const outcome = (promise) => promise.then(() => 'done', (error) => error.message.split(',')[0]);
`;

/** What a module prints, its exit code and its errors. */
function run(script: string) {
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    const options = { cwd: new URL('../../..', import.meta.url), timeout: 60_000 };
    const args = ['--expose-gc', '--input-type=module', '-e', prelude + script];
    execFile(process.execPath, args, options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? error.signal), stdout, stderr }),
    );
  });
}

const endings = {
  'abort, then dispose': `
    const decoder = await open();
    await decoder.decode(many(1));
    const controller = new AbortController();
    const decoding = outcome(decoder.decode(many(), { signal: controller.signal }));
    setTimeout(() => controller.abort(new Error('enough')), 5);
    console.log(await decoding);
    await decoder.dispose();
  `,
  'dispose while decoding': `
    const decoder = await open();
    await decoder.decode(many(1));
    const decoding = outcome(decoder.decode(many()));
    await decoder.dispose();
    console.log(await decoding);
  `,
  'dispose while the threads start': `
    const decoder = await open();
    const decoding = outcome(decoder.decode(many()));
    await decoder.dispose();
    console.log(await decoding);
  `,
  'dispose twice, at once and again': `
    const decoder = await open();
    await decoder.decode(many(1));
    await Promise.all([decoder.dispose(), decoder.dispose()]);
    await decoder.dispose();
    console.log(await outcome(decoder.decode(many())));
  `,
  'an error of the caller while another batch is decoded': `
    const decoder = await open();
    await decoder.decode(many(1));
    const decoding = outcome(decoder.decode(many()));
    const outside = { ...placement, window: { top: 0, left: 0, height: 102, width: 1 } };
    console.log(await outcome(decoder.decode([{ ...request(), placement: outside }])));
    await decoder.dispose();
    console.log(await decoding);
  `,
  'a bad image ends the batches of a source, then dispose': `
    const decoder = await open();
    const source = {
      name: 'source', classNames: ['one'], size: 64, describe: () => 'one.jpg', label: () => 0,
      read: async (index) => ({ kind: 'encoded', bytes: index === 40 ? damaged : bytes }), close: async () => {},
    };
    const all = async () => { for await (const _ of evalBatches(source, { batchSize: 8, place, decoder, badImages: 'fail' })); };
    console.log(await outcome(all()));
    await decoder.dispose();
  `,
  'a thread that dies while it decodes, then dispose': `
    const workers = [];
    process.on('worker', (worker) => workers.push(worker));
    const decoder = await open();
    await decoder.decode(many(1));
    const decoding = outcome(decoder.decode(many()));
    void workers[0].terminate();
    console.log(await decoding);
    await decoder.dispose();
  `,
};

test.each(Object.entries(endings))(
  '%s: the process ends after its last line',
  async (_, script) => {
    const { code, stdout, stderr } = await run(`${script}\nconsole.log('end');`);
    expect({ code, stderr, end: stdout.trimEnd().split('\n').at(-1) }).toEqual({
      ...{ code: 0, stderr: '' },
      end: 'end',
    });
    expect(stdout).toMatch(/^(enough|ImageDecoder\.decode: expected|bad images: expected)/);
  },
);

test('decoders made and disposed leave mappings, descriptors and handles as they were', {
  tags: ['slow'],
}, async () => {
  const { code, stdout, stderr } = await run(`
    const cycle = async () => {
      const decoder = await open();
      const { failures } = await decoder.decode(many(8));
      if (failures.length > 0) throw failures[0].error;
      await decoder.dispose();
      gc();
    };
    const count = () => [
      readFileSync('/proc/self/maps', 'latin1').split('\\n').length,
      readdirSync('/proc/self/fd').length,
      process.getActiveResourcesInfo().length,
    ];
    const cycles = async (n) => { for (let i = 0; i < n; i++) await cycle(); return count(); };
    const before = await cycles(10);
    const after = await cycles(50);
    console.log(JSON.stringify(after.map((each, i) => each - before[i])));
  `);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [mappings, descriptors, handles] = JSON.parse(stdout) as number[];
  // A thread's heap grows by some pages in the beginning; a mapping that each decoder leaves would be 50 more.
  expect(mappings).toBeLessThan(50);
  expect({ descriptors, handles }).toEqual({ descriptors: 0, handles: 0 });
});

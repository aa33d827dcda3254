// How a process ends that decodes. Each in one of its own: vitest would keep the event loop alive.
import { expect, test } from 'vitest';
import { runModule } from '../../../test/support/run-module.ts';

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
    const { code, stdout, stderr } = await runModule(`${script}\nconsole.log('end');`);
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
  const { code, stdout, stderr } = await runModule(`
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

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../test/reduce-in-a-process.mjs', import.meta.url));
const run = promisify(execFile);

async function listening(server: Server = createServer()) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, address: `127.0.0.1:${(server.address() as { port: number }).port}` };
}

interface Printed {
  readonly gathered: unknown;
  readonly sum: number[];
  readonly steps: readonly {
    readonly [name in 'a' | 'c' | 'roundedA' | 'halvedA']: number[];
  }[] &
    readonly { readonly [name in 'b' | 'roundedB' | 'halvedB']: number }[];
  readonly weights: number[];
  readonly failures: string[];
  readonly heardElsewhere: boolean;
}

async function together(size: number): Promise<Printed[]> {
  const places = await Promise.all(Array.from({ length: size }, listening));
  for (const { server } of places) server.close();
  const addresses = places.map(({ address }) => address);
  // Of the web, as clusters set it: nobody listens there.
  const env = { ...process.env, http_proxy: 'http://127.0.0.1:9', no_proxy: 'example.org' };
  const running = addresses.map((_, rank) =>
    run(process.execPath, [script, '60', String(rank), ...addresses], { env }),
  );
  const taking = running.filter((_, rank) => rank !== 1);
  Promise.allSettled(taking).then(() => running[1]!.child.stdin!.end());
  const results = await Promise.all(running);
  // Not a line of TensorFlow's, of the end of each step or of a collective that is given up.
  expect(results.map(({ stderr }) => stderr)).toEqual(addresses.map(() => ''));
  return results.map(({ stdout }) => JSON.parse(stdout));
}

/** What rank `rank` has as `a`: see the script. */
const inputOf = (rank: number, rows: number) =>
  Array.from({ length: 3 * rows }, (_, i) => Math.fround(Math.sin(1 + i + 7 * rank)));

const columnSums = (values: readonly number[]) =>
  [0, 1, 2].map((column) =>
    values.reduce((sum, value, i) => (i % 3 === column ? sum + value : sum), 0),
  );

test.each([2, 3])(
  '%i processes get the same means, exact in several buckets, and within the rounding of bfloat16 and of float16 on the wire',
  async (size) => {
    const printed = await together(size);
    const [{ steps, weights, sum, gathered }] = printed as [Printed];
    const hangs =
      /^rank \d: expected all \d processes to go on; (rank \d at \S+ has ended .*; )?rank 1 at \S+ answers, but does not take part: it did not join within 6 s$/;
    for (const [rank, { failures, heardElsewhere, ...other }] of printed.entries()) {
      if (process.platform === 'linux') expect(heardElsewhere).toBe(false);
      expect(other).toEqual({ steps, weights, sum, gathered });
      expect(failures).toEqual([
        expect.stringContaining('expected one cluster a process'),
        expect.stringContaining('expected to be called while compile traces'),
        ...(rank === 1 ? [] : [expect.stringMatching(hangs)]),
      ]);
    }
    const ranks = Array.from({ length: size }, (_, rank) => rank);
    const mean = (of: (rank: number) => number) =>
      ranks.reduce((total, rank) => total + of(rank), 0) / size;
    expect(gathered).toEqual(ranks.map((rank) => ({ rank, name: 'ä'.repeat(rank + 1) })));
    expect(sum).toEqual([size, (size * (size - 1)) / 2, size * 2 ** 20]);
    const [, , wide] = steps;
    for (const [at, rows] of [2, 2, 4].entries()) {
      const { a, b, c, roundedA, roundedB, halvedA, halvedB } = steps[at]!;
      for (const [i, value] of a.entries()) {
        const exact = mean((rank) => inputOf(rank, rows)[i]!);
        expect(value).toBeCloseTo(exact, 6);
        // 8 bits of mantissa, each time that two are added.
        expect(Math.abs(roundedA[i]! - exact)).toBeLessThan(size * 2 ** -8);
        // 11 bits.
        expect(Math.abs(halvedA[i]! - exact)).toBeLessThan(size * 2 ** -11);
      }
      for (const low of [roundedA, halvedA]) expect(low).not.toEqual(a);
      expect(b).toBeCloseTo(
        mean((rank) => rank + 0.1),
        6,
      );
      expect(Math.abs(roundedB - b)).toBeLessThan(size * 2 ** -8 * size);
      expect(Math.abs(halvedB - b)).toBeLessThan(size * 2 ** -11 * size);
      expect(c).toEqual(
        [1, 2, 3, 4, 5].map((value) => Math.fround(value * mean((rank) => 2 ** rank))),
      );
    }
    expect(wide!.a).toHaveLength(12);
    const total = steps.map(({ a }) => columnSums(a));
    for (const column of [0, 1, 2]) {
      const assigned = total.reduce((sum, columns) => sum + columns[column]!, 0);
      expect(weights[column]).toBeCloseTo(assigned, 5);
    }
  },
);

test('a server whose name leads to loopback here, and not where the others are, stays open to them and says so', async () => {
  const { server, address } = await listening();
  server.close();
  const name = address.replace('127.0.0.1', 'localhost');
  const stderr = run(process.execPath, [script, '1', '0', name, '192.0.2.1:9']).catch(
    (error) => error.stderr,
  );
  expect(await stderr).toMatch(
    /TensorFlow's server listens at port \d+ on all networks of this machine, .* localhost cannot be told/,
  );
});

test('a port that another program has, and an address at which another run is, are named', async () => {
  const [taken, free] = [await listening(), await listening()];
  free.server.close();
  const first = createHttp2Server((_, response) =>
    response.end('/job:worker/replica:0/task:0/device:CPU:0'),
  );
  const elsewhere = await listening(first);
  const start = (...addresses: string[]) => run(process.execPath, [script, '9', '0', ...addresses]);
  try {
    await Promise.all([
      expect(start(taken.address, free.address)).rejects.toThrow(
        `startServer: expected to listen at port ${taken.address.replace(/^.*:/, '')} (${taken.address})`,
      ),
      expect(start(free.address, elsewhere.address)).rejects.toThrow(
        `connect: expected rank 1 at ${elsewhere.address} within 9 s, got: rank 0 of a run with other addresses, or in another order, is there. Start it, give all the same addresses in the same order`,
      ),
    ]);
  } finally {
    taken.server.close();
    first.close();
  }
});

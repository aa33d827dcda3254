import { expect, test, vi } from 'vitest';
import { rankAt } from '../test/support/rank-at.ts';
import { reachOthers } from './reach-others.ts';

test('who is missing is told in one line every ten seconds, however many they are, until it is stopped', async () => {
  const { address, joins } = await rankAt(1);
  const closed = Array.from({ length: 5 }, (_, i) => `127.0.0.1:${i + 1}`);
  const addresses = ['', address, ...closed];
  joins(addresses);
  const said: string[] = [];
  const stop = new AbortController();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const waiting = { signal: stop.signal, onWait: (line: string) => said.push(line) };
    const reached = reachOthers({ addresses, rank: 0 }, 60, waiting).catch((error) => error);
    // Each has been asked once.
    await new Promise((resolve) => setTimeout(resolve, 500));
    vi.advanceTimersByTime(10_000);
    const refused = (rank: number) =>
      `rank ${rank} at 127.0.0.1:${rank - 1}: connect ECONNREFUSED 127.0.0.1:${rank - 1}`;
    expect(said).toEqual([`waiting for ${[2, 3, 4].map(refused).join('; ')}; and 2 more`]);
    stop.abort(new Error('stopped'));
    expect(await reached).toEqual(new Error('stopped'));
    vi.advanceTimersByTime(10_000);
    expect(said).toHaveLength(1);
  } finally {
    vi.useRealTimers();
  }
});

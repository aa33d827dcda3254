import { expect, test } from 'vitest';
import { prefetch } from './prefetch.ts';

/** The most items that were loaded, or being loaded, ahead of a consumer that is slow. */
async function mostAhead(prefetchBytes: number, bytesEach: number): Promise<number> {
  let loaded = 0;
  let consumed = 0;
  let most = 0;
  const load = async (step: number) => {
    loaded += 1;
    // The first items are asked for before it is known how large they are.
    if (consumed > 2) most = Math.max(most, loaded - consumed);
    return step;
  };
  const options = { firstStep: 0, endStep: 40, bytesOf: () => bytesEach, prefetchBytes };
  const order: number[] = [];
  for await (const step of prefetch({ load, ...options })) {
    await new Promise((resolve) => setImmediate(resolve));
    consumed += 1;
    order.push(step);
  }
  expect(order).toEqual(Array.from({ length: 40 }, (_, step) => step));
  return most;
}

test.each([
  { batches: 1, ahead: 2, what: 'two, for one is read while another is decoded' },
  { batches: 3.9, ahead: 3, what: 'as many as fit' },
  { batches: 5, ahead: 5, what: 'as many as fit' },
  { batches: 1000, ahead: 8, what: 'eight, for more bridge no longer gap' },
])(
  '$ahead batches are ahead of the consumer where $batches fit: $what',
  async ({ batches, ahead }) => {
    // The one that the consumer works on is no longer ahead, but not yet counted as consumed.
    expect(await mostAhead(batches * 1000, 1000)).toBe(ahead + 1);
  },
);

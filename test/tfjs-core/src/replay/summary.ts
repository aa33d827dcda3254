import type { Recording } from './call.ts';
import { type Replay, replayCall } from './replay-call.ts';

/** A replayed call. */
export interface Replayed extends Replay {
  readonly kernel: string;
}

/** Kernels whose numbers are drawn anew in each run. */
const random = ['Multinomial'];

/** Replays each call of a recording, in its order. Calls of kernels that a test registers for itself, and of random ones, are `undefined`. */
export async function replayAll(
  { calls }: Recording,
  isRegistered: (kernel: string) => boolean,
): Promise<(Replayed | undefined)[]> {
  const replayed: (Replayed | undefined)[] = [];
  for (const call of calls) {
    const { kernel } = call;
    const isLeftOut = random.includes(kernel) || !isRegistered(kernel);
    replayed.push(isLeftOut ? undefined : { kernel, ...(await replayCall(call)) });
  }
  return replayed;
}

/** Why there is no graph of a call, without what differs from call to call. */
export function refusal(detail: string): string {
  if (detail.includes('depends on values')) return 'the shape of an output depends on values';
  if (detail.includes('got string')) return 'an output is a string';
  if (detail.includes('not to read values'))
    return 'the kernel reads values: strings are compared in JavaScript';
  return detail.split('\n')[0]!.slice(0, 120);
}

/** The tests all of whose calls were replayed, and came to the same. */
export function sameTests({ tests }: Recording, replayed: readonly (Replayed | undefined)[]) {
  const isSame = (place: number) => {
    const status = replayed[place]?.status;
    return status === undefined || status === 'same' || status === 'close';
  };
  return tests.filter(({ calls }) => calls.length > 0 && calls.every(isSame));
}

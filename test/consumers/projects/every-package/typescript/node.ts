import type { openSafetensors } from '@bag-of-tricks/safetensors/node';
import { type TrainResult, train } from '@bag-of-tricks/trainer';

type Parameters0<F> = F extends (first: infer First, ...rest: never) => unknown ? First : never;

// `any` would be assignable in both directions.
export const path: Parameters0<typeof openSafetensors> = 'model.safetensors';
// @ts-expect-error The path is not a number.
export const notPath: Parameters0<typeof openSafetensors> = 3;
export const result: Promise<TrainResult> = train({ dataset: 'synthetic' });

import { readFileSync } from 'node:fs';
import { findLibrary } from '@bag-of-tricks/libtensorflow';
import { openTensorFlow, type TensorFlowApi } from '@bag-of-tricks/libtensorflow/native';
import { expect, test } from 'vitest';
import { NativeJpeg } from './native-jpeg.ts';

/** The library with the native objects counted that are made and not yet deleted. */
function counting(api: TensorFlowApi) {
  const live = { tensors: 0, sessions: 0, graphs: 0, statuses: 0, buffers: 0 };
  const after = <A extends unknown[], R>(call: (...args: A) => R, then: (args: A) => void) =>
    Object.assign((...args: A): R => {
      const result = call(...args);
      then(args);
      return result;
    }, call);
  const counted = {
    TF_AllocateTensor: after(api.TF_AllocateTensor, () => live.tensors++),
    TF_DeleteTensor: after(api.TF_DeleteTensor, () => live.tensors--),
    TF_SessionRun: after(api.TF_SessionRun, (args) => {
      live.tensors += args[6].filter((output) => output !== null).length;
    }),
    TF_NewSession: after(api.TF_NewSession, () => live.sessions++),
    TF_DeleteSession: after(api.TF_DeleteSession, () => live.sessions--),
    TF_NewGraph: after(api.TF_NewGraph, () => live.graphs++),
    TF_DeleteGraph: after(api.TF_DeleteGraph, () => live.graphs--),
    TF_NewStatus: after(api.TF_NewStatus, () => live.statuses++),
    TF_DeleteStatus: after(api.TF_DeleteStatus, () => live.statuses--),
    TF_NewBufferFromString: after(api.TF_NewBufferFromString, () => live.buffers++),
    TF_DeleteBuffer: after(api.TF_DeleteBuffer, () => live.buffers--),
  };
  return { api: { ...api, ...counted } as unknown as TensorFlowApi, live };
}

test('decoding, also of damaged images, leaves no native object behind', async () => {
  const { api, live } = counting(openTensorFlow(await findLibrary(), { hugePages: false }).api);
  const jpeg = new NativeJpeg(api);
  const bytes = readFileSync(new URL('../../../fixtures/images/h2v2.jpg', import.meta.url));
  const window = { top: 0, left: 0, height: 8, width: 8 };
  const request = { bytes, window, ratio: 1, fancyUpsampling: true } as const;
  const target = new Uint8Array(8 * 8 * 3);
  jpeg.decode(request, target);
  expect(new Set(target).size).toBeGreaterThan(1);
  const held = { ...live };
  expect(held).toMatchObject({ tensors: 0, sessions: 1, graphs: 1 });
  for (let i = 0; i < 5; i++) {
    jpeg.decode(request, target);
    expect(() => jpeg.decode({ ...request, bytes: bytes.subarray(0, 100) }, target)).toThrow();
    const outside = { ...window, left: 10_000 };
    expect(() => jpeg.decode({ ...request, window: outside }, target)).toThrow();
  }
  expect(live).toEqual(held);
  jpeg.dispose();
  expect(live).toEqual({ tensors: 0, sessions: 0, graphs: 0, statuses: 0, buffers: 0 });
});

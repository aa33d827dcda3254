import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { useTensorFlow } from '../../test/support/backend.ts';
import { compile } from '../index.ts';
import { placementOf } from './placement.ts';

useTensorFlow();

test('a run on the CPU says what ran there, and copies nothing', async () => {
  const compiled = await compile(({ x }) => tf.matMul(tf.relu(x), x), {
    inputs: { x: { shape: [4, 4] } },
  });
  const { placement } = await compiled.profile({ x: new Float32Array(16).fill(1) });
  expect(Object.keys(placement.devices)).toEqual(['CPU:0']);
  const ops = Object.keys(placement.devices['CPU:0']!).join();
  expect(ops).toMatch(/MatMul/);
  expect(ops).toMatch(/Relu/);
  expect(ops).not.toMatch(/_Arg|_Retval/);
  expect(placement.transfers).toEqual([]);
  await compiled.dispose();
});

/** A message of these fields: text, messages and numbers. */
const message = (...fields: readonly (readonly [number, string | Uint8Array])[]): Uint8Array =>
  Buffer.concat(
    fields.map(([field, value]) => {
      const bytes = Buffer.from(value as string);
      const length =
        bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
      return Buffer.concat([Buffer.from([(field << 3) | 2, ...length]), bytes]);
    }),
  );

const node = (
  name: string,
  op: string,
  device: string,
  inputs: readonly string[] = [],
  tensor?: string,
) =>
  message(
    [1, name],
    [2, op],
    ...inputs.map((input) => [3, input] as const),
    [4, `/job:localhost/replica:0/task:0/device:${device}`],
    ...(tensor ? [[5, message([1, 'tensor_name'], [2, message([2, tensor])])] as const] : []),
  );

const graph = (...nodes: readonly Uint8Array[]) =>
  message(...nodes.map((one) => [1, one] as const));

test('with a GPU, inputs, results and what is copied between are told apart', () => {
  const cpu = graph(
    node('images', '_Arg', 'CPU:0'),
    node('send', '_Send', 'CPU:0', ['images'], 'edge_1_images'),
    node('loss', '_Recv', 'CPU:0', [], 'edge_2_loss'),
    node('result', '_Retval', 'CPU:0', ['loss']),
    node('key', 'Pack', 'CPU:0'),
    node('send_key', '_HostSend', 'CPU:0', ['key'], 'edge_3_key'),
  );
  const gpu = graph(
    node('received', '_Recv', 'GPU:0', [], 'edge_1_images'),
    node('mean', 'Mean', 'GPU:0', ['received']),
    node('send_loss', '_Send', 'GPU:0', ['mean', '^mean'], 'edge_2_loss'),
    node('draw', 'StatelessRandomUniform', 'GPU:0', ['key_here']),
    node('key_here', '_HostRecv', 'GPU:0', [], 'edge_3_key'),
    node('send_flag', '_Send', 'GPU:0', ['mean:0'], 'edge_4_finite'),
    node('flag', '_HostRecv', 'GPU:0', [], 'edge_4_finite'),
    node('branch', 'Switch', 'GPU:0', ['flag']),
  );
  expect(placementOf(message([3, cpu], [3, gpu]))).toEqual({
    devices: {
      'CPU:0': { Pack: 1 },
      'GPU:0': { Mean: 1, StatelessRandomUniform: 1, Switch: 1 },
    },
    transfers: [
      { tensor: 'edge_1_images', from: 'CPU:0', to: 'GPU:0', kind: 'in' },
      { tensor: 'edge_2_loss', from: 'GPU:0', to: 'CPU:0', kind: 'out' },
      { tensor: 'edge_4_finite', from: 'GPU:0', to: 'GPU:0 (host)', kind: 'within' },
    ],
  });
});

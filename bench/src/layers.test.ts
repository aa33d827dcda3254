import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { createNetwork } from '@bag-of-tricks/trainer';
import { expect, test } from 'vitest';
import { LAYER_NETWORKS, layersOf } from './layers.ts';

test.each(LAYER_NETWORKS)(
  'the layers of %s are those whose kernels the network has, in its order',
  async (name) => {
    await registerTensorFlowBackend();
    const options = { numClasses: 2, inputChannels: 3, init: 'xavier', seed: 1 } as const;
    const network = createNetwork(name, options);
    const kernels = Object.values(network.parameters).filter(({ shape }) => shape.length === 4);
    const layers = layersOf(name, 224).flatMap((layer) => Array(layer.count).fill(layer));
    const ofLayers = layers.map(({ kernelSize, channels, groups }) => [
      ...[kernelSize, kernelSize, channels / groups, channels],
    ]);
    const isGrouped = ([, , inputs, outputs]: number[]) =>
      outputs! > 16 && outputs! / inputs! >= 32;
    const found = kernels
      .map(({ shape }) => shape)
      .filter((shape) => shape[0]! > 1 && isGrouped(shape));
    expect(ofLayers).toEqual(found);
    network.dispose();
  },
);

test('sizes follow the images, and an unknown network is an error', () => {
  const [first, second] = layersOf('mobilenetv2_100', 128);
  expect([first, second]).toEqual([
    { size: 64, channels: 32, kernelSize: 3, stride: 1, groups: 32, count: 1 },
    { size: 64, channels: 96, kernelSize: 3, stride: 2, groups: 96, count: 1 },
  ]);
  expect(() => layersOf('resnet50', 128)).toThrow(
    /expected some of mobilenetv2_100, .* got "resnet50"/,
  );
});

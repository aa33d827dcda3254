import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, expect, test } from 'vitest';
import { describe, giveTrainedNumbers, networks, score } from '../../test/onnx/networks.ts';
import { onnxModel } from './onnx-model.ts';

beforeAll(() => registerTensorFlowBackend());

const classes = 5;
const spreadOf = (values: Float32Array) => Math.max(...values) - Math.min(...values);

test.each(networks)(
  'onnxruntime says of any batch what %s says, to 1e-4',
  async (_, create, sizes) => {
    const network = create();
    giveTrainedNumbers(network, describe(network, sizes[0]!));
    for (const size of sizes) {
      const description = describe(network, size);
      const { pixels, probabilities } = score(network, description);
      const session = await InferenceSession.create(await onnxModel(network, description, {}));
      expect([session.inputNames, session.outputNames]).toEqual([['images'], ['probabilities']]);
      for (const batch of [3, 1]) {
        const values = pixels.subarray(0, batch * 3 * size * size);
        const images = new Tensor('float32', values, [batch, 3, size, size]);
        const { probabilities: output } = await session.run({ images });
        expect(output!.dims).toEqual([batch, classes]);
        const got = output!.data as Float32Array;
        const difference = got.reduce(
          (most, p, i) => Math.max(most, Math.abs(p - probabilities[i]!)),
          0,
        );
        expect(difference, `size ${size}, batch ${batch}`).toBeLessThan(1e-4);
      }
      // Neither classes nor images are alike, or nothing would have been compared.
      expect(spreadOf(probabilities.subarray(0, classes))).toBeGreaterThan(0.05);
      expect(
        spreadOf(
          probabilities.subarray(0, classes).map((p, i) => p - probabilities[2 * classes + i]!),
        ),
      ).toBeGreaterThan(0.01);
      await session.release();
    }
    network.dispose();
  },
);

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from '@bag-of-tricks/graph';
import { createImageDecoder, resizeCenterCrop } from '@bag-of-tricks/image-data';
import { fit, tricks } from '@bag-of-tricks/trainer';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { linearNetwork } from '../run/network.ts';
import { type Limits, limits } from './verdict.ts';

/** Does so many rounds and calls back after each. */
export type Soak = (rounds: number, afterRound: () => void) => Promise<void>;

/** Epochs of one run, with evaluation, two sets of weights and a checkpoint each. */
async function epochs(rounds: number, afterRound: () => void): Promise<void> {
  const output = mkdtempSync(join(tmpdir(), 'soak-'));
  const network = linearNetwork(16, 3);
  try {
    await fit({
      network,
      dataset: 'synthetic',
      synthetic: { imageSize: 4, channels: 1, numClasses: 3, trainSamples: 12, evalSamples: 12 },
      ...{ epochs: rounds, batchSize: 4, output },
      learningRate: { base: 0.001 },
      tricks: [tricks.ema({ decay: 0.5, warmup: false })],
      hooks: [{ onEpochEnd: afterRound }],
    });
  } finally {
    network.dispose();
    rmSync(output, { recursive: true });
  }
}

/** Decoders that are made, decode a picture and are disposed. */
async function decoders(rounds: number, afterRound: () => void): Promise<void> {
  const create = { width: 40, height: 30, channels: 3, background: '#2a6' } as const;
  const bytes = await sharp({ create }).jpeg().toBuffer();
  const place = resizeCenterCrop({ size: 16, resize: 18 });
  for (let i = 0; i < rounds; i++) {
    const decoder = await createImageDecoder({ size: 16, threads: 1 });
    const image = { kind: 'encoded', bytes } as const;
    const placement = place(decoder.header(image, 'picture'), () => 0.5);
    const { failures } = await decoder.decode([{ image, name: 'picture', placement }]);
    await decoder.dispose();
    if (failures.length > 0) throw failures[0]!.error;
    afterRound();
  }
}

/** Graphs that are traced, run once and disposed. */
async function compiles(rounds: number, afterRound: () => void): Promise<void> {
  const weight = tf.tidy(() => tf.variable(tf.ones<tf.Rank.R2>([64, 64])));
  const x = new Float32Array(64 * 64).fill(0.5);
  for (let i = 0; i < rounds; i++) {
    const compiled = await compile(
      ({ x }) => ({ y: tf.relu(tf.matMul(x as tf.Tensor2D, weight)) }),
      { inputs: { x: { shape: [64, 64] } } },
    );
    await compiled.run({ x });
    await compiled.dispose();
    afterRound();
  }
  weight.dispose();
}

interface Plan {
  readonly soak: Soak;
  readonly rounds: number;
  readonly allowed: Limits;
}

/** What is repeated, by names, how often, and what may grow a round. */
export const soaks = {
  epochs: { soak: epochs, rounds: 2000, allowed: limits },
  decoders: { soak: decoders, rounds: 500, allowed: limits },
  compiles: { soak: compiles, rounds: 500, allowed: limits },
} as const satisfies Readonly<Record<string, Plan>>;

export type SoakName = keyof typeof soaks;

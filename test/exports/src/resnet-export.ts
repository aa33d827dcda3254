import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { exportModel } from '@bag-of-tricks/model-export';
import { createModel, type ResNet } from '@bag-of-tricks/resnet-variants';
import * as tf from '@tensorflow/tfjs-core';
import { description } from '../../../packages/classifier/test/small-export.ts';

export interface ResNetExport {
  readonly folder: string;
  readonly network: ResNet;
}

/** A small residual network as `bag-of-tricks export` writes it, with weights that tell pictures apart. */
export async function resnetExport(
  quantize: 'float16' | 'uint8' | null = null,
): Promise<ResNetExport> {
  await registerTensorFlowBackend();
  await tf.setBackend('tensorflow');
  const network = createModel('resnet20d', { numClasses: description.classNames.length, seed: 16 });
  const head = Object.values(network.parameters).find(({ shape }) => shape.at(-1) === 4)!;
  tf.tidy(() => head.assign(tf.mul(head, 8)));
  const folder = join(mkdtempSync(join(tmpdir(), 'resnet export-')), 'exported');
  const provenance = { source: 'test/exports/src/resnet-export.ts' };
  await exportModel({ network, description, provenance }, { output: folder, quantize });
  return { folder, network };
}

import '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { test } from 'vitest';
import { writeFileSync } from 'node:fs';
import { binaryCases } from '../../test/kernel-cases/binary.ts';
import { unaryCases } from '../../test/kernel-cases/unary.ts';
import { reductionCases } from '../../test/kernel-cases/reductions.ts';
import { shapeCases } from '../../test/kernel-cases/shapes.ts';
import { numberCases } from '../../test/kernel-cases/numbers.ts';
import { convolutionCases, imageCases } from '../../test/kernel-cases/images.ts';
import type { KernelCases } from '../../test/kernel-cases/case.ts';
import { difference, outcomeOn } from '../../test/kernel-cases/compare.ts';
import { dtypes } from '../../test/kernel-cases/sample.ts';
import { registerTensorFlowBackend } from './register.ts';

const families: Record<string, KernelCases> = { 1: {...unaryCases, ...binaryCases}, 2: { ...reductionCases, ...shapeCases, ...numberCases }, 3: {...imageCases, ...convolutionCases}, all: {...unaryCases, ...binaryCases,...reductionCases, ...shapeCases, ...numberCases,...imageCases, ...convolutionCases} };
test('explore', async () => {
  await registerTensorFlowBackend();
  const lines: string[] = []; const cpu: string[] = [];
  for (const [kernel, cases] of Object.entries(families[process.env.FAMILY ?? '1']!)) {
    for (const dtype of dtypes) {
 const seen = new Set();
      for (const [name, compute] of Object.entries(cases)) {
 if (compute.length === 0 && dtype !== 'float32') continue;
        const want = await outcomeOn('cpu', compute, dtype);
        const got = await outcomeOn('tensorflow', compute, dtype);
        if (typeof got.outcome !== 'string' && !got.kernels.includes(kernel)) lines.push(`${kernel} ${dtype} ${name}: not called, but ${got.kernels}`);
        if (typeof got.outcome === 'string' && typeof want.outcome !== 'string') { const l = `CPU ${kernel} ${dtype} -> ${want.outcome.map((o) => o.dtype)}`; if (!seen.has(l)) { seen.add(l); cpu.push(l);} }
 const d = difference(got.outcome, want.outcome);
        if (d !== undefined) lines.push(`${kernel} ${dtype} ${name}: ${d}`);
      }
    }
  }
  const missing = tf.getKernelsForBackend('tensorflow').map((k) => k.kernelName).filter((k) => !(k in families.all!));
  lines.push(`MISSING ${missing}`);
  writeFileSync('/tmp/cpu.txt', cpu.join('\n'));
  writeFileSync('/tmp/explore.txt', lines.join('\n'));
}, 300000);

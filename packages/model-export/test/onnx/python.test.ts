// Not in CI. With a virtual environment of Python 3, in which timm and torch may be left out:
//
//     python3 -m venv /tmp/onnx && /tmp/onnx/bin/pip install onnx==1.23.2 onnxruntime==1.32.0 safetensors==0.8.0 timm==1.0.31 torch==2.15.0
//     ONNX_PYTHON=/tmp/onnx/bin/python pnpm test test/onnx
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { serializeSafetensors } from '@bag-of-tricks/safetensors';
import { expect, test } from 'vitest';
import { exportModel } from '../../src/export-model.ts';
import { describe, giveTrainedNumbers, large, networks, score } from './networks.ts';

const python = process.env.ONNX_PYTHON;
const script = fileURLToPath(new URL('check.py', import.meta.url));

interface Found {
  readonly name: string;
  readonly classNames: readonly string[];
  readonly ours: number;
  readonly alone: number;
  readonly timm: number | null;
}

async function writeExports(folder: string): Promise<void> {
  for (const [name, create, [size]] of [...networks, ...large]) {
    const network = create();
    const description = describe(network, size!);
    giveTrainedNumbers(network, description);
    const model = { network, description, provenance: { source: 'random numbers' } };
    await exportModel(model, { output: join(folder, name, 'onnx'), format: 'onnx' });
    await exportModel(model, { output: join(folder, name, 'timm'), format: 'safetensors' });
    const { pixels, probabilities } = score(network, description);
    const pictures = serializeSafetensors([
      ['images', { dtype: 'F32', shape: [3, 3, size!, size!], data: pixels }],
      ['probabilities', { dtype: 'F32', shape: [3, 5], data: probabilities }],
    ]);
    writeFileSync(join(folder, name, 'pictures.safetensors'), pictures);
    network.dispose();
  }
}

test.skipIf(!python)(
  "onnx.checker takes every network, and Python's onnxruntime computes what we and timm do",
  { tags: ['slow'] },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'onnx-python-'));
    await registerTensorFlowBackend();
    await writeExports(folder);
    const lines = execFileSync(python!, [script, folder], { encoding: 'utf8' }).trim().split('\n');
    const found = lines.map((line) => JSON.parse(line) as Found);
    console.log(lines.join('\n'));
    expect(found).toHaveLength(networks.length + large.length);
    for (const { name, classNames, ours, alone, timm } of found) {
      expect(classNames, name).toEqual(describe({ name }, 1).classNames);
      expect(Math.max(ours, alone, timm ?? 0), name).toBeLessThan(1e-4);
    }
    rmSync(folder, { recursive: true });
  },
);

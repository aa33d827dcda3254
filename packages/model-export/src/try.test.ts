import { rmSync, readFileSync } from 'node:fs';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { createModel } from '@bag-of-tricks/resnet-variants';
import { createModel as createMobile, modelNames } from '@bag-of-tricks/mobilenet-variants';
import { test } from 'vitest';
import { exportModel } from './export-model.ts';

test('try', async () => {
  console.log(modelNames().join(' '));
  const tfb = await registerTensorFlowBackend();
  const all = { a: createModel('resnet20d', { numClasses: 10, seed: 1 }), b: createMobile('mobilenetv2_050', { numClasses: 10, seed: 1 }) };
  for (const network of Object.values(all)) {
  const s = network.name === 'resnet20d' ? 32 : 64;
  const description = {
    model: network.name, classNames: Array.from({length: 10}, (_, i) => `c${i}`), imageSize: s, channels: 3 as const, evalResize: 36, interpolation: 'bilinear' as const, antialias: true, exifOrientation: true, mean: [120, 118, 110], std: [60, 61, 62],
  };
  for (const format of ['graph-model', 'saved-model'] as const) {
    rmSync(`/tmp/h9/${format}`, { recursive: true, force: true });
    const h = tfb.nativeHandleCount();
    try {
    const r = await exportModel({ network: network as never, description, provenance: { source: 'x' } }, { output: `/tmp/h9/${format}`, format });
    console.log(JSON.stringify(r), tfb.nativeHandleCount() - h);
    } catch (e) { console.log(network.name, format, e); }
  }
  const m = JSON.parse(readFileSync('/tmp/h9/graph-model/model.json', 'utf8'));
  console.log(m.modelTopology.node.filter((n: any) => n.op !== 'Const').map((n: any) => `${n.op} ${n.name} <- ${(n.input ?? []).join(' ')}`).slice(0, 40).join('\n') + JSON.stringify(m.modelTopology.node.filter((n: any) => n.op !== 'Const').slice(2, 5)));
  }
}, 300000);

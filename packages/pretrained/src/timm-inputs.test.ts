import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensors } from '@bag-of-tricks/safetensors/node';
import { expect, onTestFinished, test } from 'vitest';
import { openWeights } from './index.ts';
import { timmInput } from './timm-inputs.ts';
import { unknownInput, type WeightsInput } from './weights.ts';

const { configs } = JSON.parse(
  readFileSync(new URL('../fixtures/timm-inputs.json', import.meta.url), 'utf8'),
) as { readonly configs: Readonly<Record<string, Omit<WeightsInput, 'channels'>>> };

test('every tag of timm of our networks, and the name alone, is seen as timm has it', () => {
  expect(Object.keys(configs).length).toBeGreaterThan(100);
  for (const [name, config] of Object.entries(configs))
    expect([name, timmInput(name)]).toEqual([name, { ...config, channels: 3 }]);
});

test.each([
  ['resnet50d.safetensors', 'resnet50d', configs.resnet50d],
  ['resnet50.tv2_in1k.safetensors', 'resnet50', configs['resnet50.tv2_in1k']],
  ['resnet101d.mine.safetensors', 'resnet101d', configs.resnet101d],
  ['resnet50-11ad3fa6.safetensors', 'resnet50', null],
  ['resnet20d.safetensors', 'resnet20d', null],
])('%s is of %s, and images come in as its name says', async (name, architecture, config) => {
  const folder = await mkdtemp(join(tmpdir(), 'timm-inputs-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const bias = { dtype: 'F32', shape: [1], data: Float32Array.of(1) } as const;
  await writeSafetensors(join(folder, name), [['fc.bias', bias]]);
  expect(await openWeights(join(folder, name))).toMatchObject({
    architecture,
    input: config ? { ...config, channels: 3 } : unknownInput,
  });
});

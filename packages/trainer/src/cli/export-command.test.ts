import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ImageSource, imageFolder } from '@bag-of-tricks/image-data';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeImageFolder } from '../../test/make-image-folder.ts';
import { exitCodes } from '../errors.ts';
import { train } from '../fit.ts';
import { loadClassifier } from '../inference/classifier.ts';
import { inferenceImages } from '../inference/description.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'export-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]) {
  const options = { cwd: folder, encoding: 'utf8' } as const;
  return spawnSync(process.execPath, [main, 'export', ...args], options);
}

beforeAll(async () => {
  await makeImageFolder(join(folder, 'images'), { trainPerClass: 16, evalPerClass: 4, side: 20 });
  await train({
    ...{ model: 'resnet20d', dataDir: join(folder, 'images'), output: folder, experiment: 'run' },
    ...{ input: { imageSize: 16, antialias: true }, epochs: 2, batchSize: 16 },
    ema: { decay: 0.9 },
  });
});

describe('export', { tags: ['slow'] }, () => {
  test('a run is in TensorFlow.js what it is here: pictures have the probabilities of the classifier', async () => {
    cpSync(join(folder, 'images/val'), join(folder, 'pictures'), { recursive: true });
    writeFileSync(join(folder, 'pictures/green/1a.jpg'), 'no picture');
    const { status, stdout, stderr } = run('run', '--output', 'out', '--compare', 'pictures');
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(
        /^reading run\nThe licence of these weights is not known: --license .*\nmaking the graph-model of \w+\n(?:tracing|folding|fusing) .*\n(?:.*\n)*writing 3 files\ncomparing the .*\n\S*1a\.jpg: .*; left out\ncompare \[.*\] 8\/13 .*\ncompare \[=+\] 13\/13 .*\n$/,
      ),
    });
    expect(stdout).toMatch(
      /out: graph-model, 3 files, 1\.\d\d MB; on 12 pictures probabilities differ by at most .*e-\d+, the first class is the same on 100\.0 %/,
    );
    const { description, provenance, license } = JSON.parse(
      readFileSync(join(folder, 'out/classifier.json'), 'utf8'),
    );
    const state = readFileSync(join(folder, 'run/checkpoints/best/state.json'), 'utf8');
    // Which of the weights, such as those of EMA.
    const { epoch, weights } = JSON.parse(state);
    expect(license).toBeNull();
    expect(provenance).toMatchObject({
      source: expect.stringMatching(/^run\/checkpoints\/[^/]+$/),
      checkpoint: { epoch, weights },
    });

    const classifier = await loadClassifier(join(folder, 'run'));
    expect(description).toEqual(classifier.description);
    const source = await imageFolder(join(folder, 'images'), { split: 'val' });
    const own: number[][] = [];
    for await (const batch of classifier.classifySource(await reopened(), { top: 3 })) {
      for (const { index, top } of batch) {
        own[index] = [0, 1, 2].map((i) => top.find((one) => one.index === i)!.probability);
      }
    }
    const probabilities = await probabilitiesIn(join(folder, 'out'), await pixelsOf(source));
    expect(own).toHaveLength(12);
    for (const [i, row] of own.entries()) {
      for (const [c, value] of row.entries()) {
        expect(Math.abs(value - probabilities[3 * i + c]!)).toBeLessThan(1e-4);
      }
    }
    await classifier.dispose();

    async function pixelsOf(images: ImageSource) {
      const loaded = await inferenceImages(description, images, {});
      const rows = [];
      for await (const { images: pixels } of loaded.evalBatches({ batchSize: 16, epoch: 0 })) {
        rows.push(...pixels);
      }
      await loaded.close();
      return Float32Array.from(rows);
    }
  });

  test.each([
    ['onnx', ['model.onnx'], /(differ by at most|not compared)/],
    // timm lacks resnet20d.
    ['safetensors', ['model.safetensors', 'resnet_variants.py'], /read back bit for bit/],
  ])('writes %s', (format, files, said) => {
    const { status, stdout } = run('run', '--output', format, '--to', format);
    expect(status).toBe(0);
    expect(stdout).toMatch(said);
    expect(readdirSync(join(folder, format))).toEqual(expect.arrayContaining(files));
  });

  test('weights that do not name their classes ask for the names', () => {
    // The one that was written above.
    const config = JSON.parse(readFileSync(join(folder, 'safetensors/config.json'), 'utf8'));
    const { label_names: names } = config;
    delete config.label_names;
    config.pretrained_cfg.license = 'cc0-1.0';
    writeFileSync(join(folder, 'safetensors/config.json'), JSON.stringify(config));
    writeFileSync(join(folder, 'names.json'), JSON.stringify(names));
    const asked = /nothing names its 3 classes: .* --class-names/;
    expect(run('safetensors', '--output', 'unnamed').stderr).toMatch(asked);
    const given = run('safetensors', '--output', 'given', '--class-names', 'names.json');
    expect(given).toMatchObject({ status: 0, stderr: expect.not.stringMatching(asked) });
    expect(given.stderr).not.toContain('licence');
    const { description, license } = JSON.parse(
      readFileSync(join(folder, 'given/classifier.json'), 'utf8'),
    );
    expect([description.classNames, license]).toEqual([names, 'cc0-1.0']);
    const ofFolder = run('safetensors', '--output', 'x', '--class-names', 'images');
    expect(ofFolder.stderr).toMatch(
      /error: images: expected a file with the names of the classes, got EISDIR/,
    );
  });

  test('Ctrl-C ends it, and leaves nothing half-written behind', async () => {
    const args = [main, 'export', 'run', '--output', 'interrupted', '--compare', 'pictures'];
    const child = spawn(process.execPath, args, { cwd: folder });
    let said = '';
    child.stderr.on('data', (data) => {
      said += data;
      if (/comparing the written/.test(`${data}`)) child.kill('SIGINT');
    });
    const [code] = await once(child, 'close');
    expect({ code, said }).toEqual({
      code: exitCodes.interrupt,
      said: expect.stringMatching(/SIGINT: stopping; once more to stop at once\n/),
    });
    expect(readdirSync(folder).filter((name) => name.includes('interrupted'))).toEqual([]);
  });

  const reopened = () => imageFolder(join(folder, 'images'), { split: 'val' });

  test('what is there, and what cannot be, are errors that say what to do', () => {
    const twice = run('run', '--output', 'out');
    expect(twice.status).toBe(exitCodes.failure);
    expect(twice.stderr).toMatch(/out not to be there yet, it is\. .*--force/);
    expect(run('run', '--output', 'out', '--force', '--to', 'saved-model').status).toBe(0);
    expect(readdirSync(join(folder, 'out')).sort()).toEqual(['classifier.json', 'saved_model.pb']);
    expect(run('run', '--output', 'x', '--to', 'tflite').stderr).toMatch(
      /Allowed choices are graph-model/,
    );
    expect(run('nowhere', '--output', 'x').stderr).toMatch(/error: .*nowhere/);
    expect(run('run', '--output', 'x', '--compare', 'out').stderr).toMatch(/--compare out: .*none/);
    for (const output of [[], ['--output', '']])
      expect(run('run', ...output).stderr).toMatch(/error: expected --output <folder>, got none/);
    expect(run('run', '--out', 'x').stderr).toMatch(
      /unknown option '--out'\n *\(Did you mean --output\?\)/,
    );
    // Before the weights are looked for.
    const early = run('nowhere', '--output', 'x', '--to', 'onnx', '--quantize', 'uint8');
    expect(early.stderr).toMatch(/quantize uint8 with the format graph-model, got onnx/);
    const lost = run('nowhere', '--output', 'x', '--compare', 'photos');
    expect(lost.stderr).toMatch(/^\S*error: --compare photos: expected pictures, there is no such/);
    expect(run('nowhere', '--output', 'out').stderr).toMatch(/out not to be there yet/);
    expect(readdirSync(folder)).not.toContain('x');
  });
});

/** What TensorFlow.js's plain backend says of pictures. */
async function probabilitiesIn(output: string, pixels: Float32Array) {
  await registerTensorFlowBackend();
  await tf.setBackend('cpu');
  const json = JSON.parse(readFileSync(join(output, 'model.json'), 'utf8')) as tf.io.ModelJSON;
  const [{ weights: weightSpecs, paths }] = json.weightsManifest as [
    tf.io.WeightsManifestConfig[number],
  ];
  const weightData = Uint8Array.from(readFileSync(join(output, paths[0]!))).buffer;
  const model = await tf.loadGraphModel({
    load: async () => ({ ...json, weightSpecs, weightData }),
  });
  const probabilities = tf.tidy(() => {
    const images = tf.tensor4d(pixels, [pixels.length / 768, 16, 16, 3]);
    return (model.predict(images) as tf.Tensor).dataSync();
  });
  model.dispose();
  await tf.setBackend('tensorflow');
  return probabilities;
}

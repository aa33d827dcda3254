// Every package is packed and installed from its tarball into fresh projects by plain npm, as a user would.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProject, type Project, packagesWithInstallScript } from './project.ts';
import { type Runtime, runtimes } from './runtimes.ts';
import { packAll, type Tarball } from './tarballs.ts';

let folder: string;
let tarballs: Map<string, Tarball>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bag of tricks consumers '));
  tarballs = await packAll(folder);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A training of seconds. */
const smoke = [
  ...['train', '--dataset', 'synthetic', '--model', 'resnet20d'],
  ...['trainSamples=64', 'evalSamples=32', 'imageSize=16', 'numClasses=4'].flatMap((setting) => [
    '--set',
    `synthetic.${setting}`,
  ]),
  ...['--batch-size', '16', '--epochs', '1', '--no-warmup'],
  ...['--experiment', 'smoke', '--output', 'runs'],
];

async function install(name: string, ...flags: string[]): Promise<Project> {
  const project = createProject(name, join(folder, [name, ...flags].join('')), tarballs);
  await project.run('npm', 'install', ...flags);
  return project;
}

describe('installed from tarballs by npm', { tags: ['slow'] }, () => {
  test('every package works in Node, and only koffi has an install script', async () => {
    const project = await install('node-esm');
    expect(packagesWithInstallScript(project)).toEqual(['koffi']);
    expect(await project.run('node', 'main.mjs')).toContain('every package works');
  });

  describe('with install scripts off', () => {
    let project: Project;
    beforeAll(async () => {
      project = await install('node-esm', '--ignore-scripts');
    });

    test('every package works in Node', async () => {
      expect(await project.run('node', 'main.mjs')).toContain('every package works');
    });

    test('every package can be required by CommonJS', async () => {
      const output = await project.run('node', 'require.cjs');
      expect(output).toContain('every package can be required');
    });

    test.for(Object.entries(runtimes))(
      'every package works in %s',
      async ([, runtime], context) => {
        const output = await project.run(...commandOf(runtime, context.skip), 'main.mjs');
        expect(output).toContain('every package works');
      },
    );

    test('the command trains in Bun and Deno as in Node', async (context) => {
      const node = { path: process.execPath, args: [] };
      const accuracies = [];
      for (const runtime of [node, runtimes.Bun!, runtimes.Deno!]) {
        rmSync(join(project.folder, 'runs'), { recursive: true, force: true });
        const command = commandOf(runtime, context.skip);
        const trained = await project.run(...command, 'node_modules/.bin/bag-of-tricks', ...smoke);
        accuracies.push(trained.match(/Loss: (\S+) \(train (\S+)\)/)?.[0]);
      }
      expect(accuracies[0]).toMatch(/^Loss: \d/);
      expect(new Set(accuracies).size, accuracies.join('; ')).toBe(1);
    });

    test('Deno without the right to call native code runs the tricks, and is told what the library needs', async (context) => {
      const args = ['run', '--no-prompt', '--allow-read', '--allow-env', '--allow-sys'];
      const command = commandOf({ ...runtimes.Deno!, args }, context.skip);
      const output = await project.run(...command, 'without-native-code.mjs');
      expect(output).toContain('the tricks work without native code');
    });
  });

  test('one trick works with tfjs-core and its cpu backend alone', async () => {
    const project = await install('core-cpu');
    expect(packagesWithInstallScript(project)).toEqual([]);
    expect(await project.run('node', 'main.mjs')).toContain('one trick works');
  });

  test('the types resolve under nodenext, bundler and node10 with CommonJS, in TypeScript 6 and 5', async () => {
    const project = await install('typescript');
    for (const compiler of ['typescript', 'typescript-5']) {
      for (const config of ['tsconfig.nodenext.json', 'tsconfig.bundler.json']) {
        expect(
          await project.run('node', `node_modules/${compiler}/bin/tsc`, '-p', config),
          `${compiler} ${config}`,
        ).toBe('');
      }
    }
    // TypeScript 6 asks for a word of consent, and 7 has it no more.
    const node10 = ['-p', 'tsconfig.node10.json'];
    const consent = ['--ignoreDeprecations', '6.0'];
    const compile = (compiler: string, ...args: string[]) =>
      project.run('node', `node_modules/${compiler}/bin/tsc`, ...node10, ...args);
    expect(await compile('typescript-5')).toBe('');
    expect(await compile('typescript', ...consent)).toBe('');
    expect(await project.run('node', 'commonjs.cjs')).toContain('CommonJS works');
  });

  test('Vite bundles the tricks for the browser, without anything of Node', async () => {
    const project = await install('browser-vite');
    const output = await project.run('npx', 'vite', 'build');
    expect(output).not.toContain('@bag-of-tricks');
    expect(await project.run('node', 'run-bundle.mjs')).toContain('the bundle works');
  });

  test('the command trains and evaluates from the tarball of the trainer alone', async () => {
    const project = await install('trainer');
    expect(packagesWithInstallScript(project)).toEqual(['koffi']);
    expect(await project.run('npx', '@bag-of-tricks/trainer', 'doctor')).toContain('TensorFlow');

    const trained = await project.run('npx', 'bag-of-tricks', ...smoke);
    const accuracy = Number(trained.match(/Top-1 accuracy: (\S+) %/)?.[1]);
    expect(accuracy, trained).toBeGreaterThanOrEqual(0);
    expect(trained).toMatch(/Throughput: [1-9]/);

    const evaluated = await project.run('npx', 'bag-of-tricks', 'eval', 'runs/smoke');
    expect(evaluated).toContain('32 images');
    expect(Number(evaluated.match(/Acc@1 (\S+)/)?.[1])).toBeCloseTo(accuracy, 1);

    const options = ['export', 'runs/smoke', '--output', 'web'];
    const exported = await project.run('npx', 'bag-of-tricks', ...options);
    expect(exported).toMatch(
      /web: graph-model, 3 files, .* the first class is the same on 100\.0 %/,
    );
  });

  test("README's network and trick of one's own train, and the trick comes by --plugin too", async () => {
    const project = await install('fit');
    writeFileSync(join(project.folder, 'readme.mjs'), readmeBlock('Your network, your trick'));
    expect(await project.run('node', 'readme.mjs')).toMatch(/^[\d.]+ % of the evaluation images/m);

    const [plugin, command] = [
      ['--plugin', './gradient-noise.mjs'],
      ['bag-of-tricks', 'train'],
    ];
    const data = ['trainSamples=64', 'evalSamples=32', 'imageSize=8', 'numClasses=4'];
    const trained = await project.run(
      'npx',
      ...[...command, ...plugin, '--gradient-noise', '0.02', '--dataset', 'synthetic'],
      ...data.flatMap((setting) => ['--set', `synthetic.${setting}`]),
      ...['--model', 'resnet20d', '--batch-size', '16', '--epochs', '1', '--no-warmup'],
      ...['--output', 'runs', '--experiment', 'noisy'],
    );
    expect(trained).toMatch(/Top-1 accuracy: /);
    const scored = await project.run('npx', 'bag-of-tricks', 'eval', 'runs/noisy', ...plugin);
    expect(scored).toContain('32 images');
    const evaluation = project.run('npx', 'bag-of-tricks', 'eval', 'runs/noisy');
    await expect(evaluation).rejects.toThrow(/gradientNoise.*--plugin/);
  });
});

/** The command of a runtime; skips the test where it has no executable, as on other systems than Linux x64. */
function commandOf({ path, args }: Runtime, skip: () => never): [string, ...string[]] {
  return existsSync(path) ? [path, ...args] : skip();
}

/** The ts block of the README below a heading; it uses nothing that JavaScript has not. */
function readmeBlock(heading: string): string {
  const readme = readFileSync(resolve(import.meta.dirname, '../../../README.md'), 'utf8');
  const section = readme.slice(readme.indexOf(`### ${heading}`));
  const block = section.match(/^```ts\n([\s\S]*?)^```/m)?.[1];
  if (!block) throw new Error(`expected a ts block below '${heading}' in README.md`);
  return block;
}

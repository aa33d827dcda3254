// Every package is packed and installed from its tarball into fresh projects by plain npm, as a user would.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProject, type Project, packagesWithInstallScript } from './project.ts';
import { deno, isForHere, type Runtime, runtimes } from './runtimes.ts';
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

async function install(name: string, ...flags: string[]): Promise<Project> {
  const project = createProject(name, join(folder, name), tarballs);
  await project.run('npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...flags);
  return project;
}

/** A training of seconds. */
const train = [
  ...['train', '--dataset', 'synthetic', '--model', 'resnet20d'],
  ...['trainSamples=32', 'evalSamples=32', 'imageSize=8', 'numClasses=4'].flatMap((setting) => [
    '--set',
    `synthetic.${setting}`,
  ]),
  ...['--batch-size', '16', '--epochs', '1', '--no-warmup', '--output', 'runs'],
];

/** What training says of its losses and its accuracy. */
const scoresOf = (printed: string) => printed.match(/Loss: \d\S+ \(train \S+\)|Top-1 .* %/g);

test('one trick works with tfjs-core and its cpu backend alone', { tags: ['slow'] }, async () => {
  const project = await install('core-cpu');
  expect(packagesWithInstallScript(project)).toEqual([]);
  expect(await project.run('node', 'main.mjs')).toContain('one trick works');
});

describe('from tarballs by npm', { tags: ['slow'] }, () => {
  let trained = '';

  test('the command trains and evaluates from the tarball of the trainer alone', async () => {
    const project = await install('trainer');
    expect(packagesWithInstallScript(project)).toEqual(['koffi']);
    expect(await project.run('npx', '@bag-of-tricks/trainer', 'doctor')).toContain('TensorFlow');

    trained = await project.run('npx', 'bag-of-tricks', ...train, '--experiment', 'smoke');
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

  describe('all in one project, with install scripts off', () => {
    let project: Project;
    beforeAll(async () => {
      project = await install('every-package', '--ignore-scripts');
    });

    const runtimesHere = isForHere ? runtimes : {};
    test.for(Object.entries({ ...runtimesHere, Node: { path: 'node', args: [] } }))(
      'every package works in %s',
      async ([name, { path, args }]) => {
        const output = await project.inside(name).run(path, ...args, '../main.mjs');
        expect(output).toContain('every package works');
      },
    );

    test('every package can be required by CommonJS', async () => {
      const output = await project.run('node', 'require.cjs');
      expect(output).toContain(`${tarballs.size} packages can be required`);
    });

    test.runIf(isForHere).each(['Bun', 'Deno'])(
      'the command trains in %s as in Node',
      async (name) => {
        const { path, args } = runtimes[name]!;
        const command = '../node_modules/.bin/bag-of-tricks';
        const output = await project.inside(name).run(path, ...args, command, ...train);
        expect(scoresOf(output)).toHaveLength(2);
        expect(scoresOf(output)).toEqual(scoresOf(trained));
      },
    );

    test.runIf(isForHere)(
      'Deno without the right to call native code runs the tricks, and the doctor names the right that is missing',
      async () => {
        const run = ({ path, args }: Runtime, program: string) =>
          project.run(path, ...args, program);
        const few = ['read', 'env', 'sys'];
        const output = await run(deno(few), 'without-native-code.mjs');
        expect(output).toContain('the tricks work without native code');
        // Training itself starts no process.
        for (const [rights, missing, verdict] of [
          [few, /^fail .*\n +-> .*--allow-ffi/m, /Training cannot run/],
          [
            [...few, 'ffi', 'write'],
            /^warn +Test step +not tried, .*\n +-> .*--allow-run/m,
            /Training can run/,
          ],
        ] as const) {
          const report = await run(deno(rights), 'doctor.mjs');
          expect(report).toMatch(missing);
          expect(report).toMatch(verdict);
          expect(report).not.toMatch(/Delete|nstall the library again/);
        }
      },
    );

    test.each(['typescript', 'typescript-5'])(
      'the types resolve under nodenext, bundler and node10 with CommonJS, in %s',
      async (compiler) => {
        const sources = project.inside('typescript');
        const compile = (config: string, ...more: string[]) =>
          sources.run('node', `../node_modules/${compiler}/bin/tsc`, '-p', config, ...more);
        // TypeScript 6 asks for a word of consent, and 7 has it no more.
        const consent = compiler === 'typescript' ? ['--ignoreDeprecations', '6.0'] : [];
        expect(await compile('tsconfig.nodenext.json')).toBe('');
        expect(await compile('tsconfig.bundler.json')).toBe('');
        expect(await compile('tsconfig.node10.json', ...consent)).toBe('');
        expect(await sources.run('node', 'commonjs.cjs')).toContain('CommonJS works');
      },
    );

    test('Vite bundles the tricks for the browser, without anything of Node', async () => {
      const page = project.inside('browser-vite');
      const output = await page.run('node', '../node_modules/vite/bin/vite.js', 'build');
      expect(output).not.toContain('@bag-of-tricks');
      expect(await page.run('node', 'run-bundle.mjs')).toContain('the bundle works');
    });

    test("README's network and trick of one's own train, and the trick comes by --plugin too", async () => {
      const own = project.inside('fit');
      writeFileSync(join(own.folder, 'readme.mjs'), readmeBlock('Your network, your trick'));
      expect(await own.run('node', 'readme.mjs')).toMatch(/^[\d.]+ % of the evaluation images/m);

      const command = (...args: string[]) => own.run('npx', 'bag-of-tricks', ...args);
      const plugin = ['--plugin', './gradient-noise.mjs'];
      const noisy = [...plugin, '--gradient-noise', '0.02', '--experiment', 'noisy'];
      const printed = await command(...train, ...noisy);
      expect(printed).toMatch(/Top-1 accuracy: /);
      expect(scoresOf(printed)).not.toEqual(scoresOf(trained));
      expect(await command('eval', 'runs/noisy', ...plugin)).toContain('32 images');
      const evaluation = command('eval', 'runs/noisy');
      await expect(evaluation).rejects.toThrow(/gradientNoise.*--plugin/);
    });
  });
});

/** The ts block of the README below a heading; it uses nothing that JavaScript has not. */
function readmeBlock(heading: string): string {
  const readme = readFileSync(resolve(import.meta.dirname, '../../../README.md'), 'utf8');
  const section = readme.slice(readme.indexOf(`### ${heading}`));
  const block = section.match(/^```ts\n([\s\S]*?)^```/m)?.[1];
  if (!block) throw new Error(`expected a ts block below '${heading}' in README.md`);
  return block;
}

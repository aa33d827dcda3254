import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePorts } from '@bag-of-tricks/data-parallel';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';

const folder = join(import.meta.dirname, '..');

interface Service {
  readonly command: readonly [string];
  readonly environment: Readonly<Record<string, string>>;
}

const { services }: { services: Record<string, Service> } = parse(
  readFileSync(join(folder, 'compose.yaml'), 'utf8'),
  { merge: true },
);

const tiny = `
model: resnet20d
dataset: synthetic
synthetic: { imageSize: 8, numClasses: 4, trainSamples: 32, evalSamples: 8 }
batchSize: 8
epochs: 1
`;

/** The same text with the names of hosts and folders as they are here. */
function placed(text: string, here: Readonly<Record<string, string>>): string {
  return Object.entries(here).reduce((text, [there, name]) => text.replaceAll(there, name), text);
}

const trainer = fileURLToPath(
  new URL('cli/main.js', import.meta.resolve('@bag-of-tricks/trainer')),
);
const run = promisify(execFile);

test('the recipe of all is one', async () => {
  const recipe = ['--config', join(folder, 'recipe.yaml'), '--print-config'];
  const { stdout } = await run(process.execPath, [trainer, 'train', ...recipe]);
  expect(parse(stdout)).toMatchObject({ dataDir: '/data', mixup: { alpha: 0.2 } });
});

test('the processes of the Compose file train together on the loopback, and started again go on with the run', {
  tags: ['slow'],
}, async () => {
  const root = mkdtempSync(join(tmpdir(), 'compose-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const [job, runs, bin] = ['job', 'runs', 'bin'].map((name) => join(root, name)) as [
    ...[string, string, string],
  ];
  for (const made of [job, runs, bin]) mkdirSync(made);
  copyFileSync(join(folder, 'train.sh'), join(job, 'train.sh'));
  writeFileSync(join(job, 'recipe.yaml'), tiny);
  const words = `exec '${process.execPath}' '${trainer}' "$@"`;
  writeFileSync(join(bin, 'bag-of-tricks'), `#!/bin/sh\n${words}\n`, { mode: 0o755 });

  const start = async () => {
    const names = Object.keys(services);
    const ports = await freePorts(names.length);
    const hosts = names.map((name, rank) => [`${name}:2222`, `127.0.0.1:${ports[rank]}`]);
    const here = { '/job': job, '/runs': runs, ...Object.fromEntries(hosts) };
    return Promise.all(
      Object.values(services).map(({ command, environment }) => {
        const own = Object.entries(environment).map(([name, value]) => [name, placed(value, here)]);
        const PATH = `${bin}${delimiter}${process.env.PATH}`;
        return run(placed(command[0], here), {
          env: { ...process.env, PATH, ...Object.fromEntries(own) },
        });
      }),
    );
  };

  const [first, second] = await start();
  expect(first!.stdout).toContain('2 processes, as TF_CONFIG says');
  expect(second!.stdout.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^rank 1 of 2: rank 0 at 127\.0\.0\.1:\d+ writes lines and files$/),
    expect.stringMatching(/^rank 1 of 2: ended after step 2 of 2\. Run folder: .*first$/),
  ]);
  expect(readdirSync(runs)).toEqual(['first']);
  const rows = () =>
    readFileSync(join(runs, 'first', 'summary.csv'), 'utf8')
      .trim()
      .split('\n');
  expect(rows()).toHaveLength(2);
  // As on a file system without links.
  rmSync(join(runs, 'first/checkpoints/last'));
  const [again] = await start();
  expect(again!.stdout).toContain('finished');
  expect(rows()).toHaveLength(2);
});

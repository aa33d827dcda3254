// Every way in which the command ends, in a process of its own: the test runner would keep the event loop alive.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePorts } from '@bag-of-tricks/data-parallel';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeImageFolder } from '../../test/make-image-folder.ts';
import { exitCodes } from '../errors.ts';

type Ending = keyof typeof exitCodes;

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const main = path('../../dist/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'endings-'));

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly watch?: (child: ChildProcess) => void;
  readonly env?: object;
  /** What the program and its arguments are handed to. */
  readonly by?: readonly string[];
}

async function run(
  args: readonly string[],
  { watch = () => {}, env = {}, by = [process.execPath] }: RunOptions = {},
): Promise<Ended> {
  const [program = '', ...before] = by;
  const child = spawn(program, [...before, main, ...args], {
    cwd: folder,
    env: { ...process.env, DEBUG: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
    });
  }
  watch(child);
  const [code, signal] = await once(child, 'close');
  return { code, signal, ...text };
}

const lastLine = (text: string) => text.trimEnd().split('\n').at(-1);

const synthetic =
  'synthetic={imageSize: 8, channels: 1, numClasses: 4, trainSamples: 64, evalSamples: 40}';
/** A run of two epochs of four steps. */
const small = (experiment: string, ...more: string[]) => [
  ...['train', '--model', 'resnet20d', '--dataset', 'synthetic', '--batch-size', '16'],
  ...['--set', synthetic, '--val-batch-size', '20', '--no-compile', '--log-interval', '1'],
  ...['--epochs', '2', '--output', 'runs', '--experiment', experiment, ...more],
];
const plugin = ['--plugin', path('../../test/act-at.mjs')];
const acting = (experiment: string, script: string) =>
  small(experiment, ...plugin, '--act-at', script);
const module = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return `./${name}`;
};

const seen = new Set<Ending>();
function expectCode({ code }: Ended, ending: Ending): void {
  seen.add(ending);
  expect(code).toBe(exitCodes[ending]);
}

describe('an error', { tags: ['slow'] }, () => {
  beforeAll(async () => {
    chmodSync(folder, 0o755);
    await makeImageFolder(join(folder, 'images'), { trainPerClass: 8, evalPerClass: 2, side: 16 });
    // A name that would colour the terminal and forge a line.
    const name = 'x\u001b[31m\nTrain: 9 [9\r.jpg';
    writeFileSync(join(folder, 'images', 'train', 'blue', name), 'no picture');
    mkdirSync(join(folder, 'read-only'), { mode: 0o555 });
    module('loop.yaml', 'mixup: &all { alpha: *all }\n');
    const bomb = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`);
    module('bomb.yaml', ['a0: &a0 [x]', ...bomb].join('\n'));
    module('throws.mjs', "throw new RangeError('too hot');");
    module('waits.mjs', 'await new Promise(() => {});');
  });
  const plain = ['train', '--dataset', 'synthetic'];
  const images = ['train', '--model', 'resnet20d', '--data-dir', 'images', '--image-size', '16'];
  const explode = ['--lr-base', '100', '--weight-decay', '1', '--no-bias-decay', '--no-warmup'];

  test.each<readonly [string, Ending, readonly string[], RegExp]>([
    ['no command', 'usage', [], /display help for command/],
    ['an unknown command', 'usage', ['evaluate'], /^ {2}\(Did you mean eval\?\)$/],
    [
      'a wrong flag',
      'usage',
      ['train', '--lables-smoothing', '1'],
      /Did you mean --label-smoothing/,
    ],
    ['the beginning of a flag', 'usage', ['train', '--lr', '1'], /Did you mean --lr-base\?/],
    ['half of a flag', 'usage', ['train', '--batch', '8'], /Did you mean --batch-size\?/],
    ['a wrong value', 'usage', [...plain, '--epochs', 'many'], /expected a number, got 'many'/],
    [
      'a value out of range',
      'usage',
      [...plain, '--epochs', '0'],
      /^error: epochs: expected a value >= 1/,
    ],
    [
      'a time without a unit',
      'usage',
      [...plain, '--max-time', '90'],
      /such as 90m or 2h30m, got '90'/,
    ],
    [
      'an explicit warmup that is too long',
      'usage',
      [...plain, '--epochs', '2', '--warmup-epochs', '2'],
      /^error: warmup\.epochs: expected less than epochs \(2\), got 2/,
    ],
    [
      'a YAML alias of itself',
      'usage',
      ['train', '--config', 'loop.yaml'],
      /^error: recipe loop\.yaml: expected settings that end/,
    ],
    ['aliases without end', 'usage', ['train', '--config', 'bomb.yaml'], /Excessive alias count/],
    [
      'a recipe that is a folder',
      'usage',
      ['train', '--config', 'images'],
      /^error: recipe images: not readable/,
    ],
    [
      'an alias of itself in a flag',
      'usage',
      [...plain, '--set', 'mixup=&a {x: *a}'],
      /expected settings that end/,
    ],
    ['__proto__', 'usage', [...plain, '--set', 'mixup.__proto__.alpha=9'], /got '__proto__'/],
    [
      'constructor',
      'usage',
      [...plain, '--set', 'constructor.prototype.alpha=9'],
      /got 'constructor'/,
    ],
    [
      'an unknown plug-in',
      'usage',
      [...plain, '--plugin', './nowhere.mjs'],
      /\.\/nowhere\.mjs: expected a module that can be imported/,
    ],
    [
      'a plug-in that throws',
      'usage',
      [...plain, '--plugin', './throws.mjs'],
      /RangeError: too hot\. Mend the module$/,
    ],
    [
      'a plug-in that never loads',
      'internal',
      [...plain, '--plugin', './waits.mjs'],
      /^error: the command waits for something that never comes/,
    ],
    [
      'a missing folder',
      'failure',
      ['train', '--data-dir', 'nowhere'],
      /expected a folder, found none at \/.*\/nowhere/,
    ],
    [
      'a folder that cannot be written',
      'failure',
      [...acting('x', 'check=nobody'), '--output', 'read-only/runs'],
      /^error: output read-only\/runs: cannot be written\. \/.*\/read-only: .* got EACCES \(no permission\)\. Change its owner or mode, or give another folder \(--output\)$/,
    ],
    [
      'an output that is a file',
      'failure',
      [...plain, '--output', 'loop.yaml', '--dry-run'],
      /^error: output loop\.yaml: expected a folder, \/.*\/loop\.yaml is a file\. Give another --output$/,
    ],
    [
      'a dry run of a name that is taken',
      'failure',
      [...plain, '--dry-run', '--output', '.', '--experiment', 'images'],
      /^error: run folder \/.*\/images: expected a new folder, it exists, with \S+ in it and no args\.yaml of a run\. Give another --experiment$/,
    ],
    [
      'nothing to go on with',
      'failure',
      ['train', '--resume', 'nowhere'],
      /^error: resume \/.*\/nowhere: expected a run folder/,
    ],
    [
      'a trick that throws in a step',
      'failure',
      acting('hot', 'step2=throw'),
      /^error: trick actAt: too hot\\x1b\[31m$/,
    ],
    [
      'a run that diverges',
      'divergence',
      small('far', ...explode),
      /^error: (step \d+|evaluate): expected .*finite/,
    ],
    [
      'too many bad images',
      'badImages',
      [...images, '--bad-images', 'fail', '--batch-size', '8'],
      /^ {2}Mend or remove them/,
    ],
  ])('%s ends with the code of: %s', async (_, ending, args, last) => {
    const ended = await run(args);
    expect(lastLine(ended.stderr)).toMatch(last);
    expect(ended.stderr).not.toMatch(/^ +at |Warning/m);
    expectCode(ended, ending);
  });

  test('names of files are printed and logged without what acts on a terminal', async () => {
    const { stdout } = await run([
      ...images,
      '--epochs',
      '1',
      '--batch-size',
      '8',
      '--experiment',
      'names',
      '--output',
      'runs',
    ]);
    const log = readFileSync(join(folder, 'runs', 'names', 'train.log'), 'utf8');
    for (const text of [stdout, log]) {
      expect(text).toContain('x\\x1b[31m\\nTrain: 9 [9\\r.jpg: ');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what may not be there
      expect(text).not.toMatch(/\u001b|\r|^Train: 9/m);
    }
  });

  test('a run that another process has ends with a code of its own, and leaves that one alone', async () => {
    const args = acting('taken', 'step2=SIGSTOP');
    const first = spawn(process.execPath, [main, ...args], { cwd: folder });
    await new Promise((resolve) =>
      first.stdout.on('data', (text) => String(text).includes('Train: 0 [') && resolve(null)),
    );
    const ended = await run(args);
    expect(lastLine(ended.stderr)).toMatch(
      new RegExp(
        `^error: run folder ${folder}/runs/taken: .* process ${first.pid} on .* does\\. Wait for it`,
      ),
    );
    expectCode(ended, 'locked');
    first.kill('SIGKILL');
    await once(first, 'close');
    // Killed before its first checkpoint, it neither blocks its name nor pretends that it can go on.
    const resumed = await run(['train', '--resume', 'runs/taken']);
    expect(lastLine(resumed.stderr)).toMatch(
      /^error: resume \/.*\/runs\/taken: .* Begin anew with npx @bag-of-tricks\/trainer train --config \/.*\/runs\/taken\/args\.yaml$/,
    );
    const settings = ['--config', 'runs/taken/args.yaml', ...plugin, '--act-at', 'never=wait'];
    const again = await run(['train', ...settings]);
    expect(again.stdout).toMatch(/^\/.*\/runs\/taken: a run ended here .* It begins anew$/m);
    expectCode(again, 'success');
  });

  test('a process of several whose others do not come ends with a code of its own', async () => {
    const [port] = await freePorts(1);
    const cluster = { worker: [`127.0.0.1:${port}`, '127.0.0.1:1'] };
    const TF_CONFIG = JSON.stringify({ cluster, task: { type: 'worker', index: 0 } });
    const args = small('lonely', '--compile', '--collective-timeout', '1s');
    const ended = await run(args, { env: { TF_CONFIG } });
    expect(lastLine(ended.stderr)).toMatch(
      /^error: connect: expected rank 1 at 127\.0\.0\.1:1 within 1 s, got: connect ECONNREFUSED .* Start it, give all the same addresses/,
    );
    expectCode(ended, 'lost');
    expect(existsSync(join(folder, 'runs/lonely'))).toBe(false);
  });

  const workers = (ports: readonly number[], index: number) =>
    JSON.stringify({
      cluster: { worker: ports.map((port) => `127.0.0.1:${port}`) },
      task: { type: 'worker', index },
    });

  test.each(['TF_CONFIG', 'torchrun'])(
    'of a signal ends a process that waits for the others, told by %s',
    async (by) => {
      const [port, other] = (await freePorts(2)) as [number, number];
      const torchrun = { RANK: '0', WORLD_SIZE: '2', MASTER_ADDR: '127.0.0.1' };
      const env =
        by === 'TF_CONFIG'
          ? { TF_CONFIG: workers([port, other], 0) }
          : { ...torchrun, MASTER_PORT: `${port}` };
      const interrupt = async (child: ChildProcess) => {
        for (;;) {
          const socket = connect(port, '127.0.0.1');
          const isOpen = await once(socket, 'connect').catch(() => null);
          socket.destroy();
          if (isOpen) break;
          await delay(100);
        }
        child.kill('SIGINT');
      };
      const watch = (child: ChildProcess) => void interrupt(child);
      const ended = await run(small('met', '--compile'), { env, watch });
      expect(lastLine(ended.stdout)).toBe(
        'Interrupted before the first step. Nothing had been trained',
      );
      expectCode(ended, 'interrupt');
    },
  );

  test('a checkpoint that finds no room ends with a code of its own', async () => {
    // No file may be longer than 256 KiB, and the weights are 1 MiB.
    const limited = ['sh', '-c', 'trap "" XFSZ; ulimit -f 512; exec "$@"', 'sh', process.execPath];
    const ended = await run(small('no-room'), { by: limited });
    expect(lastLine(ended.stderr)).toMatch(
      /^error: \/.*\/runs\/no-room\/checkpoints\/epoch-.*: expected a folder that takes it .*got EFBIG \(a file may not be that long here\)\. Raise the limit/,
    );
    expectCode(ended, 'save');
    expect(readdirSync(join(folder, 'runs/no-room/checkpoints'))).toEqual([]);
  });

  test('a damaged checkpoint ends with the code of a failure and names the file', async () => {
    expect((await run(acting('damaged', 'step2=SIGINT'))).code).toBe(exitCodes.interrupt);
    const weights = join(folder, 'runs/damaged/checkpoints/last/model.safetensors');
    truncateSync(weights, 5000);
    const ended = await run(['eval', 'runs/damaged', '--which', 'last', ...plugin]);
    expect(lastLine(ended.stderr)).toMatch(/^error: .*model\.safetensors/);
    expectCode(ended, 'failure');
  });
});

describe('a run', { tags: ['slow'] }, () => {
  const state = (name: string) =>
    JSON.parse(readFileSync(join(folder, 'runs', name, 'checkpoints/last/state.json'), 'utf8'));

  test.each<readonly [Ending, string, RegExp]>([
    [
      'interrupt',
      'step2=SIGINT',
      /^Interrupted after step [23] of 8\. Go on with: npx @bag-of-tricks\/trainer train --resume \/.*\/runs\/.* --plugin /,
    ],
    ['terminated', 'step2=SIGTERM', /^Interrupted after step [23] of 8/],
    ['hangup', 'step2=SIGHUP', /^Interrupted after step [23] of 8/],
    ['hangup', 'step2=SIGHUP step3=wait+SIGHUP', /^Interrupted after step 3 of 8/],
    ['interrupt', 'evaluate=SIGINT', /^Interrupted after step 4 of 8/],
  ])('ends with the code of: %s, saved, after %s', async (ending, script, last) => {
    const name = script.replace(/\W/g, '-');
    const ended = await run(acting(name, script));
    expect(lastLine(ended.stdout)).toMatch(last);
    expect(ended.stderr).toBe('');
    expectCode(ended, ending);
    expect(`${state(name).stepInEpoch}`).toBe(/step (\d)/.exec(lastLine(ended.stdout)!)![1]);
  });

  test('that is interrupted before it begins ends by the signal, with 130 in a shell', async () => {
    const ended = await run([
      'train',
      '--plugin',
      module('interrupts.mjs', "process.kill(process.pid, 'SIGINT');"),
    ]);
    expect(ended).toEqual({ code: null, signal: 'SIGINT', stdout: '', stderr: '' });
  });

  test('before its first step ends with the code of the signal, and leaves nothing', async () => {
    const ended = await run(acting('early', 'check=soon'));
    expect(lastLine(ended.stdout)).toBe(
      'Interrupted before the first step. Nothing had been trained',
    );
    expectCode(ended, 'interrupt');
    expect(existsSync(join(folder, 'runs', 'early'))).toBe(false);
  });

  test('that goes on finds images that moved by --data-dir, and is as it was when stopped before a step', async () => {
    await makeImageFolder(join(folder, 'here'), { trainPerClass: 8, evalPerClass: 2, side: 16 });
    const network = [
      '--model',
      'resnet20d',
      '--image-size',
      '16',
      '--batch-size',
      '8',
      '--no-compile',
    ];
    const begin = [
      '--data-dir',
      'here',
      '--epochs',
      '2',
      '--output',
      'runs',
      '--experiment',
      'moved',
    ];
    const first = await run([
      'train',
      ...network,
      ...begin,
      ...plugin,
      '--act-at',
      'step2=SIGINT build=wait',
    ]);
    expectCode(first, 'interrupt');
    renameSync(join(folder, 'here'), join(folder, 'there'));
    const resume = ['train', '--resume', 'runs/moved', ...plugin];
    const lost = await run(resume);
    expect(lastLine(lost.stderr)).toMatch(
      /^error: resume \/.*\/runs\/moved: expected the images of the run at \/.*\/here, found nothing\. If they were moved, .* train --resume \/.*\/runs\/moved --data-dir <folder>$/,
    );
    const whenReady =
      "process.listenerCount('SIGINT') > 0 && (stopped ||= process.kill(process.pid, 'SIGINT'))";
    module('stops.mjs', `let stopped = false; setInterval(() => { ${whenReady}; }, 5).unref();`);
    const moved = [...resume, '--data-dir', 'there'];
    const env = { NODE_OPTIONS: `--import=${join(folder, 'stops.mjs')}` };
    const stopped = await run(moved, { env });
    expect(lastLine(stopped.stdout)).toBe(
      'Interrupted before the first step. runs/moved is as it was',
    );
    expectCode(stopped, 'interrupt');
    expectCode(await run(moved), 'success');
  });

  test('that a second Ctrl-C reaches ends at once', async () => {
    const ended = await run(acting('twice', 'step2=SIGINT step3=wait+SIGINT'));
    expect(ended.stdout).toContain(
      'SIGINT: finishing this step and saving; once more to stop at once',
    );
    expect(ended.stdout).not.toContain('Interrupted');
    expectCode(ended, 'interrupt');
    expect(existsSync(join(folder, 'runs/twice/checkpoints/last'))).toBe(false);
  });

  test('whose output is closed saves and ends quietly', async () => {
    const watch = ({ stdout }: ChildProcess) => void stdout!.once('data', () => stdout!.destroy());
    const ended = await run(small('closed'), { watch });
    expect(ended.stderr).toBe('');
    expectCode(ended, 'brokenPipe');
    const log = readFileSync(join(folder, 'runs/closed/train.log'), 'utf8');
    expect(log).toMatch(/^The output was closed: finishing this step and saving$/m);
    expect(log).toMatch(/^Interrupted after step \d of 8/m);
    expect(state('closed').stepInEpoch).toBeGreaterThan(0);
  });

  test('whose terminal is closed saves and ends by the code of the hangup', async () => {
    const hangUp = path('../../test/hang-up.py');
    const ended = await run(small('gone'), { by: ['python3', hangUp, process.execPath] });
    expect(lastLine(ended.stdout)).toBe(`${exitCodes.hangup}`);
    const log = readFileSync(join(folder, 'runs/gone/train.log'), 'utf8');
    expect(lastLine(log)).toMatch(/^Interrupted after step \d of 8/);
  });

  test('whose time is up stops in good order with a code of its own', async () => {
    const ended = await run([...small('time'), '--epochs', '2000', '--max-time', '4s']);
    expect(ended.stdout).toMatch(/^The time is up: finishing this step and saving$/m);
    expect(lastLine(ended.stdout)).toMatch(/^Interrupted /);
    expectCode(ended, 'timeUp');
  });

  test('that gets SIGUSR1 saves, and goes on', async () => {
    const ended = await run(acting('asked', 'step2=SIGUSR1 step4=SIGKILL'));
    expect(ended.signal).toBe('SIGKILL');
    expect(ended.stdout).toContain('SIGUSR1: saving after this step, then going on');
    expect(state('asked').stepInEpoch).toBeGreaterThan(1);
  });

  test('that is done names its folder and its report, and ends with 0', async () => {
    const ended = await run(small('done'));
    expect(ended.stderr).toBe('');
    expect(ended.stdout).toMatch(/^warmup: 1 epoch, half of the run, instead of 5$/m);
    expect(ended.stdout).toMatch(
      /\nRun folder: \/.*\/runs\/done\nReport: \/.*\/runs\/done\/report\.html\n$/,
    );
    expectCode(ended, 'success');
  });
});

test.each([
  ['stdout', ['--help']],
  ['stderr', ['trian']],
] as const)('a closed %s ends a command that has nothing to save, quietly', async (name, args) => {
  const ended = await run(args, { watch: (child) => child[name]!.destroy() });
  expect(ended.stdout + ended.stderr).toBe('');
  expectCode(ended, 'brokenPipe');
});

test('doctor and install say what an empty cache means', { tags: ['slow'] }, async () => {
  const env = { XDG_CACHE_HOME: join(folder, 'cache'), LIBTENSORFLOW_PATH: '', PIP_NO_INDEX: '1' };
  const doctor = await run(['doctor'], { env });
  expect(doctor.stdout).toMatch(
    /^warn {2}Library +not there yet, 2\d\d MB to fetch\n +-> The first training fetches it; npx @bag-of-tricks\/trainer install does so now\.$/m,
  );
  expect(lastLine(doctor.stdout)).toBe('Training can run.');
  expectCode(doctor, 'success');
  const without = await run(['doctor'], { env: { ...env, LIBTENSORFLOW_PATH: '/nowhere' } });
  expect(without.stdout).toContain('Training cannot run: mend what is marked "fail".');
  expect(lastLine(without.stdout)).toContain('--backend wasm');
  expectCode(without, 'failure');
  const install = await run(['install'], { env });
  expect(install.stdout).toMatch(/^asking pip for the TensorFlow library: 0 s$/m);
  expect(install.stderr).toMatch(/^error: installLibrary: /);
  expectCode(install, 'failure');
});

test('the README has every exit code, and every one was seen here', { tags: ['slow'] }, () => {
  const readme = readFileSync(path('../../README.md'), 'utf8');
  const section = readme.slice(
    readme.indexOf('### Exit codes'),
    readme.indexOf('## Use from code'),
  );
  const rows = [...section.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(rows).toEqual(Object.values(exitCodes));
  expect([...seen].sort()).toEqual(Object.keys(exitCodes).sort());
});

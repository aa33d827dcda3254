import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../errors.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const output = mkdtempSync(join(tmpdir(), 'cli-'));

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[]): { child: ChildProcess; finished: Promise<Finished> } {
  const child = spawn(process.execPath, [main, ...args], { cwd: output });
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const finished = once(child, 'close').then(([code]) => ({ code, stdout, stderr }));
  return { child, finished };
}

const run = (...args: string[]): Promise<Finished> => start(args).finished;

/** Flags of a run of a few seconds; `epochs` makes it longer. */
const smallRun = (experiment: string, ...more: string[]): string[] => [
  ...['train', '--model', 'resnet20d', '--dataset', 'synthetic', '--batch-size', '16'],
  ...[
    '--set',
    'synthetic={imageSize: 12, channels: 1, numClasses: 4, trainSamples: 64, evalSamples: 20}',
  ],
  ...['--epochs', '3', '--warmup-epochs', '1', '--log-interval', '1', '--output', output],
  ...['--experiment', experiment, ...more],
];

const losses = (experiment: string): number[] =>
  readFileSync(join(output, experiment, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).loss);

/** Resolves when the run has printed that it has taken a number of steps. */
function stepsTaken(child: ChildProcess, steps: number): Promise<void> {
  let seen = 0;
  return new Promise((resolve, reject) => {
    child.stdout!.on('data', (text: string) => {
      seen += text.match(/^Train: /gm)?.length ?? 0;
      if (seen >= steps) resolve();
    });
    child.on('close', () => reject(new Error(`the run ended after ${seen} steps`)));
  });
}

describe('a wrong command line', { tags: ['slow'] }, () => {
  test.each([
    [['train', '--lables-smoothing', '0.1'], 'Did you mean --label-smoothing?'],
    [['train', '--dataset', 'synthetic', '--epochs', 'many'], "expected a number, got 'many'"],
    [
      ['train', '--dataset', 'synthetic', '--batch-size', '1'],
      'batchSize: expected a value >= 2, got 1',
    ],
    [['train', '--dataset', 'nowhere'], 'Allowed choices are folder, tar, tfrecord'],
    [['train'], 'dataset: expected images, got nothing. Give --data-dir <folder>'],
    [['train', '--dataset', 'folder'], 'Give --data-dir'],
    [['train', '--data-dir', '/nowhere'], 'expected a folder, found none at /nowhere'],
    [['train', '--data-dir', 'x', '--bad-images', 'ignore'], 'Allowed choices are fail, skip'],
    [['train', '--dataset', 'synthetic', '--data-dir', 'x'], 'which is not in files'],
    [['train', '--dataset', 'synthetic', '--set', 'mixup.alhpa=1'], "Did you mean 'alpha'?"],
    [['train', '--dataset', 'synthetic', '--set', 'mixup'], "expected name=value, got 'mixup'"],
    [['train', '--dataset', 'synthetic', '--amp-dtype', 'fp16'], 'choices are float16, bfloat16'],
    [
      ['train', '--dataset', 'synthetic', '--loss-scale', 'dynamc'],
      `amp.lossScale: expected 'dynamic' or a number > 0 and <= 16777216, got "dynamc". Did you mean 'dynamic'?`,
    ],
    [['train', '--dataset', 'synthetic', '--loss-scale', '0'], 'expected a value > 0, got 0'],
    [['train', '--dataset', 'synthetic', '--set', 'amp.dtpye=float16'], "Did you mean 'dtype'?"],
    [['eval', '/nowhere', '--amp-dtype', 'half'], 'choices are float16, bfloat16'],
    [['train', '--config', 'resnet50d-bag-of-trick'], "Did you mean 'resnet50d-bag-of-tricks'?"],
    [
      ['train', '--dataset', 'synthetic', '--model', 'resnet21d'],
      "got 'resnet21d'. Did you mean 'resnet",
    ],
    [['train', '--dataset', 'synthetic', '--set', 'loss=own'], 'It only comes through fit'],
    [['train', '--dataset', 'synthetic', '--opt', 'own'], 'Allowed choices are sgd, adamw'],
    [['train', '--resume', '/nowhere'], 'found none. Check the path'],
    [['train', '--resume', '/nowhere', '--momentum', '0.8'], 'expected no other setting beside it'],
    [['eval', '/nowhere'], 'found none. Check the path'],
    [['trian'], 'Did you mean train?'],
  ])('%j is an error that says what was expected', async (args, message) => {
    const { code, stderr, stdout } = await run(...args);
    expect(stderr).toContain(message);
    expect(stdout).not.toContain('Train:');
    expect(code).toBe(message.includes('found none') ? exitCodes.failure : exitCodes.usage);
  });
});

describe("another package's trick", { tags: ['slow'] }, () => {
  const plugin = [
    '--plugin',
    fileURLToPath(new URL('../../test/gradient-noise.mjs', import.meta.url)),
  ];
  const recipe = join(output, 'noisy.yaml');
  writeFileSync(recipe, 'dataset: synthetic\ngradientNoise: { deviation: 0.5 }\n');

  test('has its flags and their help, and its settings in a recipe, checked as ours are', async () => {
    const print = (...args: string[]) => run('train', ...args, '--print-config', ...plugin);
    const named = await print('--config', recipe);
    expect(named.stdout).toMatch(/^gradientNoise:\n {2}deviation: 0.5$/m);
    const flagged = await print('--config', recipe, '--gradient-noise', '0.25');
    expect(flagged.stdout).toMatch(/^gradientNoise:\n {2}deviation: 0.25$/m);
    expect((await print('--config', recipe, '--no-gradient-noise')).stdout).toMatch(
      /^gradientNoise: null$/m,
    );
    const far = await print('--config', recipe, '--gradient-noise', '11');
    expect(far.stderr).toContain('gradientNoise.deviation: expected a value <= 10, got 11');
    const typo = await print('--config', recipe, '--set', 'gradientNoise.deviatoin=1');
    expect(typo.stderr).toContain("Did you mean 'deviation'?");
    expect([far.code, typo.code]).toEqual([exitCodes.usage, exitCodes.usage]);
    const { stdout } = await run('train', ...plugin, '--help');
    expect(stdout).toMatch(/--gradient-noise <deviation> +noise at the first step/);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('(default: chosen by the images; 256 where');
  });

  test('trains, is interrupted and goes on, and nothing but --plugin loads it', async () => {
    const flags = [...plugin, '--gradient-noise', '0.1'];
    const longer = ['--epochs', '6'];
    expect((await run(...smallRun('noisy-whole', ...flags, ...longer))).code).toBe(0);
    const { child, finished } = start(smallRun('noisy', ...flags, ...longer));
    await stepsTaken(child, 2);
    child.kill('SIGINT');
    const { stdout } = await finished;
    expect(stdout).toMatch(/ Noise: 0\.\d+ /);
    // In quotes where the repository is in a folder with a space.
    expect(stdout.replaceAll("'", '')).toContain(
      `train --resume ${join(output, 'noisy')} ${plugin.join(' ')}`,
    );
    for (const args of [
      ['train', '--resume', join(output, 'noisy')],
      ['eval', join(output, 'noisy-whole')],
    ]) {
      const { code, stderr } = await run(...args);
      expect(code).toBe(1);
      expect(stderr).toMatch(/trick gradientNoise of another package.*--plugin/s);
    }
    const unnamed = await run('train', '--config', recipe);
    expect(unnamed.code).toBe(exitCodes.usage);
    expect(unnamed.stderr).toMatch(/unknown key 'gradientNoise'.*--plugin/s);
    expect((await run('train', '--resume', join(output, 'noisy'), ...plugin)).code).toBe(0);
    expect(losses('noisy')).toEqual(losses('noisy-whole'));
    expect((await run('eval', join(output, 'noisy'), ...plugin)).code).toBe(0);
  });

  test('is one module a flag: what follows is the checkpoint', async () => {
    const { stderr } = await run('eval', ...plugin, '/nowhere');
    expect(stderr).toContain('checkpoint /nowhere: expected a run folder');
  });

  test('that is not there is an error that says what was expected', async () => {
    const { code, stderr } = await run(
      'train',
      '--plugin',
      './nowhere.mjs',
      '--dataset',
      'synthetic',
    );
    expect(code).toBe(exitCodes.usage);
    expect(stderr).toContain('--plugin ./nowhere.mjs: expected a module that can be imported');
  });

  const head = `import { defineTrick } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url))};
    export const trick = (flags, name = 'noise') =>
      defineTrick({ name, description: '', settings: {}, flags, build: () => ({}) });\n`;

  test.each([
    [
      'without a trick',
      'export const number = 1;',
      /expected a module that exports a trick or networks, got neither/,
    ],
    [
      'that throws',
      "throw new RangeError('too hot');",
      /threw while it was imported: RangeError: too hot/,
    ],
    [
      'with a flag that is taken',
      `${head}export default trick([['--epochs', {}, 'taken']]);`,
      /conflicting flag '--epochs'/,
    ],
    [
      'with a flag without its setting',
      `${head}export default trick([['--noise <n>', 'level']]);`,
      /the name of a setting, got 'noise/,
    ],
    ['with a name that is taken', `${head}export default trick([], 'mixup');`, /got 'mixup' twice/],
  ])('one %s is refused without a stack trace', async (_, text, message) => {
    const module = join(output, 'wrong.mjs');
    writeFileSync(module, text);
    const { code, stderr } = await run('eval', ...plugin, '--plugin', module, '/nowhere');
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ +at /m);
    expect([exitCodes.failure, exitCodes.usage]).toContain(code);
  });
});

describe('the command', { tags: ['slow'] }, () => {
  test('prints the configuration that recipe and flags make, later flags over earlier ones', async () => {
    const { code, stdout } = await run(
      ...[
        'train',
        '--config',
        'resnet50d-bag-of-tricks',
        '--dataset',
        'synthetic',
        '--print-config',
      ],
      ...[
        '--no-mixup',
        '--mixup-alpha',
        '0.4',
        '--bias-decay',
        '--no-cosine',
        '--no-label-smoothing',
      ],
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^batchSize: 1024$/m);
    expect(stdout).toMatch(/^mixup:\n {2}alpha: 0.4$/m);
    expect(stdout).toMatch(/^noBiasDecay: null$/m);
    expect(stdout).toMatch(/^ {2}name: step$/m);
    expect(stdout).toMatch(/^labelSmoothing: null$/m);
  });

  test('every trick can be switched off by one flag', async () => {
    const { stdout } = await run(
      ...['train', '--dataset', 'synthetic', '--teacher', 'somewhere', '--print-config'],
      ...['--no-linear-scaling', '--no-warmup', '--no-cosine', '--no-zero-gamma', '--bias-decay'],
      ...['--no-label-smoothing', '--no-mixup', '--no-teacher', '--amp', '--no-amp'],
    );
    for (const line of [
      'linearScaling: null',
      'warmup: null',
      '  name: step',
      'zeroGamma: null',
      'noBiasDecay: null',
      'labelSmoothing: null',
      'mixup: null',
      'distillation: null',
      'amp: null',
    ]) {
      expect(stdout.split('\n')).toContain(line);
    }
  });

  test('trains, evaluates to the same figure in a new process, and runs again from its args.yaml', async () => {
    const first = await run(...smallRun('first'));
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(
      /Train: 2 \[4\/4 \(100%\)\] {2}Loss: .* {2}LR: .* {2}ETA: 0:00:00/,
    );
    expect(readFileSync(join(output, 'first', 'train.log'), 'utf8')).toContain('Train: 2 [4/4');
    const report = join(output, 'first', 'report.html');
    expect(first.stdout).toContain(`Report: ${report}\n`);
    const page = readFileSync(report, 'utf8');
    rmSync(report);
    expect(await run('report', join(output, 'first'))).toMatchObject({
      ...{ code: 0, stdout: `Report: ${report}\n` },
    });
    expect(readFileSync(report, 'utf8')).toBe(page);
    const accuracy = / \* Acc@1 .*/g;
    const scored = await run('eval', join(output, 'first'), '--which', 'last');
    expect(scored.code).toBe(0);
    expect(scored.stdout.match(accuracy)![0]).toBe(first.stdout.match(accuracy)!.at(-1));
    const again = await run(
      'train',
      '--config',
      join(output, 'first', 'args.yaml'),
      '--experiment',
      'again',
    );
    expect(again.code).toBe(0);
    expect(losses('again')).toEqual(losses('first'));
  });

  test('flags of mixed precision add up', async () => {
    const amp = async (...flags: string[]) => {
      const { stdout } = await run('train', '--dataset', 'synthetic', '--print-config', ...flags);
      return /^amp:.*\n(?: .*\n)*/m.exec(stdout)![0];
    };
    expect(await amp()).toBe('amp: null\n');
    expect(await amp('--amp')).toBe('amp:\n  dtype: null\n  lossScale: null\n  native: null\n');
    expect(await amp('--loss-scale', '512', '--amp-dtype', 'float16', '--amp')).toBe(
      'amp:\n  dtype: float16\n  lossScale: 512\n  native: null\n',
    );
    expect(await amp('--loss-scale', 'dynamic')).toBe(
      'amp:\n  dtype: null\n  lossScale: dynamic\n  native: null\n',
    );
  });

  test('trains in bfloat16, evaluates in it, and in float32 where asked to', async () => {
    const trained = await run(...smallRun('low', '--amp-dtype', 'bfloat16'));
    expect(trained.code).toBe(0);
    expect(trained.stdout).toContain('mixed precision: bfloat16, loss scale: none');
    const scored = await run('eval', join(output, 'low'), '--which', 'last');
    expect(scored.stdout).toContain('mixed precision: bfloat16');
    const accuracy = / \* Acc@1 .*/g;
    expect(scored.stdout.match(accuracy)![0]).toBe(trained.stdout.match(accuracy)!.at(-1));
    const wide = await run('eval', join(output, 'low'), '--which', 'last', '--no-amp');
    expect(wide.code).toBe(0);
    expect(wide.stdout).not.toContain('mixed precision');
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s finishes the step, saves and ends with %i; resumed, it equals an uninterrupted run',
    async (signal, exitCode) => {
      const name = `stopped-${signal}`;
      const whole = run(...smallRun(`whole-${signal}`, '--epochs', '5'));
      await whole;
      const { child, finished } = start(smallRun(name, '--epochs', '5'));
      await stepsTaken(child, 3);
      child.kill(signal);
      const { code, stdout } = await finished;
      expect(code).toBe(exitCode);
      expect(stdout).toContain(
        `Go on with: npx @bag-of-tricks/trainer train --resume ${join(output, name)}`,
      );
      const resumed = await run('train', '--resume', join(output, name));
      expect(resumed.code).toBe(0);
      expect(losses(name)).toEqual(losses(`whole-${signal}`));
    },
  );

  test('kill -9 costs only the steps since the last checkpoint', async () => {
    await run(...smallRun('unkilled', '--epochs', '6', '--checkpoint-interval', '3'));
    const { child, finished } = start(
      smallRun('killed', '--epochs', '6', '--checkpoint-interval', '3'),
    );
    await stepsTaken(child, 11);
    child.kill('SIGKILL');
    await finished;
    const resumed = await run('train', '--resume', join(output, 'killed'));
    expect(resumed.code).toBe(0);
    expect(losses('killed')).toEqual(losses('unkilled'));
    const left = readdirSync(join(output, 'killed', 'checkpoints'));
    expect(left.filter((name) => name.startsWith('.tmp'))).toEqual([]);
  });

  test('refuses damaged and foreign checkpoints, and changes nothing', async () => {
    await run(...smallRun('damaged', '--epochs', '2'));
    const folder = join(output, 'damaged', 'checkpoints');
    const last = join(folder, 'last');
    const state = readFileSync(join(last, 'state.json'), 'utf8');

    const sums = readFileSync(join(last, 'SHA256SUMS'));
    rmSync(join(last, 'SHA256SUMS'));
    writeFileSync(
      join(last, 'state.json'),
      state
        .replace('"formatVersion": 3', '"formatVersion": 2')
        .replace('"model": "resnet20d"', '"model": "resnet32d"'),
    );
    const other = await run('train', '--resume', join(output, 'damaged'));
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(/does not fit resnet32d.*layer1\.3\.conv1\.weight/s);

    writeFileSync(join(last, 'state.json'), state);
    writeFileSync(join(last, 'SHA256SUMS'), sums);
    truncateSync(join(last, 'model.safetensors'), 5000);
    const cut = await run('eval', last);
    expect(cut.code).toBe(1);
    expect(cut.stderr).toContain('is damaged: model.safetensors has other bytes');

    rmSync(join(last, 'model.safetensors'));
    const missing = await run('train', '--resume', realpathSync(last));
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain(
      'is damaged: model.safetensors cannot be read: ENOENT (no such file or folder)',
    );
    expect(readFileSync(join(last, 'state.json'), 'utf8')).toBe(state);
  });

  test('will not train into a folder that it cannot write or that exists', async () => {
    mkdirSync(join(output, 'taken'));
    writeFileSync(join(output, 'taken', 'notes.txt'), '');
    const taken = await run(...smallRun('taken'));
    expect(taken.code).toBe(1);
    expect(taken.stderr).toContain('expected a new folder, it exists');
    writeFileSync(join(output, 'a-file'), '');
    const blocked = await run(...smallRun('x', '--output', join(output, 'a-file')));
    expect(blocked.code).toBe(1);
    expect(blocked.stderr).toContain('a-file');
    expect(existsSync(join(output, 'taken', 'args.yaml'))).toBe(false);
  });

  test('shows where a step goes, and leaves no run folder', async () => {
    const { code, stdout } = await run(...smallRun('profiled', '--profile'));
    expect(stdout).toMatch(/^\w*Conv2DBackpropFilter +19 /m);
    expect(code).toBe(0);
    expect(existsSync(join(output, 'profiled'))).toBe(false);
    const eager = await run(...smallRun('profiled', '--profile', '--no-compile'));
    expect(eager.stderr).toContain('Leave --no-compile out');
    expect(eager.code).toBe(exitCodes.usage);
  });

  test('doctor --benchmark trains a small network in each precision after that', async () => {
    const small = ['--model', 'resnet20d', '--image-size', '8', '--batch-size', '8'];
    const { code, stdout, stderr } = await run(
      ...['doctor', '--benchmark', '--no-xla', '--seconds', '1', ...small],
    );
    expect(code).toBe(0);
    expect(stderr).toContain('measuring: float16');
    expect(stdout).toMatch(/Training can run\.\n\nresnet20d, 8 px; TensorFlow/);
    expect(stdout).toMatch(/\nbfloat16 +no +\d+\.\d/);
    const typo = await run(...['doctor', '--benchmark', '--no-xla', '--model', 'resnet21d']);
    expect(typo.stdout).toContain("got 'resnet21d'");
    expect(typo.code).toBe(exitCodes.failure);
  });

  test('what goes with a benchmark is refused without one', async () => {
    for (const flag of [['--model', 'resnet20d'], ['--seconds', '3'], ['--no-xla']]) {
      const { code, stdout, stderr } = await run('doctor', ...flag);
      expect(stderr).toContain(`expected --benchmark with ${flag[0]}, got none. Add it, or leave`);
      expect([code, stdout]).toEqual([exitCodes.usage, '']);
    }
  });

  test('doctor says that training can run here', async () => {
    const { code, stdout } = await run('doctor');
    expect(stdout).toContain('Training can run.');
    expect(code).toBe(0);
  });
});

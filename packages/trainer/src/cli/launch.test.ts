import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test, vi } from 'vitest';
import { makeImageFolder } from '../../test/make-image-folder.ts';
import { exitCodes } from '../errors.ts';
import { launchCommand } from './launch-command.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'launch-')));
afterAll(() => rmSync(folder, { recursive: true }));

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  args: readonly string[],
  watch: (child: ChildProcess) => unknown = () => {},
): Promise<Finished> {
  // Another file of this process may have loaded TensorFlow, which sets it.
  const { TF_CPP_MIN_LOG_LEVEL: _, ...env } = process.env;
  const child = spawn(process.execPath, [path('../../dist/cli/main.js'), ...args], {
    cwd: folder,
    env: { ...env, DEBUG: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
    watch(child),
  ]);
  return { code, stdout, stderr };
}

/** A run of three epochs of eight steps, with a checkpoint after every fifth. */
const small = (experiment: string, ...more: string[]) => [
  ...['train', '--plugin', path('../../test/one-of-several.mjs'), '--model', 'perceptron'],
  ...['--dataset', 'synthetic', '--batch-size', '4', '--epochs', '3', '--val-interval', '3'],
  ...['--set', 'synthetic={imageSize: 8, numClasses: 4, trainSamples: 64, evalSamples: 6}'],
  ...['--checkpoint-interval', '5', '--output', '.', '--experiment', experiment, ...more],
];

const weightsOf = (experiment: string) =>
  createHash('sha256')
    .update(readFileSync(join(folder, experiment, 'checkpoints/last/model.safetensors')))
    .digest('hex');

const matching = (pattern: string | RegExp) => expect.stringMatching(pattern);

const linesOf = (output: string) => output.trimEnd().split('\n');

test('processes of which one hangs and then is killed are started again, to the weights of undisturbed ones; all save and stop when one is asked to', {
  tags: ['slow'],
}, async () => {
  const launch = (...args: string[]) => run(['launch', '--processes', '2', ...args]);
  const patient = ['--restarts', '2', '--grace', '5s', '--'];
  const disturbing = '6=SIGSTOP,11=SIGKILL,17=SIGTERM';
  const [whole, disturbed] = await Promise.all([
    launch('--', ...small('whole', '--act-once', '17=SIGTERM')),
    launch(...patient, ...small('disturbed', '--act-once', disturbing, '--heartbeat', '4s')),
  ]);
  const last = (experiment: string, step: number) =>
    `The last checkpoint is ${folder}/${experiment}/checkpoints/epoch-\\d+-step-0*${step}`;
  const launched = /^launch: 2 processes: /;
  const stopped = (experiment: string) =>
    new RegExp(
      `^launch: rank \\d was asked to stop .exit code 143.. ${last(experiment, 18)}. Go on with: .* launch --processes 2 -- train --resume ${folder}/${experiment} --plugin .*one-of-several.mjs'?( --heartbeat 4s)?$`,
    );
  expect([whole.code, disturbed.code]).toEqual([exitCodes.terminated, exitCodes.terminated]);
  expect(linesOf(whole.stdout).at(-1)).toBe('Interrupted after step 18 of 24');
  // What another rank than the first has to say is among them.
  expect(linesOf(whole.stderr)).toEqual(
    [launched, /^\[1\] after step 17: SIGTERM$/, stopped('whole')].map(matching),
  );
  expect(disturbed.stderr).toMatch(
    new RegExp(
      `^error: rank 0: expected all 2 processes to go on; rank 1 at \\S+ has ended or hangs: no answer within 1.4 s. ${last('disturbed', 5)}$`,
      'm',
    ),
  );
  expect(linesOf(disturbed.stderr).filter((line) => line.startsWith('launch: '))).toEqual(
    [
      launched,
      `^launch: rank 1 did not end when it was told to, and was killed. ${last('disturbed', 5)}. Starting again, 1 of 2$`,
      `^launch: rank 1 was ended by SIGKILL. ${last('disturbed', 10)}. Starting again, 2 of 2$`,
      stopped('disturbed'),
    ].map(matching),
  );
  expect(weightsOf('disturbed')).toBe(weightsOf('whole'));
});

test('a folder of photographs and nothing else is trained on without a word of TensorFlow, and what another rank leaves out is named', {
  tags: ['slow'],
}, async () => {
  const photos = join(folder, 'photos');
  await makeImageFolder(photos, { trainPerClass: 12, evalPerClass: 2, side: 32 });
  // Of the evaluation the first process has blue and half of green, the second one the others.
  writeFileSync(join(photos, 'val/red/1.jpg'), 'no picture');
  const given = ['--data-dir', 'photos', '--epochs', '1', '--output', '.', '--experiment', 'seen'];
  const { code, stdout, stderr } = await run(['launch', '-n', '2', '--', 'train', ...given]);
  expect(linesOf(stderr)).toEqual([matching(/^launch: 2 processes: /)]);
  expect(stdout).toMatch(/^Skipped: .*val.red.1\.jpg: is not a JPEG/m);
  expect(stdout.match(/^Chosen for that: .*/gm)).toHaveLength(1);
  expect(stdout).toMatch(/ of memory for each of 2 processes$/m);
  const left = readFileSync(join(folder, 'seen/bad-images.jsonl'), 'utf8');
  expect(linesOf(left)).toEqual([matching('val.red.1.jpg')]);
  expect(code).toBe(0);
});

test('a dry run of two processes takes their steps together, and says once what they would take', {
  tags: ['slow'],
}, async () => {
  const { code, stdout, stderr } = await run([
    ...['launch', '-n', '2', '--', ...small('dry'), '--dry-run'],
  ]);
  expect(linesOf(stderr)).toEqual([matching(/^launch: 2 processes: /)]);
  // 64 images in batches of four, by two processes, in three epochs.
  expect(stdout.match(/^The whole run.*?evaluation/gm)).toEqual([
    'The whole run of 2 processes, 24 steps with 1 evaluation',
  ]);
  expect(stdout).toMatch(/^A step of 2 processes: /m);
  expect(existsSync(join(folder, 'dry'))).toBe(false);
  expect(code).toBe(0);
});

test('a process that answers while its JavaScript hangs is named by the others, in time and before all else', {
  tags: ['slow'],
}, async () => {
  // Also that in which all three have to come, on a busy machine.
  const timeout = ['--collective-timeout', '60s'];
  const { code, stderr } = await run([
    ...['launch', '--processes', '3', '--grace', '1s', '--'],
    ...small('absent', '--act-once', '6=hang', ...timeout),
  ]);
  const sentence = (rank: string) =>
    `error: ${rank}expected all 3 processes to go on; rank 1 at \\S+ answers, but does not take part: it did not join within 60 s. The last checkpoint is ${folder}/absent/checkpoints/epoch-\\d+-step-0*5`;
  const said = linesOf(stderr).filter((line) => !line.startsWith('launch: '));
  expect(said.find((line) => line.startsWith('error: '))).toMatch(new RegExp(sentence('rank 0: ')));
  expect(said).toContainEqual(matching(new RegExp(`^.2. ${sentence('rank 2: ')}`)));
  // TensorFlow, whose own lines begin so, has given nothing up.
  expect(said.filter((line) => /^(.\d. )?[EWF]\d{4} /.test(line))).toEqual([]);
  expect(code).toBe(exitCodes.lost);
});

test('a second request to stop ends at once what waits for a process that hangs', {
  tags: ['slow'],
}, async () => {
  const hanging = ['--', ...small('hanging', '--act-once', '3=SIGSTOP')];
  const { code, stdout, stderr } = await run(
    ['launch', '--processes', '2', '--grace', '2s', ...hanging],
    async (launch) => {
      const acted = () => existsSync(join(folder, 'after-3-SIGSTOP'));
      await expect.poll(acted, { timeout: 100_000 }).toBe(true);
      launch.kill('SIGINT');
      // What comes sooner is taken for npm's copy of the same request.
      await delay(1000);
      launch.kill('SIGINT');
    },
  );
  expect(stdout).toContain('SIGINT: finishing this step and saving; once more to stop at once');
  expect(stdout).not.toContain('Interrupted');
  expect(linesOf(stderr).at(-1)).toMatch(/^launch: rank 0 was asked to stop .exit code 130../);
  expect(code).toBe(exitCodes.interrupt);
});

test('what launch has started is asked to stop when launch is gone, without a signal of the system: on Windows that ends it at once', async () => {
  const [messages, stopRequests] = ['launch-messages', 'stop-requests'].map(
    (name) => new URL(`../../dist/cli/${name}.js`, import.meta.url).href,
  );
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { heedLaunch } from '${messages}';
       import { stopOnRequest } from '${stopRequests}';
       process.kill = () => process.exit(1);
       const { signal, exitCode } = stopOnRequest(() => {});
       signal.onabort = () => process.exit(exitCode());
       setInterval(() => {}, 1000);
       heedLaunch();
       process.send('ready');`,
    ],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  await once(child, 'message');
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([143, null]);
});

const outer = {
  cluster: { worker: ['a:2222', 'b:2222'] },
  task: { type: 'worker', index: 1 },
};

test('what launch cannot start is said before there are processes', async () => {
  const launching = (...args: string[]) =>
    launchCommand({ tricks: [], modules: [] })
      .configureOutput({ writeErr: () => {} })
      .parseAsync(['--processes', ...args], { from: 'user' });
  await expect(launching('2', '--', 'predict', 'x')).rejects.toThrow(
    'launch: expected train and its flags after --, got predict. Write launch --processes 2 -- train ...',
  );
  vi.stubEnv('TF_CONFIG', JSON.stringify(outer));
  await expect(launching('2', '--', 'train')).rejects.toThrow(
    'launch: expected to start all processes of a run itself, got one of several that TF_CONFIG started',
  );
  vi.unstubAllEnvs();
  await expect(launching('two', '--', 'train')).rejects.toThrow(
    "expected an integer >= 1, got 'two'",
  );
  await expect(launching('2', '--restarts', '-1', '--', 'train')).rejects.toThrow(
    "expected an integer >= 0, got '-1'",
  );
  await expect(
    launching('2', 'train', '--epochs', '1', '--dataset', 'synthetic', '--set', 'warmup.epochs=-1'),
  ).rejects.toThrow('warmup.epochs');
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await expect(launching('2', '--', 'train', '--lables', '1')).rejects.toThrow(
    "unknown option '--lables'",
  );
  expect(said).toHaveBeenCalledWith(expect.stringContaining("unknown option '--lables'"));
  said.mockRestore();
});

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { freePorts, placementFrom } from '@bag-of-tricks/data-parallel';
import { newestCheckpoint, command as npx, printable } from '@bag-of-tricks/run-folder';
import { type Command, InvalidArgumentError } from 'commander';
import { shellWord } from '../config/load.ts';
import { ConfigError, exitCodes } from '../errors.ts';
import { createCommand } from './command.ts';
import { parseDuration } from './duration.ts';
import { positiveInteger } from './flags.ts';
import type { Started } from './launch-messages.ts';
import type { Plugins } from './plugins.ts';
import { type Share, shareMachine } from './share-machine.ts';
import {
  causeOf,
  describeEnded,
  type Ended,
  isWorthAnother,
  type Outcome,
  prefixLines,
  supervise,
} from './supervise.ts';
import { checkTrain, trainCommand } from './train-command.ts';

const main = fileURLToPath(new URL('main.js', import.meta.url));

interface LaunchFlags {
  readonly processes: number;
  readonly restarts: number;
  /** Seconds. */
  readonly grace?: number;
}

/** `bag-of-tricks launch -- train ...`: several processes of one training on this machine. */
export function launchCommand(plugins: Plugins): Command {
  return createCommand('launch')
    .passThroughOptions()
    .description('train by several processes on this machine, a GPU or a part of the cores each')
    .argument('<command...>', 'what each of them runs: train with its flags')
    .requiredOption('-n, --processes <n>', 'how many', positiveInteger)
    .option(
      '--restarts <n>',
      'how often to start all of them again from the last checkpoint when one was killed, hangs or fails',
      countOfRestarts,
      0,
    )
    .option(
      '--grace <duration>',
      'kill what still runs so long after one process has ended, or after a second request to stop (default: 30s); the first request waits for the step and its checkpoint',
      parseDuration,
    )
    .action(async ([name, ...args]: string[], { grace = 30, ...flags }: LaunchFlags) => {
      if (name !== 'train') {
        throw new ConfigError(
          `launch: expected train and its flags after --, got ${name}. Write launch --processes ${flags.processes} -- train ...`,
        );
      }
      const placement = placementFrom(process.env);
      if (placement !== null) {
        throw new ConfigError(
          `launch: expected to start all processes of a run itself, got one of several that ${placement.by} started. Run train there without launch, or unset the variables of ${placement.by}`,
        );
      }
      // A wrong flag or setting is said once, before there are processes.
      const checked = trainCommand(plugins, checkTrain);
      checked.parse(args, { from: 'user' });
      await launch(['train', ...args], { ...flags, grace, maxTime: checked.opts().maxTime });
    });
}

function countOfRestarts(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`expected an integer >= 0, got '${text}'.`);
}

const say = (line: string) => process.stderr.write(`launch: ${printable(line)}\n`);

async function launch(
  first: readonly string[],
  { processes, restarts, grace, maxTime }: Required<LaunchFlags> & { readonly maxTime?: number },
): Promise<void> {
  const shares = await shareMachine(processes);
  say(`${processes} processes: ${shares.map(({ description }) => description).join('; ')}`);
  let command = first;
  let run: Started | null = null;
  let failedEarly = false;
  for (let attempt = 0; ; attempt++) {
    const once = await runOnce(command, { shares, grace });
    const cause = causeOf(once.outcome);
    if (cause === null) return;
    run = once.run ?? run;
    const last = run && newestCheckpoint(run.runFolder);
    const saved = last === null ? 'Nothing was saved' : `The last checkpoint is ${last}`;
    const said = describeEnded(cause) + (run ? `. ${saved}` : '');
    // What fails twice before its first step fails for ever.
    const failsAgain = failedEarly && isEarly(once, cause);
    failedEarly = isEarly(once, cause);
    if (once.outcome.asked || attempt === restarts || failsAgain || !isWorthAnother(cause)) {
      process.exitCode = cause.code ?? exitCodes.lost;
      const goOn = `${npx} launch --processes ${processes} -- ${run?.resume.map(shellWord).join(' ')}`;
      say(last === null ? said : `${said}. Go on with: ${goOn}`);
      return;
    }
    say(`${said}. Starting again, ${attempt + 1} of ${restarts}`);
    const left = maxTime && ['--max-time', `${Math.max(1, maxTime - process.uptime())}s`];
    command = [...(last === null ? command : run!.resume), ...(left || [])];
  }
}

const isEarly = ({ run }: Once, { code }: Ended) => run === null && code === exitCodes.failure;

interface Once {
  readonly outcome: Outcome;
  /** Null where no process got as far as its run folder. */
  readonly run: Started | null;
}

async function runOnce(
  command: readonly string[],
  { shares, grace }: { readonly shares: readonly Share[]; readonly grace: number },
): Promise<Once> {
  const ports = await freePorts(shares.length);
  const worker = ports.map((port) => `127.0.0.1:${port}`);
  let run: Started | null = null;
  const children = shares.map(({ by, environment }, rank): ChildProcess => {
    const task = { type: 'worker', index: rank };
    const [program = '', ...args] = [
      ...by,
      process.execPath,
      ...process.execArgv,
      main,
      ...command,
    ];
    const isFirst = rank === 0;
    const child = spawn(program, args, {
      env: { ...environment, TF_CONFIG: JSON.stringify({ cluster: { worker }, task }) },
      stdio: isFirst
        ? ['inherit', 'inherit', 'inherit', 'ipc']
        : ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.on('message', (started: Started) => {
      run = started;
    });
    if (child.stderr) prefixLines(rank, child.stderr, process.stderr);
    return child;
  });
  return { outcome: await supervise(children, { grace, hasBegun: () => run !== null }), run };
}

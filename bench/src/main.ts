import { Command } from 'commander';
import { BROWSER_CONTESTANTS } from './browser/task.ts';
import { batchSizesReport, formatBatchSizes, scaledWorkloads } from './commands/batch-sizes.ts';
import { browserReport, formatBrowser } from './commands/browser.ts';
import { eagerOpReport, formatEagerOp } from './commands/eager-op.ts';
import { formatGpu, gpuReport } from './commands/gpu.ts';
import { formatInputReport, inputReport } from './commands/input.ts';
import { formatLayers, layersReport } from './commands/layers.ts';
import { formatMachineRate, machineRateReport } from './commands/machine-rate.ts';
import { formatProfile, profileReport } from './commands/profile.ts';
import { scaleReport } from './commands/scale.ts';
import { formatTrainStep, trainStepReport } from './commands/train-step.ts';
import { formatTricks, tricksReport } from './commands/tricks.ts';
import { withWorkFolder } from './commands/with-work-folder.ts';
import type { CompareOptions } from './compare/compare-workload.ts';
import { CHECKED_STEPS } from './compare/recipe.ts';
import { findContestants, knownContestants } from './contestants/contestants.ts';
import { findInputContestants } from './contestants/input-contestants.ts';
import {
  ampFlag,
  command,
  contestantsFlag,
  type ExecutionFlags,
  executionFlag,
  type MeasureFlags,
  measuringCommand,
  networksFlag,
  type ScaleFlags,
} from './flags.ts';
import { type InputFlags, inputCommand, inputOptions } from './input-flags.ts';
import { LAYER_NETWORKS } from './layers.ts';
import { someOf, wholeNumber, wholeNumbers } from './options.ts';
import { findInstalledPython, findPython } from './pytorch/environment.ts';
import { formatScale } from './report/scale-tables.ts';
import { processCounts } from './scale/contestants.ts';
import { findWorkloads } from './workloads.ts';

/** Standard output is for the result alone. */
function report(text: string): void {
  process.stderr.write(`${text}\n`);
}

function print<R>(result: R, format: (result: R) => string, json = false): void {
  console.log(json ? JSON.stringify(result) : format(result));
}

/** Checks the flags before anything slow begins, then calls `work` with what they mean. */
async function measuring<T>(
  flags: MeasureFlags,
  work: (options: CompareOptions) => Promise<T>,
): Promise<T> {
  const contestants = findContestants(flags.contestants ?? [], knownContestants(flags.amp));
  const needsPython = contestants.some(({ side }) => side === 'pytorch');
  const python = needsPython ? await findPython(report) : '';
  return withWorkFolder((workFolder) =>
    work({
      contestants,
      python,
      rounds: flags.rounds,
      steps: flags.steps ?? null,
      warmupSteps: flags.warmup,
      threads: flags.threads ?? null,
      workFolder,
      report,
    }),
  );
}

const program = new Command('bench').description(
  'Measures training steps and image input on this machine, against PyTorch where there is something to compare.',
);

measuringCommand(program, 'train-step', 'a training step: ours against PyTorch', {
  rounds: 5,
  isDefault: true,
})
  .addOption(contestantsFlag())
  .addOption(ampFlag())
  .action(async (flags: MeasureFlags) => {
    const workloads = findWorkloads(flags.networks);
    const all = knownContestants(flags.amp).map(({ name }) => name);
    const result = await measuring({ contestants: all, ...flags }, (options) =>
      trainStepReport(workloads, options, flags.amp ?? null),
    );
    print(result, formatTrainStep, flags.json);
  });

measuringCommand(program, 'batch-sizes', 'a training step at several batch sizes', { rounds: 3 })
  .addOption(contestantsFlag(['graph', 'pytorch-channels-last', 'pytorch-compile']))
  .option(
    '--batch-sizes <numbers>',
    'default: a quarter, half, once and twice the usual one',
    wholeNumbers,
  )
  .action(async (flags: MeasureFlags & { readonly batchSizes?: number[] }) => {
    const workloads = scaledWorkloads(findWorkloads(flags.networks), flags.batchSizes ?? null);
    const result = await measuring(flags, (options) => batchSizesReport(workloads, options));
    print(result, formatBatchSizes, flags.json);
  });

measuringCommand(program, 'tricks', 'what each trick costs in a training step of ours', {
  rounds: 5,
})
  .addOption(executionFlag())
  .action(async (flags: ExecutionFlags) => {
    const workloads = findWorkloads(flags.networks);
    const result = await measuring(flags, (options) =>
      tricksReport(workloads, options, flags.execution),
    );
    print(result, formatTricks, flags.json);
  });

command(program, 'profile', 'where the time of a training step of ours goes, by type of op')
  .addOption(networksFlag())
  .addOption(executionFlag())
  .addOption(ampFlag())
  .action(async (flags: Omit<ExecutionFlags, 'rounds' | 'warmup'>) => {
    const workloads = findWorkloads(flags.networks);
    const once = { ...flags, rounds: 1, steps: 1, warmup: CHECKED_STEPS };
    const result = await measuring(once, (options) =>
      profileReport(workloads, options, { execution: flags.execution, amp: flags.amp ?? null }),
    );
    print(result, formatProfile, flags.json);
  });

command(program, 'layers', 'depthwise and grouped convolutions one by one: ours against PyTorch')
  .option('--networks <names>', `of ${LAYER_NETWORKS.join(', ')}`, someOf(LAYER_NETWORKS), [
    ...LAYER_NETWORKS,
  ])
  .option('--image-size <pixels>', 'of the images', wholeNumber(32), 128)
  .option('--batch-size <number>', 'images', wholeNumber(1), 32)
  .option(
    '--rounds <number>',
    'rounds, each with a process for every contestant',
    wholeNumber(1),
    3,
  )
  .option('--steps <number>', 'timed calls of a pass', wholeNumber(1), 20)
  .option('--warmup <number>', 'untimed calls before them', wholeNumber(1), 3)
  .action(async ({ json, threads = null, warmup: warmupSteps, ...flags }) => {
    const python = await findPython(report);
    const options = { ...flags, threads, warmupSteps, python, report };
    print(await layersReport(options), formatLayers, json);
  });

inputCommand(program).action(async (flags: InputFlags) => {
  const contestants = findInputContestants(flags.contestants);
  const needsPython = contestants.some(({ side }) => side === 'torchvision');
  const python = needsPython ? await findPython(report) : '';
  const result = await withWorkFolder((workFolder) =>
    inputReport(inputOptions(flags, { contestants, python, workFolder, report })),
  );
  print(result, formatInputReport, flags.json);
});

program
  .command('browser')
  .description(
    'an exported network in headless Chromium: the classifier, the network alone, onnxruntime-web',
  )
  .option('--json', 'print one JSON object instead of a table')
  .option('--network <name>', 'with drawn weights', 'tf_efficientnet_lite0')
  .option('--exports <folder>', 'with the exports graph-model and onnx, in place of drawn weights')
  .option('--data-dir <folder>', 'JPEG files (default: 20 made for it)')
  .option('--contestants <names>', 'who takes part', someOf(BROWSER_CONTESTANTS), [
    ...BROWSER_CONTESTANTS,
  ])
  .option('--image-size <pixels>', 'of the network', wholeNumber(1), 224)
  .option('--batch-size <number>', 'images that go through the network together', wholeNumber(1), 1)
  .option('--threads <numbers>', 'each contestant runs on each of them', wholeNumbers, [1, 2])
  .option('--rounds <number>', 'rounds, each with a page for every contestant', wholeNumber(1), 5)
  .option('--batches <number>', 'timed batches of a page', wholeNumber(1), 30)
  .option('--warmup <number>', 'untimed batches before them', wholeNumber(1), 5)
  .action(async ({ json, dataDir: photographs = null, exports = null, ...flags }) => {
    const result = await withWorkFolder((workFolder) =>
      browserReport({ ...flags, photographs, exports, workFolder, report }),
    );
    print(result, formatBrowser, json);
  });

measuringCommand(program, 'scale', 'a training step in several processes: ours, and PyTorch DDP', {
  rounds: 5,
})
  .option(
    '--processes <numbers>',
    'default: 1, 2, 4 and so on, as far as there are cores',
    wholeNumbers,
  )
  .option('--no-pytorch', 'ours alone, without a Python')
  .option('--no-test-networks', 'leave out the model of what the exchange costs, which takes root')
  .option('--rows <file>', 'a line of JSON for each group of processes, as soon as it is measured')
  .option('--plot <file>', 'an SVG of what the model says of more processes')
  .action(async (flags: ScaleFlags) => {
    const { processes = processCounts(), pytorch, testNetworks, rows = null, plot = null } = flags;
    const own = { processes, testNetworks, rows, plot };
    const result = await measuring(
      { ...flags, contestants: pytorch ? ['pytorch'] : [] },
      (options) => scaleReport(flags.networks, { ...options, ...own }),
    );
    print(result, formatScale, flags.json);
  });

program
  .command('gpu')
  .description(
    'the recipe on a GPU: placement, speed, gradients, as one text for an issue; on a CPU too',
  )
  .option('--json', 'print one JSON object instead of a text')
  .option('--network <name>', 'of the workloads', 'resnet50d')
  .option(
    '--batch-size <number>',
    'images a step (default: 64 on a GPU, 8 on a CPU)',
    wholeNumber(1),
  )
  .option('--seconds <number>', 'timed steps in each precision', wholeNumber(1), 8)
  .option('--no-xla', 'without XLA alone')
  .option('--no-pytorch', 'ours alone, also where PyTorch is installed')
  .action(async ({ json, network, batchSize, seconds, xla, pytorch }) => {
    const workload = findWorkloads([network])[0]!;
    const python = pytorch ? await findInstalledPython() : null;
    print(await gpuReport({ workload, batchSize, seconds, xla, python, report }), formatGpu, json);
  });

command(
  program,
  'machine-rate',
  'the best convolution and matrix product rate of this machine',
).action(async ({ json, threads }: { readonly json?: true; readonly threads?: number }) => {
  print(await machineRateReport(threads ?? null), formatMachineRate, json);
});

program
  .command('eager-op')
  .description('microseconds that calling one eager op costs')
  .option('--json', 'print one JSON object instead of a table')
  .option('--samples <number>', 'samples of 2,000 calls', wholeNumber(1), 20)
  .action(async ({ json, samples }: { readonly json?: true; readonly samples: number }) => {
    print(await eagerOpReport(samples), formatEagerOp, json);
  });

try {
  await program.parseAsync();
} catch (error) {
  report(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

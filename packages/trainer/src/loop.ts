import type { Batches } from '@bag-of-tricks/image-data';
import {
  afterStep,
  type Best,
  type Evaluation,
  meansOf,
  nextEpoch,
  type Position,
  type RunHooks,
  type TrainResult,
} from '@bag-of-tricks/run-folder';
import { saveRun } from './checkpoint/save.ts';
import { epochSteps, stepsTaken } from './epoch-steps.ts';
import { evaluateNetwork } from './evaluate-network.ts';
import { type StepWatch, watchSteps } from './run/divergence.ts';
import { hasStalled } from './run/early-stopping.ts';
import type { Run } from './run/open-run.ts';
import { badImagesOfAll, nameWaiting, sumAloud } from './run/run-processes.ts';
import { stillGoing } from './run/still-going.ts';
import { sentAhead } from './sent-ahead.ts';

/** Where a run is written, who watches it, and what may stop it. */
export interface Surroundings {
  readonly runFolder: string;
  readonly hooks: RunHooks;
  /** Is told what of tidying up checkpoints failed, and that a long step goes on. */
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal | undefined;
  readonly saveRequested: (() => boolean) | undefined;
}

type Watched = Surroundings & { readonly watch: StepWatch };

/** Of all processes together. */
const imagesAStep = ({ config, processes }: Run) => config.batchSize * processes.size;

const secondsSince = (start: number) => (performance.now() - start) / 1000;

/** The loop: epochs of steps, and after each epoch an evaluation and a checkpoint. */
export async function runEpochs(
  run: Run,
  start: Position,
  surroundings: Surroundings,
): Promise<TrainResult> {
  const { epochs } = run.config;
  const total = { seconds: 0, dataSeconds: 0 };
  let position = start;
  let evaluation: Evaluation | null = null;
  let finished = true;
  const bad = badImagesOfAll(run.processes, surroundings.hooks.onBadImage);
  const hooks = { ...surroundings.hooks, onBadImage: bad.onBadImage };
  const around = { ...surroundings, hooks, watch: watchSteps(run, surroundings.runFolder) };
  const { watch } = around;
  while (finished && position.epoch < epochs && !hasStalled(position, run.config)) {
    const before = position;
    position = await trainEpoch(run, before, around);
    total.seconds += position.totals.seconds - before.totals.seconds;
    total.dataSeconds += position.totals.dataSeconds - before.totals.dataSeconds;
    await nameWaiting(run.processes, [before, position], around.warn);
    finished = position.stepInEpoch === run.stepsPerEpoch && !around.signal?.aborted;
    const evaluations = finished
      ? await watch.after(() => evaluateEpoch(run, before.epoch, around))
      : null;
    await bad.share();
    // Interrupted in the evaluation: a resumed run makes it anew.
    finished &&= !around.signal?.aborted;
    if (!finished) await save(run, position, around);
    else {
      const ended = await endEpoch(run, position, evaluations, around);
      ({ position, evaluation } = ended);
    }
  }
  const step = stepsTaken(run, position);
  const images = (step - stepsTaken(run, start)) * imagesAStep(run);
  const result = {
    runFolder: around.runFolder,
    finished,
    endedEarly: finished && position.epoch < epochs,
    step,
    totalSteps: epochs * run.stepsPerEpoch,
    evaluation,
    best: position.best,
    imagesPerSecond: total.seconds > 0 ? images / total.seconds : 0,
    trainSeconds: total.seconds,
    dataSeconds: total.dataSeconds,
  };
  around.hooks.onTrainEnd(result);
  return result;
}

/** The steps of an epoch from `from` on; fewer when the signal is aborted. */
async function trainEpoch(run: Run, from: Position, around: Watched): Promise<Position> {
  const { config, dataset, runner, stepsPerEpoch, tricks, processes } = run;
  const { epoch } = from;
  const { hooks, signal, watch } = around;
  let position = from;
  if (from.stepInEpoch === stepsPerEpoch) return position;
  let started = performance.now();
  const load = { signal, onBadImage: hooks.onBadImage };
  const ahead = (batches: Batches) => sentAhead(batches, runner.sendToTrain);
  for await (const { batch, settings } of epochSteps(run, from, load, ahead)) {
    const dataSeconds = secondsSince(started);
    const { stepInEpoch } = position;
    const step = stepsTaken(run, position);
    const { learningRate, draws } = settings;
    const training = processes.together(runner.train(batch, settings));
    const metrics: Readonly<Record<string, number>> = await stillGoing(
      `Step ${step + 1}`,
      training,
      around.warn,
    );
    const { loss, top1, skipped = 0, stopping = 0, ...others } = metrics;
    const values = { ...draws, ...others, skipped };
    const notes = await watch.check({ position, batch, learningRate, draws, metrics }, () =>
      tricks.flatMap(
        (trick) => trick.afterStep?.({ ...metrics, ...values } as never, step + 1) ?? [],
      ),
    );
    const seconds = secondsSince(started);
    const taken = { loss: loss!, top1: top1!, skipped: skipped === 1, seconds, dataSeconds };
    position = afterStep(position, taken);
    hooks.onBatchEnd({
      ...taken,
      ...{ epoch, stepInEpoch, stepsPerEpoch, step: step + 1, learningRate, values, notes },
      totalSteps: config.epochs * stepsPerEpoch,
      batchSize: imagesAStep(run),
      meanLoss: meansOf(position.totals).loss,
    });
    processes.hear(stopping);
    if (signal?.aborted) break;
    const due = config.checkpointInterval !== null && (step + 1) % config.checkpointInterval === 0;
    if ((around.saveRequested?.() || due) && position.stepInEpoch < stepsPerEpoch) {
      await save(run, position, around);
    }
    started = performance.now();
  }
  if (position.stepInEpoch < stepsPerEpoch && !signal?.aborted) {
    throw new Error(
      `${dataset.name}: expected ${stepsPerEpoch} batches in an epoch, got ${position.stepInEpoch}. Return as many, or give fewer steps (--steps-per-epoch)`,
    );
  }
  return position;
}

/** Scores of all sets of weights: the network's own under '', others under their names. */
type Evaluations = Readonly<Record<string, Evaluation>>;

/** Evaluates the network and, one after the other, the weights that tricks keep beside its own; null when it is not time, or aborted. */
async function evaluateEpoch(
  { config, dataset, runner, tricks, processes }: Run,
  epoch: number,
  { hooks, signal, warn }: Surroundings,
): Promise<Evaluations | null> {
  const isTime = epoch === config.epochs - 1 || (epoch + 1) % config.evalInterval === 0;
  if (!isTime) return null;
  const score = () =>
    evaluateNetwork(runner, dataset, {
      batchSize: config.evalBatchSize,
      epoch,
      sumScores: sumAloud(processes, warn),
      onBatchEnd: hooks.onEvaluateBatchEnd,
      ...{ signal, onBadImage: hooks.onBadImage },
    });
  const evaluations: Record<string, Evaluation | null> = { '': await score() };
  for (const { weights } of tricks) {
    if (!weights || signal?.aborted) continue;
    await runner.assign(weights.exchange);
    try {
      evaluations[weights.name] = await score();
    } finally {
      await runner.assign(weights.exchange);
    }
  }
  return signal?.aborted ? null : (evaluations as Evaluations);
}

/** Rank 0 saves for all. */
async function save(
  run: Run,
  position: Position,
  { watch, runFolder, warn }: Watched,
  score: number | null = null,
): Promise<void> {
  if (run.processes.rank > 0) return;
  await watch.after(() => saveRun(run, runFolder, position, { score, warn }));
}

/** Writes the row of the epoch, saves the beginning of the next one, and then tells the observers. */
async function endEpoch(
  run: Run,
  position: Position,
  evaluations: Evaluations | null,
  around: Watched,
): Promise<{ position: Position; evaluation: Evaluation | null }> {
  const { totals, epoch } = position;
  const step = stepsTaken(run, position);
  const scored = Object.entries(evaluations ?? {});
  const [weights, evaluation] = scored.reduce(
    (top, one) => (top === null || one[1].top1 > top[1].top1 ? one : top),
    null as [string, Evaluation] | null,
  ) ?? [position.weights ?? '', null];
  const { best: before } = position;
  const isBest = evaluation !== null && (before === null || evaluation.top1 > before.top1);
  const best: Best | null = isBest ? { top1: evaluation.top1, epoch } : before;
  const { '': own = null, ...others } = evaluations ?? {};
  const log = {
    ...{ epoch, step, isBest, others, evaluation: own, best },
    epochs: run.config.epochs,
    trainLoss: meansOf(totals).loss,
    trainTop1: 100 * meansOf(totals).top1,
    learningRate: run.schedule(step - 1),
    seconds: totals.seconds,
    dataSeconds: totals.dataSeconds,
    imagesPerSecond: (totals.steps * imagesAStep(run)) / totals.seconds,
  };
  const { hooks } = around;
  hooks.onEpochEnd(log);
  const next = nextEpoch({ ...position, best, weights: weights === '' ? null : weights });
  await save(run, next, around, evaluation?.top1);
  hooks.onEpochSaved(log);
  return { position: next, evaluation };
}

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { countParameters } from '@bag-of-tricks/resnet-variants';
import { openCheckpoint } from './checkpoint/load.ts';
import { parseConfig } from './config/parse.ts';
import type { TrainConfigInput } from './config/schema.ts';
import { evaluateModel } from './evaluate-model.ts';
import { badImageLog } from './log/bad-images.ts';
import { csvLog } from './log/csv.ts';
import { combineHooks, type Evaluation, type TrainHooks, type TrainResult } from './log/hooks.ts';
import { jsonlLog } from './log/jsonl.ts';
import { addStep, beginning, drawLambda, meansOf, type Position } from './progress.ts';
import { reportLog } from './report/report.ts';
import { describeEnvironment } from './run/environment.ts';
import { createRunFolder } from './run/folder.ts';
import { saveRun } from './save-run.ts';
import { openSession, type Session } from './session.ts';
import { stepCheck } from './step/check-finite.ts';
import { lossScaleAfter } from './step/loss-scaling.ts';

/** Options of `train` and `resumeTraining`. */
export interface TrainOptions {
  readonly hooks?: readonly TrainHooks[];
  /** When aborted, the run finishes its step, saves and returns with `finished: false`; before its first step it throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called with a line of text during long preparations. */
  readonly onProgress?: (message: string) => void;
}

/**
 * Train a network by the recipe (He et al. 2019) and leave a run folder: `args.yaml`, `env.json`, `summary.csv`, `metrics.jsonl`, `report.html`
 * and `checkpoints/{last,best}`.
 *
 * @throws ConfigError when the configuration does not fit.
 * @throws DivergenceError when the loss or a weight is no longer finite; the last checkpoint stays.
 * @throws Error when data or a teacher is missing.
 */
export async function train(
  input: TrainConfigInput,
  options: TrainOptions = {},
): Promise<TrainResult> {
  const config = parseConfig(input);
  const session = await openSession(config, null, options);
  const imageSize = session.dataset.imageShape[0];
  return runToEnd(session, beginning, options, () =>
    createRunFolder(session.config, { imageSize, now: new Date() }),
  );
}

/**
 * Go on with an interrupted run, exactly as if it had not been interrupted.
 *
 * @throws Error when the folder holds no whole checkpoint.
 */
export async function resumeTraining(
  runFolder: string,
  options: TrainOptions = {},
): Promise<TrainResult> {
  const checkpoint = await openCheckpoint(join(runFolder, 'checkpoints', 'last'), 'last');
  const session = await openSession(checkpoint.state.config, checkpoint, options);
  return runToEnd(session, checkpoint.state, options, () => runFolder);
}

async function runToEnd(
  session: Session,
  start: Position,
  options: TrainOptions,
  openFolder: () => string,
): Promise<TrainResult> {
  try {
    return await runEpochs(session, start, options, openFolder());
  } finally {
    await session.dispose();
  }
}

/** The loop: epochs of steps, and after each epoch an evaluation and a checkpoint. */
async function runEpochs(
  session: Session,
  start: Position,
  { hooks: userHooks = [], signal }: TrainOptions,
  runFolder: string,
): Promise<TrainResult> {
  const { config, dataset, model, runner, schedule, stepsPerEpoch } = session;
  const { batchSize, epochs, checkpointInterval } = config;
  const totalSteps = epochs * stepsPerEpoch;
  const firstStep = start.epoch * stepsPerEpoch + start.stepInEpoch;
  const environment = describeEnvironment(session.backend, session.precision, new Date());
  writeFileSync(join(runFolder, 'env.json'), `${JSON.stringify(environment, null, 2)}\n`);
  const hooks = combineHooks([
    csvLog(join(runFolder, 'summary.csv'), { firstEpoch: start.epoch }),
    badImageLog(join(runFolder, 'bad-images.jsonl'), { firstEpoch: start.epoch }),
    jsonlLog(join(runFolder, 'metrics.jsonl'), { firstStep }),
    reportLog(runFolder),
    ...userHooks,
  ]);
  hooks.onTrainBegin({
    config,
    runFolder,
    environment,
    parameters: countParameters(model),
    trainSamples: dataset.trainSize,
    evalSamples: dataset.evalSize,
    stepsPerEpoch,
    firstStep,
  });

  let step = firstStep;
  let trainSeconds = 0;
  let dataSeconds = 0;
  let { best, lossScale } = start;
  let evaluation: Evaluation | null = null;

  const loading = { signal, onBadImage: hooks.onBadImage };
  const checkStep = stepCheck(session.lossScaling);
  const end = (finished: boolean): TrainResult => {
    const imagesPerSecond = trainSeconds > 0 ? ((step - firstStep) * batchSize) / trainSeconds : 0;
    const result = {
      runFolder,
      finished,
      step,
      totalSteps,
      evaluation,
      best,
      imagesPerSecond,
      trainSeconds,
      dataSeconds,
    };
    hooks.onTrainEnd(result);
    return result;
  };

  for (let epoch = start.epoch; epoch < epochs; epoch++) {
    const continued = epoch === start.epoch ? start : beginning;
    let { totals } = continued;
    let learningRate = schedule(Math.max(0, step - 1));
    let stepStart = performance.now();

    const { seed } = config;
    const part = { epoch, firstStep: continued.stepInEpoch, stepsPerEpoch, batchSize, seed };
    for await (const batch of dataset.trainBatches(part, loading)) {
      const waited = (performance.now() - stepStart) / 1000;
      const stepInEpoch = totals.steps;
      const lambda = drawLambda(config, epoch, stepInEpoch);
      learningRate = schedule(step);
      const scores = await runner.train(batch, { learningRate, lambda });
      const { loss, top1, finite = 1 } = scores;
      const skipped = finite === 0;
      lossScale = lossScaleAfter(scores);
      checkStep({ step, learningRate, loss, skipped, scale: lossScale?.scale ?? null });
      step += 1;
      const seconds = (performance.now() - stepStart) / 1000;
      trainSeconds += seconds;
      dataSeconds += waited;
      totals = addStep(totals, { loss, top1, skipped, seconds, dataSeconds: waited });
      hooks.onBatchEnd({
        epoch,
        stepInEpoch,
        stepsPerEpoch,
        step,
        totalSteps,
        batchSize,
        loss,
        top1,
        meanLoss: meansOf(totals).loss,
        skipped,
        lossScale,
        learningRate,
        lambda,
        seconds,
        dataSeconds: waited,
      });

      const interrupted = signal?.aborted ?? false;
      const due = checkpointInterval !== null && step % checkpointInterval === 0;
      if (interrupted || (due && totals.steps < stepsPerEpoch)) {
        const position = { epoch, stepInEpoch: totals.steps, totals, best, lossScale };
        await saveRun(session, runFolder, step, position);
      }
      if (interrupted) return end(false);
      stepStart = performance.now();
    }

    const evaluated = epoch === epochs - 1 || (epoch + 1) % config.evalInterval === 0;
    evaluation =
      evaluated && !signal?.aborted
        ? await evaluateModel(runner, dataset, {
            batchSize: config.evalBatchSize,
            epoch,
            onBatchEnd: hooks.onEvaluateBatchEnd,
            ...loading,
          })
        : null;
    if (signal?.aborted) {
      const position = { epoch, stepInEpoch: totals.steps, totals, best, lossScale };
      await saveRun(session, runFolder, step, position);
      return end(false);
    }
    const isBest = evaluation !== null && (best === null || evaluation.top1 > best.top1);
    if (isBest) best = { top1: evaluation!.top1, epoch };
    hooks.onEpochEnd({
      epoch,
      epochs,
      step,
      trainLoss: meansOf(totals).loss,
      trainTop1: 100 * meansOf(totals).top1,
      evaluation,
      isBest,
      lossScale,
      learningRate,
      seconds: totals.seconds,
      dataSeconds: totals.dataSeconds,
      imagesPerSecond: (totals.steps * batchSize) / totals.seconds,
    });
    const next = { ...beginning, epoch: epoch + 1, best, lossScale };
    await saveRun(session, runFolder, step, next, isBest);
  }
  return end(true);
}

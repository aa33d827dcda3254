import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { countParameters } from '@bag-of-tricks/resnet-variants';
import { openCheckpoint } from "./checkpoint/load.js";
import { saveCheckpoint } from "./checkpoint/save.js";
import { parseConfig } from "./config/parse.js";
import { trainBatches, trainSize } from "./data/batches.js";
import { evaluateModel } from "./evaluate-model.js";
import { csvLog } from "./log/csv.js";
import { combineHooks } from "./log/hooks.js";
import { jsonlLog } from "./log/jsonl.js";
import { addStep, beginning, drawLambda, meansOf } from "./progress.js";
import { reportLog } from "./report/report.js";
import { describeEnvironment } from "./run/environment.js";
import { createRunFolder } from "./run/folder.js";
import { openSession } from "./session.js";
import { checkWeights, stepCheck } from "./step/check-finite.js";
import { lossScaleAfter } from "./step/loss-scaling.js";
/**
 * Train a network by the recipe (He et al. 2019) and leave a run folder: `args.yaml`, `env.json`, `summary.csv`, `metrics.jsonl`, `report.html`
 * and `checkpoints/{last,best}`.
 *
 * @throws ConfigError when the configuration does not fit.
 * @throws DivergenceError when the loss or a weight is no longer finite; the last checkpoint stays.
 * @throws Error when data or a teacher is missing.
 */
export async function train(input, options = {}) {
    const config = parseConfig(input);
    const session = await openSession(config, null, options.onProgress);
    const imageSize = session.dataset.imageShape[0];
    return runToEnd(session, beginning, options, () => createRunFolder(session.config, { imageSize, now: new Date() }));
}
/**
 * Go on with an interrupted run, exactly as if it had not been interrupted.
 *
 * @throws Error when the folder holds no whole checkpoint.
 */
export async function resumeTraining(runFolder, options = {}) {
    const checkpoint = await openCheckpoint(join(runFolder, 'checkpoints', 'last'), 'last');
    const session = await openSession(checkpoint.state.config, checkpoint, options.onProgress);
    return runToEnd(session, checkpoint.state, options, () => runFolder);
}
async function runToEnd(session, start, options, openFolder) {
    try {
        return await runEpochs(session, start, options, openFolder());
    }
    finally {
        await session.dispose();
    }
}
/** The loop: epochs of steps, and after each epoch an evaluation and a checkpoint. */
async function runEpochs(session, start, { hooks: userHooks = [], signal }, runFolder) {
    const { config, dataset, model, runner, schedule, stepsPerEpoch } = session;
    const { batchSize, epochs, checkpointInterval } = config;
    const totalSteps = epochs * stepsPerEpoch;
    const firstStep = start.epoch * stepsPerEpoch + start.stepInEpoch;
    const environment = describeEnvironment(session.backend, session.precision, new Date());
    writeFileSync(join(runFolder, 'env.json'), `${JSON.stringify(environment, null, 2)}\n`);
    const hooks = combineHooks([
        csvLog(join(runFolder, 'summary.csv'), { firstEpoch: start.epoch }),
        jsonlLog(join(runFolder, 'metrics.jsonl'), { firstStep }),
        reportLog(runFolder),
        ...userHooks,
    ]);
    hooks.onTrainBegin({
        config,
        runFolder,
        environment,
        parameters: countParameters(model),
        trainSamples: trainSize(dataset, config.limitSamples),
        evalSamples: dataset.eval.size,
        stepsPerEpoch,
        firstStep,
    });
    let step = firstStep;
    let trainSeconds = 0;
    let { best, lossScale } = start;
    let evaluation = null;
    const checkStep = stepCheck(session.lossScaling);
    const end = (finished) => {
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
        };
        hooks.onTrainEnd(result);
        return result;
    };
    for (let epoch = start.epoch; epoch < epochs; epoch++) {
        const continued = epoch === start.epoch ? start : beginning;
        let { totals } = continued;
        let learningRate = schedule(Math.max(0, step - 1));
        let stepStart = performance.now();
        const batches = trainBatches(dataset, {
            ...config,
            epoch,
            firstStep: continued.stepInEpoch,
            stepsPerEpoch,
        });
        for (const batch of batches) {
            const dataSeconds = (performance.now() - stepStart) / 1000;
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
            totals = addStep(totals, { loss, top1, skipped, seconds });
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
                dataSeconds,
            });
            const interrupted = signal?.aborted ?? false;
            const due = checkpointInterval !== null && step % checkpointInterval === 0;
            if (interrupted || (due && totals.steps < stepsPerEpoch)) {
                const position = { epoch, stepInEpoch: totals.steps, totals, best, lossScale };
                await saveRun(session, runFolder, step, position);
            }
            if (interrupted)
                return end(false);
            stepStart = performance.now();
        }
        const evaluated = epoch === epochs - 1 || (epoch + 1) % config.evalInterval === 0;
        evaluation = evaluated
            ? await evaluateModel(runner, dataset, {
                batchSize: config.evalBatchSize,
                onBatchEnd: hooks.onEvaluateBatchEnd,
                ...(signal && { signal }),
            })
            : null;
        if (signal?.aborted) {
            const position = { epoch, stepInEpoch: totals.steps, totals, best, lossScale };
            await saveRun(session, runFolder, step, position);
            return end(false);
        }
        const isBest = evaluation !== null && (best === null || evaluation.top1 > best.top1);
        if (isBest)
            best = { top1: evaluation.top1, epoch };
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
            imagesPerSecond: (totals.steps * batchSize) / totals.seconds,
        });
        const next = { ...beginning, epoch: epoch + 1, best, lossScale };
        await saveRun(session, runFolder, step, next, isBest);
    }
    return end(true);
}
/** Write a checkpoint of where the run stands, unless its weights are no longer finite. */
async function saveRun({ config, dataset, model, optimizer, runner }, runFolder, step, position, isBest = false) {
    await runner.sync();
    await checkWeights(model, step);
    const { imageShape, classNames, mean, std } = dataset;
    const { epoch, stepInEpoch, totals, best, lossScale } = position;
    const state = {
        formatVersion: 1,
        epoch,
        stepInEpoch,
        totals,
        best,
        lossScale,
        imageShape: [...imageShape],
        classNames: [...classNames],
        mean: [...mean],
        std: [...std],
        config,
    };
    await saveCheckpoint(join(runFolder, 'checkpoints'), { model, optimizer, step, state }, { best: isBest });
}
//# sourceMappingURL=train.js.map
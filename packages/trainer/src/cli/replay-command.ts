import { dumpPrefix, printable } from '@bag-of-tricks/run-folder';
import type { Stage, Trick } from '@bag-of-tricks/train-step';
import type { Command } from 'commander';
import { type Replayed, replay } from '../replay.ts';
import { rounded } from '../run/divergence.ts';
import { createCommand } from './command.ts';
import { pluginOption } from './plugins.ts';

const someNames = 5;

function listed(names: readonly string[]): string {
  const more = names.length > someNames ? ` and ${names.length - someNames} more` : '';
  return names.slice(0, someNames).join(', ') + more;
}

/** The stages of many tensors, each of a layer. */
const named = new Set<string>(['weights', 'gradients', 'gradients after tricks', 'statistics']);

function formatStage({ name, nonFinite, size, layers }: Stage): string {
  const label = name.padEnd(22);
  if (nonFinite === 0) return `${label} finite`;
  const where = named.has(name) ? `: ${listed(layers)}` : '';
  return `${label} ${nonFinite} of ${size} are NaN or infinite${where}`;
}

/** The network is another one in evaluation: it normalises by running statistics, which lag behind weights that grow fast. */
function describeEvaluation(loss: number, finite: boolean): string {
  const start = `In evaluation mode: loss ${loss}`;
  if (!Number.isFinite(loss)) return `${start} for the same images, with running statistics`;
  return finite
    ? `${start} for the same images: other images of the evaluation overflowed. Lower the learning rate (--lr-base)`
    : start;
}

/** The lines of a replayed step. */
export function formatReplay({ step, loss, finite, evaluated, probe }: Replayed): string[] {
  const { lastFinite, images, draws } = step;
  const drawn = Object.entries(draws).filter(([, value]) => typeof value === 'number');
  const { first } = probe;
  const beside = first?.layer ? `, at or after ${first.layer}` : '';
  return [
    `Step ${step.step}: epoch ${step.epoch}, learning rate ${rounded(step.learningRate)}, seed ${step.seed}; the run got a loss of ${step.loss}`,
    ...(step.weights === 'after'
      ? ['The weights are those after the step: they, or their evaluation, were not finite']
      : []),
    ...(lastFinite
      ? [`Last finite loss: ${rounded(lastFinite.loss)} at step ${lastFinite.step}`]
      : []),
    ...(drawn.length > 0
      ? [`Drawn: ${drawn.map(([name, value]) => `${name} ${value}`).join(', ')}`]
      : []),
    ...(images ? [`Images: ${listed(images)}`] : []),
    `Taken again: loss ${loss}, ${finite ? 'everything is finite' : 'not everything is finite, as in the run'}`,
    `Op by op: loss ${probe.loss}`,
    ...probe.stages.map(formatStage),
    ...(evaluated === null ? [] : [describeEvaluation(evaluated, finite)]),
    ...(first ? [`First: the result of ${first.kernel} in the ${first.pass} pass${beside}`] : []),
  ];
}

/** `bag-of-tricks replay <dump>`: take the step again that ended a run with numbers that are not finite. */
export function replayCommand(plugins: readonly Trick[] = []): Command {
  return createCommand('replay')
    .description(
      'take the step again at which a run diverged, and say where it leaves the finite numbers',
    )
    .argument('<dump>', `folder ${dumpPrefix}<n> of a run`)
    .addOption(pluginOption())
    .action(async (folder: string) => {
      const print = (line: string) => process.stdout.write(`${printable(line)}\n`);
      for (const line of formatReplay(await replay(folder, { plugins, onProgress: print })))
        print(line);
    });
}

import { counted, formatDuration } from '@bag-of-tricks/run-folder';
import { nativeBackend } from '../backend.ts';
import type { Choice, Circumstances } from '../config/choose-settings.ts';
import type { TrainConfig } from '../config/schema.ts';
import type { ImagesSeen } from '../data/look-at-images.ts';
import { gigabytes } from '../run/machine-memory.ts';

type Machine = Required<Pick<Circumstances, 'processes' | 'cores' | 'memory' | 'gpuMemory'>>;

/** What a run starts from, and for weights how they are trained on. */
function startOf({ pretrained, linearProbe, optimizer, learningRate }: TrainConfig): string {
  if (pretrained === null) return 'from scratch (--pretrained starts from trained weights)';
  if (linearProbe) return 'a new last layer on trained weights';
  return `from trained weights by ${optimizer.name} at ${learningRate.base}, as the recipe fine-tuning says`;
}

/** The lines that say what was chosen and why. */
export function formatChoice(
  config: TrainConfig,
  { trainImages, classes, shorterSide }: ImagesSeen,
  { processes, cores, memory, gpuMemory }: Machine,
  choice: Choice,
): string[] {
  const { model, imageSize, batchSize, epochs, reasons, memoryEstimate, secondsEstimate } = choice;
  const side = shorterSide === null ? '' : `, shorter side mostly ${shorterSide} px`;
  // The estimate is of steps by TensorFlow's library.
  const isKnown = secondsEstimate !== null && config.backend === nativeBackend;
  const time = !isKnown ? '' : `, ${formatDuration(secondsEstimate)} of steps`;
  return [
    `${config.dataDir}: ${trainImages} training images of ${classes} classes${side}; here are ${counted(cores, 'core')}${gpuMemory === null ? '' : `, a GPU of ${gigabytes(gpuMemory)}`} and ${gigabytes(memory)} of memory${processes > 1 ? ` for each of ${processes} processes` : ''}`,
    `Chosen for that: --model ${model} --image-size ${imageSize} --batch-size ${batchSize} --epochs ${epochs}, ${[startOf(config), ...reasons].join('; ')}`,
    `By the network's multiply-adds: about ${gigabytes(memoryEstimate)} of memory${gpuMemory === null ? '' : ' on the GPU'}${time}; ${processes > 1 ? '--dry-run tells better, by steps of all processes' : 'a timed step will tell better'}`,
  ];
}

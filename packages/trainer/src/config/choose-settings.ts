import { countsOf } from '../networks.ts';

/** What settings are chosen by. */
export interface Circumstances {
  readonly trainImages: number;
  readonly evalImages: number;
  readonly classes: number;
  /** The median of the images' shorter sides, in pixels. */
  readonly shorterSide: number;
  /** How many train together, each with a batch of its own. Default: 1. */
  readonly processes?: number;
  /** Of a process. */
  readonly cores: number;
  /** Bytes that the process may use. */
  readonly memory: number;
  /** Bytes of a GPU's memory, where the tensors of a step are then; null without one. */
  readonly gpuMemory: number | null;
  /** Bytes of decoded images that will be kept in memory. */
  readonly cacheBytes: number;
  /** Whether training starts from trained weights. */
  readonly pretrained: boolean;
  /** Whether the last layer alone is trained, on features that are computed once. */
  readonly linearProbe: boolean;
}

/** The settings that can be chosen. */
export interface Choices {
  readonly model: string;
  readonly imageSize: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly evalBatchSize: number;
  /** Of a linear probe that would else evaluate after every few steps; null for whole epochs. */
  readonly stepsPerEpoch: number | null;
}

/** The settings without which there is nothing to train, by their paths: they are chosen where one of them is open. */
export const chosenPaths = ['model', 'input.imageSize', 'batchSize', 'epochs'] as const;

/** What was chosen, what is expected of it, and why. */
export interface Choice extends Choices {
  /** Bytes, of the GPU where there is one; before anything is traced. */
  readonly memoryEstimate: number;
  /** Of the steps of training, on the CPU; null on a GPU, whose speed is not known. */
  readonly secondsEstimate: number | null;
  readonly reasons: readonly string[];
}

/** A depthwise network takes as long as a ResNet of so many times its multiply-adds. */
const depthwise = 3;

/** Of a 224-pixel image: multiply-adds forward, and bytes that it adds to a training step, within a quarter of what dry runs of four networks took. */
function costOf(model: string) {
  const { multiplyAdds, activations, isDepthwise } = countsOf(model) ?? countsOf('resnet50d')!;
  return {
    multiplyAdds: multiplyAdds * (isDepthwise ? depthwise : 1),
    bytes: 10 * activations + 10e6,
  };
}

/** Bytes that a 224-pixel image takes in a forward pass alone: 8 to 10 MB in networks of all these kinds. */
const forwardBytes = 10e6;

/** What suits so many training images, where memory and time allow it; the first row that they reach. */
interface Plan extends Omit<Choices, 'evalBatchSize' | 'stepsPerEpoch'> {
  readonly from: number;
}

/** A batch of evaluation, where memory allows it. */
const evalBatch = 250;

const scratch: readonly Plan[] = [
  // The paper's recipe (table 6), which no hour on a CPU shortens.
  { from: 500_000, model: 'resnet50d', imageSize: 224, batchSize: 1024, epochs: 200 },
  { from: 50_000, model: 'resnet50d', imageSize: 224, batchSize: 256, epochs: 120 },
  { from: 10_000, model: 'resnet34d', imageSize: 224, batchSize: 128, epochs: 90 },
  { from: 0, model: 'resnet18d', imageSize: 224, batchSize: 64, epochs: 60 },
];
/** As measured on 2,000 and 20,000 images (results/README.md): few epochs in small batches. */
const tuning: readonly Plan[] = [
  { from: 50_000, model: 'resnet50d', imageSize: 224, batchSize: 64, epochs: 4 },
  { from: 0, model: 'resnet50d', imageSize: 224, batchSize: 32, epochs: 4 },
];
/** Fine-tuning takes the steps that were measured on 2,000 images, in no more epochs than so many. */
const tuned = { steps: 248, epochs: 60 };
const probing: readonly Plan[] = [
  { from: 0, model: 'resnet50d', imageSize: 224, batchSize: 256, epochs: 10 },
];
/** Steps of a probe between two evaluations: as long as these and a checkpoint take, or less. */
const probeSteps = 100;
const paperFrom = scratch[0]!.from;

/** Images of so few pixels are for the networks of CIFAR. */
const tiny = 64;
const sizes = [224, 192, 160, 128, 96] as const;
/** Multiply-adds a second and core, about half of what our bench shows with AVX-512. */
const speed = 25e9;
const longest = 3600;
/** Library, program, decoders and their queues; on a GPU, what its libraries keep there. */
const fixedBytes = { host: 1.5e9, gpu: 0.5e9 };
/** Of the memory, the rest of which is left to the system. */
const usable = 0.8;
/** Of a probe: images at once while features are computed, and bytes of those of an image. */
const probed = { images: 64, bytes: 4 * 2048 };

const processesOf = ({ processes = 1 }: Circumstances) => processes;

/** A step is three forward passes; a probe is one over all images, whatever its epochs. Processes share the images. */
const secondsOf = (at: Circumstances, { model, imageSize, epochs }: Omit<Plan, 'from'>) =>
  ((at.linearProbe ? 1 : 3 * epochs) *
    costOf(model).multiplyAdds *
    (imageSize / 224) ** 2 *
    at.trainImages) /
  (speed * at.cores * processesOf(at));

/** Memory for what differs from choice to choice. */
const roomOf = ({ gpuMemory, memory, cacheBytes }: Circumstances) =>
  gpuMemory === null
    ? usable * memory - fixedBytes.host - cacheBytes
    : usable * gpuMemory - fixedBytes.gpu;

const scaleOf = ({ imageSize }: Pick<Choices, 'imageSize'>) => (imageSize / 224) ** 2;

/** A step of training or of evaluation, the larger; of a probe, the features and the pass that computes them. */
function stepBytes(at: Circumstances, choice: Omit<Choices, 'stepsPerEpoch'>): number {
  const { model, batchSize, evalBatchSize } = choice;
  const { trainImages, evalImages, gpuMemory } = at;
  const scale = scaleOf(choice);
  const evaluation = forwardBytes * Math.min(evalBatchSize, evalImages);
  if (!at.linearProbe) return scale * Math.max(costOf(model).bytes * batchSize, evaluation);
  const features = gpuMemory === null ? probed.bytes * (trainImages + evalImages) : 0;
  return features + scale * forwardBytes * Math.min(probed.images, evalBatchSize);
}

/** Few images are seen more often. */
function tuningEpochs(at: Circumstances, { epochs }: Plan, batchSize: number): number {
  const steps = Math.max(1, Math.floor(at.trainImages / (batchSize * processesOf(at))));
  return Math.max(epochs, Math.min(tuned.epochs, Math.ceil(tuned.steps / steps)));
}

const powerBelow = (n: number) => 2 ** Math.floor(Math.log2(Math.max(1, n)));

/** The largest batch that leaves sixteen steps an epoch, or is eight images; fits the memory, and the images. */
function fittingBatch(at: Circumstances, plan: Plan): number {
  // The features of a probe fit whatever the batch.
  const perImage = at.linearProbe ? 0 : costOf(plan.model).bytes * scaleOf(plan);
  const own = at.trainImages / processesOf(at);
  const wanted = Math.min(plan.batchSize, Math.max(8, own / 16));
  return Math.max(2, powerBelow(Math.min(wanted, roomOf(at) / perImage, own)));
}

/** Smaller images until the run takes an hour on a CPU and eight of them fit the memory; then fewer epochs for the hour, down to a third. */
function fitted(at: Circumstances, plan: Plan, given: Partial<Choices>): Plan {
  const hurries = at.gpuMemory === null && at.trainImages < paperFrom;
  const isShort = (one: Plan) => !hurries || secondsOf(at, one) <= longest;
  const fits = (one: Plan) =>
    isShort(one) &&
    stepBytes(at, { ...one, batchSize: Math.min(8, one.batchSize), evalBatchSize: 1 }) <=
      roomOf(at);
  const smaller = sizes.filter((size) => size < plan.imageSize);
  const sized = [plan, ...smaller.map((imageSize) => ({ ...plan, imageSize }))];
  const isFixed = given.imageSize !== undefined || at.pretrained;
  const resized = isFixed ? plan : (sized.find(fits) ?? sized.at(-1)!);
  if (given.epochs !== undefined || isShort(resized)) return resized;
  const affordable = Math.floor((resized.epochs * longest) / secondsOf(at, resized));
  return { ...resized, epochs: Math.max(Math.ceil(plan.epochs / 3), affordable) };
}

/**
 * Chooses network, image size, batch size and epochs for a folder of images and a machine; what is given stays, and the rest is
 * chosen around it. From half a million images on it is the paper's recipe, in batches that fit the memory.
 *
 * @throws RangeError for fewer than two training images or classes.
 */
export function chooseSettings(at: Circumstances, given: Partial<Choices> = {}): Choice {
  if (at.trainImages < 2 || at.classes < 2) {
    throw new RangeError(
      `chooseSettings: expected at least 2 training images and 2 classes, got ${at.trainImages} and ${at.classes}. Add images`,
    );
  }
  const trained = at.linearProbe ? probing : tuning;
  const table = at.pretrained ? trained : scratch;
  const row = table.find(({ from }) => at.trainImages >= from)!;
  const small = at.shorterSide < tiny && !at.pretrained;
  const most = Math.max(32, 32 * Math.floor(at.shorterSide / 32));
  const asked = {
    ...row,
    ...(small && { model: 'resnet20d' }),
    imageSize: at.pretrained ? row.imageSize : Math.min(row.imageSize, most),
    ...given,
  };
  const tunes = at.pretrained && !at.linearProbe && given.epochs === undefined;
  const batchOf = (one: Plan) => given.batchSize ?? fittingBatch(at, one);
  const plan = tunes ? { ...asked, epochs: tuningEpochs(at, row, batchOf(asked)) } : asked;
  const fit = fitted(at, plan, given);
  const batchSize = batchOf(fit);
  // A probe is scored on features too.
  const evalImages = roomOf(at) / (at.linearProbe ? 0 : forwardBytes * scaleOf(fit));
  const { model, imageSize, epochs } = fit;
  const evalBatchSize =
    given.evalBatchSize ?? Math.min(evalBatch, Math.max(1, Math.floor(evalImages)));
  const isShort = at.linearProbe && Math.floor(at.trainImages / batchSize) < probeSteps;
  const stepsPerEpoch = given.stepsPerEpoch ?? (isShort ? probeSteps : null);
  const chosen = { model, imageSize, batchSize, epochs, evalBatchSize, stepsPerEpoch };
  const fixed = at.gpuMemory === null ? fixedBytes.host + at.cacheBytes : fixedBytes.gpu;
  const reasons = [
    at.trainImages >= paperFrom && !at.pretrained && "the paper's recipe",
    !given.model && !at.pretrained && small && `a network for images of ${at.shorterSide} px`,
    fit.imageSize < plan.imageSize && 'smaller images, for time and memory',
    fit.epochs < plan.epochs && 'fewer epochs, for time',
    tunes &&
      fit.epochs > row.epochs &&
      fit.epochs === plan.epochs &&
      `${plan.epochs} epochs, for ${tuned.steps} steps where the images are few`,
    stepsPerEpoch === probeSteps &&
      !given.stepsPerEpoch &&
      `--steps-per-epoch ${probeSteps}, for evaluations and checkpoints take longer than its steps`,
    !given.batchSize && batchSize < row.batchSize && batchReason(at, { ...fit, batchSize }),
    evalBatchSize < (given.evalBatchSize ?? evalBatch) &&
      `evaluation in batches of ${evalBatchSize} that fit the memory`,
  ];
  return {
    ...chosen,
    memoryEstimate: fixed + stepBytes(at, chosen),
    secondsEstimate: at.gpuMemory === null ? secondsOf(at, chosen) : null,
    reasons: reasons.filter((reason) => reason !== false),
  };
}

const batchReason = (at: Circumstances, plan: Plan) =>
  stepBytes(at, { ...plan, batchSize: 2 * plan.batchSize, evalBatchSize: 1 }) > roomOf(at)
    ? 'a batch that fits the memory'
    : 'a batch that leaves steps enough in an epoch';

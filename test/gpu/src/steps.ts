import { findLibrary, registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { LoadedGraph, openTensorFlow } from '@bag-of-tricks/libtensorflow/native';
import { type TrainConfigInput, traceSteps } from '@bag-of-tricks/trainer';
import { describeStep, type StepTable } from './describe.ts';
import { type GraphNode, graphNodes, needed } from './graph-def.ts';
import { outputTypes } from './kernels.ts';
import type { KernelTable } from './place.ts';

/** A compiled step: what runs of a graph, what is fed, and what is read back. */
export interface Step {
  readonly name: string;
  readonly graphDef: Uint8Array;
  readonly nodes: readonly GraphNode[];
  readonly fed: ReadonlySet<string>;
  readonly fetched: readonly string[];
}

interface Recipe {
  readonly name: string;
  readonly config: Partial<TrainConfigInput>;
  readonly processes?: number;
  /** Its evaluation besides. */
  readonly evaluation?: string;
  /** What brings the next batch to the GPU besides. */
  readonly next?: string;
}

const batchSize = 256;
const imageSize = 224;

/** The paper's recipe, and what it may be run with. */
export const RECIPES: readonly Recipe[] = [
  {
    ...{ name: 'float32', config: {}, evaluation: 'evaluation' },
    next: 'the next batch, beside a step',
  },
  { name: 'float16, loss scaling', config: { amp: { dtype: 'float16' } } },
  {
    name: 'bfloat16',
    config: { amp: { dtype: 'bfloat16' } },
    evaluation: 'evaluation in bfloat16',
  },
  {
    name: 'fine-tuning, AdamW, two stages frozen',
    config: {
      optimizer: { name: 'adamw', weightDecay: 0.01 },
      fineTuning: { freeze: ['stem', 'stage1'] },
      mixup: null,
    },
  },
  { name: 'two processes', config: {}, processes: 2 },
  {
    name: 'every other trick',
    config: {
      ...{ stochasticDepth: {}, cutmix: {}, randAugment: {}, randomErasing: {}, ema: {} },
      ...{ gradientClipping: {}, gradientAccumulation: { steps: 2 }, loss: 'bce' },
    },
  },
];

/** Makes the backend answer as if it ran on a GPU, so that graphs are traced as there. */
async function pretendGpu(): Promise<void> {
  const { binding } = await registerTensorFlowBackend();
  Object.defineProperty(binding, 'isUsingGpuDevice', { value: () => true, configurable: true });
}

const namesOf = (nodes: readonly GraphNode[], pattern: RegExp) =>
  nodes.map(({ name }) => name).filter((name) => pattern.test(name));

function stepOf(name: string, graphDef: Uint8Array, before: ReadonlySet<string>): Step {
  const added = graphNodes(graphDef).filter((node) => !before.has(node.name));
  const fetched = namesOf(added, /^outputs\//);
  return ran(name, graphDef, fetched, namesOf(added, /^update(_\d+)?$/));
}

/** What runs of a graph for these nodes. */
function ran(
  name: string,
  graphDef: Uint8Array,
  fetched: readonly string[],
  targets: readonly string[],
): Step {
  const nodes = needed(graphNodes(graphDef), [...fetched, ...targets]);
  const fed = new Set(nodes.filter(({ op }) => op === 'Placeholder').map((node) => node.name));
  return { name, graphDef, nodes, fed, fetched };
}

/** The compiled steps of a recipe for ResNet-50-D at 224 pixels, as they would be on a GPU. Nothing is run. */
export async function traceRecipe({
  name,
  config,
  processes = 1,
  evaluation,
  next,
}: Recipe): Promise<Step[]> {
  await pretendGpu();
  const size = {
    imageSize,
    numClasses: 1000,
    trainSamples: batchSize * processes,
    evalSamples: 8,
  };
  const { train, evaluate } = await traceSteps(
    {
      ...{ model: 'resnet50d', dataset: 'synthetic', synthetic: size, batchSize, epochs: 10 },
      // What images of files have by default.
      augment: { colorJitter: 0.4, pcaNoise: 0.1 },
      ...config,
      evalBatchSize: batchSize,
    },
    { processes },
  );
  const before = new Set(graphNodes(train).map((node) => node.name));
  return [
    stepOf(name, train, new Set()),
    ...(next ? [ran(next, train, [], ['stage/images/put', 'stage/images/clear'])] : []),
    ...(evaluation ? [stepOf(evaluation, evaluate, before)] : []),
  ];
}

/** Places the steps of a recipe; TensorFlow infers the shapes of their tensors. */
export async function describeRecipe(
  steps: readonly Step[],
  table: KernelTable,
): Promise<StepTable[]> {
  const { api } = openTensorFlow(await findLibrary());
  return steps.map((step) => {
    const graph = LoadedGraph.fromGraphDef(api, step.graphDef);
    try {
      return describeStep(step, table, {
        // What brings a batch to the GPU takes any shape.
        shapeOf: (output) => graph.shapeOf(output) ?? [batchSize, imageSize, imageSize, 3],
        typeOf: (node, index) => outputTypes(node, table.ops[node.op]!)[index]!,
      });
    } finally {
      graph.dispose();
    }
  });
}

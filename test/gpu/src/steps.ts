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
}

const batchSize = 256;

/** The paper's recipe, and what it may be run with. */
export const RECIPES: readonly Recipe[] = [
  { name: 'float32', config: {}, evaluation: 'evaluation' },
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
  const all = graphNodes(graphDef);
  const added = all.filter((node) => !before.has(node.name));
  const fetched = namesOf(added, /^outputs\//);
  const nodes = needed(all, [...fetched, ...namesOf(added, /^update(_\d+)?$/)]);
  const fed = new Set(nodes.filter(({ op }) => op === 'Placeholder').map((node) => node.name));
  return { name, graphDef, nodes, fed, fetched };
}

/** The compiled steps of a recipe for ResNet-50-D at 224 pixels, as they would be on a GPU. Nothing is run. */
export async function traceRecipe({
  name,
  config,
  processes = 1,
  evaluation,
}: Recipe): Promise<Step[]> {
  await pretendGpu();
  const size = {
    imageSize: 224,
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
  const steps = [stepOf(name, train, new Set())];
  if (evaluation === undefined) return steps;
  const before = new Set(graphNodes(train).map((node) => node.name));
  return [...steps, stepOf(evaluation, evaluate, before)];
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
        shapeOf: (output) => graph.shapeOf(output),
        typeOf: (node, index) => outputTypes(node, table.ops[node.op]!)[index]!,
      });
    } finally {
      graph.dispose();
    }
  });
}

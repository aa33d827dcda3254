import { type CompileOptions, compile, type Profile } from '@bag-of-tricks/graph';
import type { Batch, ColorVariation } from '../data/dataset.ts';
import type { RunnerParts, Scorer, ScorerParts, StepRunner, StepSettings } from './runner.ts';

const scalar = { shape: [], dtype: 'float32' } as const;

/** A runner that can say where the time of a step goes. */
export interface CompiledRunner extends StepRunner {
  /** Take one training step and answer the time of each type of op. */
  profile(batch: Batch, settings: StepSettings): Promise<Profile>;
}

/** Any number of images, as bytes, with their classes. Another batch size, such as the last of an evaluation, is traced once. */
function batchInputs(imageShape: ScorerParts['imageShape']) {
  return {
    images: { shape: [null, ...imageShape], dtype: 'uint8' },
    labels: { shape: [null], dtype: 'int32' },
  } as const;
}

/** The colours where the dataset varies them. They are an input or none, which the types of a graph's inputs cannot say. */
function colorInput(variation: ColorVariation | null): { colors: ColorSpec } {
  const colors: ColorSpec | null = variation && {
    shape: [null, variation.columns],
    dtype: 'float32',
  };
  return { ...(colors && { colors }) } as { colors: ColorSpec };
}

type ColorSpec = { readonly shape: readonly [null, number]; readonly dtype: 'float32' };

function inputsOf({ images, labels, colors }: Batch) {
  return { images, labels, ...(colors && { colors }) } as Pick<
    Required<Batch>,
    'images' | 'labels' | 'colors'
  >;
}

/** Scores each batch by one call of a native graph. */
export async function compiledScorer(
  { evalStep, imageShape }: ScorerParts,
  options: Pick<CompileOptions<never>, 'shareStateWith'> = {},
): Promise<Scorer> {
  const step = await compile(evalStep, { inputs: batchInputs(imageShape), ...options });
  return {
    evaluate: ({ images, labels }) => step.run({ images, labels }),
    dispose: () => step.dispose(),
  };
}

/** Runs each step as one call of a native graph on another thread; training and evaluation share its variables. */
export async function compiledRunner({
  trainStep,
  colorVariation,
  ...parts
}: RunnerParts): Promise<CompiledRunner> {
  const step = await compile(trainStep, {
    inputs: {
      ...batchInputs(parts.imageShape),
      ...colorInput(colorVariation),
      learningRate: scalar,
      lambda: scalar,
    },
  });
  const scorer = await compiledScorer(parts, { shareStateWith: step as never });
  return {
    ...scorer,
    train: (batch, settings) => step.run({ ...inputsOf(batch), ...settings }),
    profile: (batch, settings) => step.profile({ ...inputsOf(batch), ...settings }),
    sync: () => step.sync(),
    async dispose() {
      await scorer.dispose();
      await step.dispose();
    },
  };
}

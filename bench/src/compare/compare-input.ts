import type { InputContestant } from '../contestants/input-contestants.ts';
import type { InputResult, InputSpec } from '../contestants/input-spec.ts';
import { runChild } from '../contestants/run-child.ts';
import { type CheckedImages, imageDifference, requireSameImages } from './check-images.ts';
import { type InputRatio, type InputSummary, inputRatio, summarizeInput } from './input-summary.ts';
import { alternate } from './rounds.ts';

/** How a comparison is run. */
export interface CompareInputOptions {
  readonly contestants: readonly InputContestant[];
  readonly python: string;
  readonly rounds: number;
  readonly report: (text: string) => void;
}

/** One kind of input, loaded by all. */
export interface InputReport {
  readonly transform: InputSpec['transform'];
  readonly antialias: boolean;
  /** Of mean pixels, of 255. */
  readonly largestDifference: number;
  readonly contestants: readonly InputSummary[];
  readonly ratio: InputRatio | null;
  readonly rounds: Readonly<Record<string, readonly Omit<InputResult, 'imageMeans'>[]>>;
}

/** The kind of input as a reader names it. */
export function inputTitle({
  transform,
  antialias,
}: Pick<InputSpec, 'transform' | 'antialias'>): string {
  return `${transform}, ${antialias ? 'with' : 'without'} antialias`;
}

/**
 * Measures all contestants on one kind of input, in alternating rounds of one process each.
 *
 * @throws Error as soon as a contestant's images differ from those of the first one.
 */
export async function compareInput(
  spec: InputSpec,
  { contestants, python, rounds, report }: CompareInputOptions,
): Promise<InputReport> {
  const { transform, antialias } = spec;
  let reference: CheckedImages | undefined;
  let largestDifference = 0;
  const run = async (name: string, round: number) => {
    const contestant = contestants.find((candidate) => candidate.name === name)!;
    const result = await runChild<InputResult>(contestant.command(spec, python));
    reference ??= { name, result };
    requireSameImages(reference, { name, result }, transform);
    const difference = imageDifference(reference, { name, result }, transform);
    largestDifference = Math.max(largestDifference, difference);
    const { imageMeans: _, ...figures } = result;
    const speed = summarizeInput({ name, side: contestant.side }, [figures]).imagesPerSecond.median;
    report(
      `${inputTitle(spec)}, round ${round + 1}/${rounds}: ${name} ${speed.toFixed(0)} images/s`,
    );
    return figures;
  };
  const names = contestants.map(({ name }) => name);
  const results = await alternate(names, { rounds, run });
  const summaries = contestants.map((contestant) =>
    summarizeInput(contestant, results.get(contestant.name)!),
  );
  return {
    transform,
    antialias,
    largestDifference,
    contestants: summaries,
    ratio: inputRatio(summaries, { antialias }),
    rounds: Object.fromEntries(results),
  };
}

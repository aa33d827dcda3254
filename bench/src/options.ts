import { InvalidArgumentError } from 'commander';

/** A whole number that is at least `minimum`. */
export function wholeNumber(minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= minimum) return value;
    throw new InvalidArgumentError(`Expected a whole number of at least ${minimum}.`);
  };
}

/** Names with commas between them. */
export function names(text: string): string[] {
  const entries = text.split(',').map((entry) => entry.trim());
  if (entries.every((entry) => entry !== '')) return entries;
  throw new InvalidArgumentError('Expected names with commas between them.');
}

/** Whole numbers from 1 with commas between them. */
export function wholeNumbers(text: string): number[] {
  return names(text).map(wholeNumber(1));
}

/** Some of `choices`, with commas between them. */
export function someOf<T extends string>(choices: readonly T[]): (text: string) => T[] {
  return (text) =>
    names(text).map((name) => {
      const choice = choices.find((candidate) => candidate === name);
      if (choice !== undefined) return choice;
      throw new InvalidArgumentError(`Expected some of ${choices.join(', ')}.`);
    });
}

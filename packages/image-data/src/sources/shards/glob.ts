/** More names than any data set has shards. */
const MAX_NAMES = 100_000;

/** Writes out `{000..146}` and `{a,b}` as shells and WebDataset do. */
export function expandBraces(name: string): string[] {
  const brace = /\{([^{}]*)\}/.exec(name);
  if (brace === null) return [name];
  const before = name.slice(0, brace.index);
  const after = name.slice(brace.index + brace[0].length);
  const names = choicesOf(brace[1]!).flatMap((choice) => expandBraces(before + choice + after));
  if (names.length > MAX_NAMES) throw tooMany(name);
  return names;
}

function choicesOf(content: string): string[] {
  const range = /^(\d+)\.\.(\d+)$/.exec(content);
  if (range === null) return content.split(',');
  const [first, last] = [Number(range[1]), Number(range[2])];
  if (last - first >= MAX_NAMES) throw tooMany(content);
  const count = Math.max(0, last - first + 1);
  return Array.from({ length: count }, (_, i) => String(first + i).padStart(range[1]!.length, '0'));
}

function tooMany(name: string): RangeError {
  return new RangeError(
    `expandBraces: expected at most ${MAX_NAMES} names from ${name}, got more. Check the numbers in the braces.`,
  );
}

/** A pattern for names in which `*` stands for any characters and `?` for one. */
export function patternOf(name: string): RegExp {
  const pattern = escapePattern(name).replaceAll('\\*', '.*').replaceAll('\\?', '.');
  return new RegExp(`^${pattern}$`, 's');
}

/** A text so that a pattern matches just it. */
export function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

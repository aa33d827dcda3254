import { readFile } from 'node:fs/promises';
import { listNames } from './display-name.ts';

/**
 * Which classes there are, and their numbers: names in their order, each name with its number, or the path of a
 * file that holds one of them.
 */
export type ClassMap = string | readonly string[] | Readonly<Record<string, number>>;

/**
 * Reads a class map into class names, class 0 first.
 *
 * A file that ends in `.json` holds an array of names or an object `{ "name": number }`. Any other is text with one
 * class a line: `name`, or `name number` on every line. Empty lines, and lines that begin with `#`, do not count.
 *
 * @throws Error when the file is neither, and RangeError when a name or a number stands twice or one is missing.
 */
export async function readClassMap(classMap: ClassMap): Promise<string[]> {
  if (typeof classMap !== 'string') return classNamesOf(classMap, 'classMap');
  const text = (await readFile(classMap, 'utf8')).replace(/^\uFEFF/, '');
  const content = classMap.toLowerCase().endsWith('.json')
    ? parseJson(text, classMap)
    : parseLines(text, classMap);
  return classNamesOf(content, classMap);
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(
      `class map ${file}: expected JSON, got ${(cause as Error).message}. Write an array of class names, or {"name": number}.`,
      { cause },
    );
  }
}

function parseLines(text: string, file: string): readonly string[] | Record<string, number> {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const numbered = lines.map((line) => /^(.*\S)\s+(\d+)$/.exec(line));
  if (!numbered.every((match) => match !== null) || lines.length === 0) return lines;
  const entries = numbered.map((match) => [match[1]!, Number(match[2])] as const);
  refuseTwice(
    entries.map(([name]) => name),
    file,
    'Every line was read as `name number`: if the names themselves end in a number, write the class map as a JSON array.',
  );
  return Object.fromEntries(entries);
}

function classNamesOf(content: unknown, origin: string): string[] {
  if (Array.isArray(content) && content.every((name) => typeof name === 'string' && name !== '')) {
    refuseTwice(content, origin, 'Name each class once.');
    if (content.length === 0) refuseEmpty(origin);
    return [...content];
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new TypeError(
      `class map ${origin}: expected an array of class names or an object {"name": number}, got ${JSON.stringify(content)?.slice(0, 80)}.`,
    );
  }
  const entries = Object.entries(content);
  if (entries.length === 0) refuseEmpty(origin);
  const names: string[] = new Array(entries.length);
  for (const [name, number] of entries) {
    if (!Number.isInteger(number) || number < 0 || number >= entries.length) {
      throw new RangeError(
        `class map ${origin}: expected the ${entries.length} classes to be numbered 0 to ${entries.length - 1}, got ${JSON.stringify(number)} for ${JSON.stringify(name)}. Number them from 0 without gaps.`,
      );
    }
    if (names[number] !== undefined) {
      throw new RangeError(
        `class map ${origin}: expected each number once, got ${number} for ${JSON.stringify(names[number])} and for ${JSON.stringify(name)}.`,
      );
    }
    names[number] = name;
  }
  return names;
}

function refuseTwice(names: readonly string[], origin: string, remedy: string): void {
  const seen = new Set<string>();
  const twice = new Set(names.filter((name) => seen.size === seen.add(name).size));
  if (twice.size > 0) {
    throw new RangeError(
      `class map ${origin}: expected each class once, got twice: ${listNames([...twice])}. ${remedy}`,
    );
  }
}

function refuseEmpty(origin: string): never {
  throw new RangeError(
    `class map ${origin}: expected at least one class, got none. Write one class name a line, or a JSON array of names.`,
  );
}

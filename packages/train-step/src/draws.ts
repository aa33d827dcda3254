import { type Random, seededRandom } from '@bag-of-tricks/random';
import type { DrawAt, NamedParts } from './parts.ts';

/** What a step takes besides the draws, so no draw has one of these names. */
const stepInputs = ['images', 'labels', 'colors', 'learningRate'];

/** What a step draws for: the seed of the run and the place in it. */
export type DrawFor = Omit<DrawAt, 'random'> & { readonly seed: number; readonly step: number };

/** Numbers drawn for a step, by name. */
export type Draws = Readonly<Record<string, number | readonly number[]>>;

/**
 * Draws the numbers of a step for all tricks. They depend on (seed, epoch, step, name of the trick) alone, so that a resumed run draws
 * what an uninterrupted one would, and switching one trick off leaves the others' draws alone.
 *
 * @example
 * ```ts
 * import { buildTricks, defineTrick, drawStep } from '@bag-of-tricks/train-step';
 *
 * const noise = defineTrick({
 *   ...{ name: 'noise', description: 'draws a number for each step', settings: {} },
 *   build: () => ({ draws: { shapes: { amount: [] }, draw: ({ random }) => ({ amount: random() }) } }),
 * });
 * const tricks = await buildTricks([noise()], {} as never);
 * const place = { epoch: 0, epochs: 5, imageShape: [8, 8, 3], seed: 42 } as const;
 * console.log(drawStep(tricks, { ...place, step: 0 }), drawStep(tricks, { ...place, step: 1 }));
 * ```
 *
 * @throws Error naming the trick whose draws have not the sizes of their shapes.
 */
export function drawStep(tricks: readonly NamedParts[], { seed, step, ...at }: DrawFor): Draws {
  const randomOf = (name: string): Random => seededRandom(seed, at.epoch, name, step);
  const turns = new Map<string, NamedParts>();
  for (const trick of tricks) {
    const turn = trick.draws?.turn;
    if (!turn) continue;
    const isFirst = !turns.has(turn.group);
    if (isFirst || randomOf(`${turn.group} ${trick.name}`)() < turn.share) {
      turns.set(turn.group, trick);
    }
  }
  const drawn = tricks.map((trick) => {
    const { draws, name } = trick;
    const acts = !draws?.turn || turns.get(draws.turn.group) === trick;
    const place = { ...at, random: randomOf(name) };
    const given = acts ? draws?.draw(place) : draws.turn!.idle(place);
    checkShapes(trick, given ?? {});
    return given;
  });
  return Object.assign({}, ...drawn);
}

function checkShapes({ name, draws }: NamedParts, given: Draws): void {
  for (const [draw, shape] of Object.entries(draws?.shapes ?? {})) {
    const value = given[draw];
    const got = Array.isArray(value) ? value.length : typeof value === 'number' ? 1 : 0;
    if (got === shape.reduce((product, size) => product * size, 1)) continue;
    throw new Error(
      `trick ${name}: expected draws to return '${draw}' of shape [${shape}], got ${got} numbers. Return as many as its shapes say`,
    );
  }
}

/**
 * Shapes of all that the tricks draw, by name: inputs of the graph.
 *
 * @example
 * ```ts
 * import { drawShapes } from '@bag-of-tricks/train-step';
 *
 * const draws = { shapes: { lambda: [], box: [4] }, draw: () => ({ lambda: 1, box: [0, 0, 2, 2] }) };
 * console.log(drawShapes([{ name: 'mine', draws }])); // { lambda: [], box: [ 4 ] }
 * ```
 *
 * @throws Error naming the tricks that draw under one name, or the trick that draws under the name of another input of a step.
 */
export function drawShapes(
  tricks: readonly NamedParts[],
): Readonly<Record<string, readonly number[]>> {
  checkNames('draws', tricks, ({ draws }) => Object.keys(draws?.shapes ?? {}), stepInputs);
  return Object.assign({}, ...tricks.map(({ draws }) => draws?.shapes));
}

/**
 * Checks that no two tricks use one name, nor one that is taken.
 *
 * @example
 * ```ts
 * import { checkNames } from '@bag-of-tricks/train-step';
 *
 * const tricks = [{ name: 'mine', columns: [{ value: 'noise', csv: 'noise' }] }];
 * checkNames('columns', tricks, ({ columns = [] }) => columns.map(({ value }) => value), ['loss']);
 * ```
 *
 * @throws Error naming both tricks.
 */
export function checkNames(
  what: string,
  tricks: readonly NamedParts[],
  namesOf: (trick: NamedParts) => readonly string[],
  taken: readonly string[] = [],
): void {
  const owners = new Map<string, string>();
  for (const trick of tricks) {
    for (const name of namesOf(trick)) {
      const owner = owners.get(name);
      if (owner !== undefined) {
        throw new Error(
          `tricks ${owner} and ${trick.name}: expected ${what} of different names, got '${name}' twice. Rename one`,
        );
      }
      if (taken.includes(name)) {
        throw new Error(
          `trick ${trick.name}: expected ${what} of other names than ${taken.join(', ')}, got '${name}'. Rename it`,
        );
      }
      owners.set(name, trick.name);
    }
  }
}

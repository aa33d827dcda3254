/** Calls each name once a round and returns the results by name, in the order of the rounds. */
export async function alternate<T>(
  names: readonly string[],
  {
    rounds,
    run,
  }: {
    readonly rounds: number;
    /** Called for one at a time. */
    readonly run: (name: string, round: number) => Promise<T>;
  },
): Promise<Map<string, T[]>> {
  const results = new Map<string, T[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of rotated(names, round)) results.get(name)!.push(await run(name, round));
  }
  return results;
}

/** Another one begins each round, so that a machine that slows down as it warms up favours nobody. */
export function rotated<T>(items: readonly T[], by: number): T[] {
  return items.map((_, index) => items[(index + by) % items.length]!);
}

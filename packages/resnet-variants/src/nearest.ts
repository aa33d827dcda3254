/** Levenshtein's distance: insertions, deletions and substitutions that turn one word into the other. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 1; i <= from.length; i++) {
    const previous = row;
    row = [i];
    for (let j = 1; j <= to.length; j++) {
      const substitution = previous[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, previous[j]! + 1, row[j - 1]! + 1));
    }
  }
  return row[to.length]!;
}

/** The three candidates nearest to a misspelt name. */
export function nearest(name: string, candidates: readonly string[]): string[] {
  const distance = new Map(
    candidates.map((candidate) => [candidate, editDistance(name, candidate)]),
  );
  return [...candidates].sort((a, b) => distance.get(a)! - distance.get(b)!).slice(0, 3);
}

/** At most three names, quoted, for an error message. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const shown = names.slice(0, 3).map((name) => `'${name}'`);
  return shown.join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '');
}

import { parseArgs } from 'node:util';

/** What was typed, by the defaults of the flags; where the default is a number, a whole one in its limits, else above 0. */
export function readFlags<Flags extends Readonly<Record<string, string | number>>>(
  defaults: Flags,
  limits: { readonly [Name in keyof Flags]?: readonly [least: number, most: number] } = {},
): { readonly positionals: readonly string[]; readonly flags: Flags } {
  const options = Object.fromEntries(
    Object.keys(defaults).map((name) => [name, { type: 'string' as const }]),
  );
  const { positionals, values } = parseArgs({ allowPositionals: true, options });
  const read = ([name, byDefault]: [string, string | number]) => {
    const given = values[name] ?? byDefault;
    if (typeof byDefault === 'string') return [name, given];
    const [least, most] = limits[name] ?? [1, Number.MAX_SAFE_INTEGER];
    const value = Number(given);
    if (given !== '' && Number.isInteger(value) && value >= least && value <= most) {
      return [name, value];
    }
    throw new RangeError(
      `--${name}: expected a whole number from ${least} to ${most}, got ${JSON.stringify(given)}`,
    );
  };
  return { positionals, flags: Object.fromEntries(Object.entries(defaults).map(read)) as Flags };
}

/** Runs a command; an error is told in a line, and the process ends with code 1. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  await command().catch(({ message, cause }: Error) => {
    // Of a connection that fails, only the cause says why.
    const { message: why, code } = (cause ?? {}) as NodeJS.ErrnoException;
    const more = why || code || '';
    console.error(message.includes(more) ? message : `${message}: ${more}`);
    process.exit(1);
  });
}

import { type Finding, fail, ok } from './finding.ts';

const minimum = [20, 19] as const;

/** Whether a version of Node, such as `20.19.0`, is new enough; Bun and Deno say of which one they have the functions. */
export function nodeFinding(
  version: string,
  { bun, deno }: Readonly<Record<string, string | undefined>> = process.versions,
): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isSupported = major > minimum[0] || (major === minimum[0] && minor >= minimum[1]);
  const needed = `${minimum.join('.')} or newer`;
  const other = bun ? `Bun ${bun}` : deno && `Deno ${deno}`;
  const value = other ? `${version}, in ${other}` : version;
  return isSupported
    ? ok('Node', value)
    : fail('Node', value, `Install Node ${needed} (20, 22, 24 and 26 are tested).`);
}

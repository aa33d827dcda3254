import { type Finding, fail, ok } from './finding.ts';

const minimum = [20, 19] as const;

/** Whether a version of Node, such as `20.19.0`, is new enough. */
export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isSupported = major > minimum[0] || (major === minimum[0] && minor >= minimum[1]);
  const needed = `${minimum.join('.')} or newer`;
  return isSupported
    ? ok('Node', version)
    : fail('Node', version, `Install Node ${needed} (20, 22, 24 and 26 are tested).`);
}

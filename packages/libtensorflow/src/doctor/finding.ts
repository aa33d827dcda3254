/** `ok`, `warn` (training runs, but slower or with less), or `fail` (training cannot run). */
export type FindingStatus = 'ok' | 'warn' | 'fail';

/** One thing that the doctor looked at. */
export interface Finding {
  readonly name: string;
  readonly value: string;
  readonly status: FindingStatus;
  /** What to do about it, if it is not `ok`. */
  readonly remedy?: string;
}

export function ok(name: string, value: string): Finding {
  return { name, value, status: 'ok' };
}

export function warn(name: string, value: string, remedy: string): Finding {
  return { name, value, status: 'warn', remedy };
}

export function fail(name: string, value: string, remedy: string): Finding {
  return { name, value, status: 'fail', remedy };
}

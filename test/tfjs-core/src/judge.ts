import type { Ignored } from './ignored.ts';
import type { Spec } from './suite.ts';

/** What becomes of a test in the totals. */
export interface Verdict {
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Why it failed or is skipped. */
  readonly message: string;
}

/** Every test has run, also the ignored ones: an entry of the list that is no longer needed is a failure, and so is a native tensor that was left. */
export function judge(specs: readonly Spec[], ignored: readonly Ignored[]): Verdict[] {
  const reasons = new Map(
    ignored.flatMap(({ reason, tests }) => tests.map((test) => [test, reason])),
  );
  const unused = new Set(reasons.keys());
  const verdicts = specs.map(({ name, status, failures, leakedHandles }): Verdict => {
    const reason = reasons.get(name);
    unused.delete(name);
    if (leakedHandles > 0) return failed(name, `leaves ${leakedHandles} tensors in native memory.`);
    if (reason === undefined) return { name, status, message: failures.join('\n') };
    if (status === 'failed') return { name, status: 'skipped', message: reason };
    return failed(name, 'is on the ignore list, but passes. Take it off.');
  });
  const unknown = 'is on the ignore list, but no test has this name. Take it off.';
  return [...verdicts, ...[...unused].map((name) => failed(name, unknown))];
}

function failed(name: string, message: string): Verdict {
  return { name, status: 'failed', message };
}

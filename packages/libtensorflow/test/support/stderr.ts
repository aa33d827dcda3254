import { bindDescriptors } from '../../src/native/descriptors.ts';
import { withHeldLog } from '../../src/native/held-log.ts';

/** What reaches the standard error output of this process while `action` runs, from native code too. */
export function stderrOf(action: () => unknown): string {
  let text = '';
  const keep = (log: string) => {
    text = log;
    return '';
  };
  withHeldLog(bindDescriptors(), keep, action);
  return text;
}

import koffi from 'koffi';
import { withHeldLog } from '../../src/native/held-log.ts';

/** What reaches the standard error output of this process while `action` runs, from native code too. */
export function stderrOf(action: () => unknown): string {
  const libc = koffi.load(null);
  const descriptors = {
    dup: libc.func('int dup(int)'),
    dup2: libc.func('int dup2(int, int)'),
    close: libc.func('int close(int)'),
    memfd_create: libc.func('int memfd_create(const char *, unsigned int)'),
    flock: libc.func('int flock(int, int)'),
  };
  let text = '';
  const keep = (log: string) => {
    text = log;
    return '';
  };
  withHeldLog(descriptors, keep, action);
  return text;
}

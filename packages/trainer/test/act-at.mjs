// A trick that does something to its own process at a chosen place of a run, as a terminal or a scheduler would from outside.
import { defineTrick, z } from '@bag-of-tricks/trainer';

const actions = {
  /** Longer than what counts as the same request. */
  wait: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700),
  throw: () => {
    throw new RangeError('too hot\u001b[31m');
  },
  /** While the run is being opened, where the check of its settings asks for it. */
  soon: () => setTimeout(() => process.kill(process.pid, 'SIGINT')),
  /** Root may write everywhere; a user may not. */
  nobody: () => process.getuid() === 0 && process.setuid(65534),
};

const act = (name) => (actions[name] ?? (() => process.kill(process.pid, name)))();

/** `script` is such as `step2=SIGINT+wait evaluate=SIGTERM`; a place that comes again acts again. */
export const actAt = defineTrick({
  name: 'actAt',
  description: 'act on the own process',
  settings: { script: z.string().describe('what to do where') },
  flags: [['--act-at <script>', 'script']],
  check({ script }) {
    at(script, 'check');
    return [];
  },
  build({ script }) {
    at(script, 'build');
    return {
      afterStep(_, step) {
        at(script, `step${step}`);
      },
      evaluate:
        (inner) =>
        (...given) => {
          at(script, 'evaluate');
          return inner(...given);
        },
    };
  },
});

function at(script, place) {
  for (const [where, what] of script.split(' ').map((one) => one.split('='))) {
    if (where === place) what.split('+').forEach(act);
  }
}

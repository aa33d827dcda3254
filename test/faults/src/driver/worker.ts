// A process with TensorFlow loaded and the fault library preloaded, which takes one case after the other: starting it takes ten times as
// long as a case.
import { readFileSync, rmSync } from 'node:fs';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { type Fault, type Operation, openFaults, parseTrace } from '../library/control.ts';
import { type Fingerprint, fingerprintOf } from '../run/fingerprint.ts';
import { runName, uninterrupted } from '../run/tiny-run.ts';
import { failOne, live, recover } from './case.ts';
import type { Outcome } from './outcome.ts';

/** What the uninterrupted run left, and what a life without faults did and said. */
export interface Reference {
  readonly reference: Fingerprint;
  readonly operations: readonly Operation[];
  readonly usual: readonly string[];
  /** How the life of stops and resumptions differs from it without any fault. */
  readonly undisturbed: Outcome;
}

/** What a worker is asked; `folder` is a folder of the case's own. */
export type Job =
  | { readonly task: 'reference'; readonly folder: string }
  | { readonly task: 'live'; readonly folder: string; readonly fault: Fault }
  | {
      readonly task: 'fail';
      readonly folder: string;
      readonly fault: Fault;
      readonly against: Pick<Reference, 'reference' | 'usual'>;
    }
  | {
      readonly task: 'recover';
      readonly folder: string;
      readonly against: Pick<Reference, 'reference'>;
    };

const library = openFaults(process.argv[2]!);
await registerTensorFlowBackend({ install: true });

async function takeReference(): Promise<Reference> {
  await uninterrupted();
  const reference = fingerprintOf(runName);
  rmSync(runName, { recursive: true });
  const { error, said } = await live(library, { kind: 'none' });
  if (error) throw error;
  const undisturbed = await recover(reference);
  const operations = parseTrace(readFileSync('trace', 'utf8'));
  return { reference, operations, usual: said, undisturbed };
}

function take(job: Job): Promise<unknown> {
  process.chdir(job.folder);
  switch (job.task) {
    case 'reference':
      return takeReference();
    case 'live':
      return live(library, job.fault).then(({ error }) => error?.message ?? null);
    case 'fail':
      return failOne(library, job.fault, job.against);
    case 'recover':
      return recover(job.against.reference);
  }
}

process.on('message', (job: Job) => {
  take(job).then(
    (reply) => process.send!({ reply }),
    (error: Error) => process.send!({ failed: error.stack }),
  );
});

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault, FaultLibrary } from '../library/control.ts';
import {
  differences,
  type Fingerprint,
  fingerprintOf,
  hasCheckpoint,
  lostBest,
} from '../run/fingerprint.ts';
import { phases, resumed, runName, uninterrupted } from '../run/tiny-run.ts';
import { fault, type Outcome } from './outcome.ts';

/** What was said while the run went on beyond a fault. */
interface Life {
  readonly error: Error | null;
  readonly said: readonly string[];
}

/** Takes the run of the current folder through its life with the fault armed, to the end or to the first error. */
export async function live(library: FaultLibrary, given: Fault): Promise<Life> {
  const said: string[] = [];
  // Each case has a folder of its own.
  const onProgress = (message: string) => void said.push(message.replaceAll(process.cwd(), '.'));
  library.arm({ folder: join(process.cwd(), runName), trace: join(process.cwd(), 'trace') }, given);
  try {
    for (const phase of Object.values(phases)) await phase({ onProgress });
    return { error: null, said };
  } catch (error) {
    return { error: error as Error, said };
  } finally {
    library.disarm();
  }
}

/** Starts the run again under its name, where it ended before its first checkpoint. */
async function beginAnew(reference: Fingerprint, detail: string): Promise<Outcome> {
  try {
    await uninterrupted();
  } catch (error) {
    return fault(`cannot begin anew: ${(error as Error).message}`);
  }
  const differing = differences(reference, fingerprintOf(runName));
  return differing.length > 0
    ? fault(`begun anew: ${differing.slice(0, 3).join('; ')}`)
    : { ending: 'not begun', detail };
}

/** Resumes the run of the current folder to its end, and compares what is there then with the uninterrupted run. */
export async function recover(reference: Fingerprint): Promise<Outcome> {
  if (!existsSync(runName)) return { ending: 'not begun', detail: '' };
  const begun = hasCheckpoint(runName);
  let lost: string | null = null;
  try {
    const onTrainBegin = () => {
      lost = lostBest(runName);
    };
    await resumed({ hooks: [{ onTrainBegin }] });
  } catch (error) {
    const { message } = error as Error;
    if (begun) return fault(`cannot be resumed: ${message}`);
    if (!message.includes(runName))
      return fault(`nothing to resume, and the message names no folder: ${message}`);
    return beginAnew(reference, message);
  }
  if (lost !== null) return fault(lost);
  const differing = differences(reference, fingerprintOf(runName));
  return differing.length > 0
    ? fault(differing.slice(0, 3).join('; '))
    : { ending: 'resumed', detail: '' };
}

/** One operation fails, in this process: the run goes on or stops, is resumed, and is then as if nothing had happened. */
export async function failOne(
  library: FaultLibrary,
  given: Fault,
  { reference, usual }: { readonly reference: Fingerprint; readonly usual: readonly string[] },
): Promise<Outcome> {
  rmSync(runName, { recursive: true, force: true });
  const { error, said } = await live(library, given);
  if (error === null) {
    const differing = differences(reference, fingerprintOf(runName));
    const warnings = said.filter((line) => !usual.includes(line));
    if (differing.length > 0) return fault(`silent: ${differing.slice(0, 3).join('; ')}`);
    return { ending: warnings.length > 0 ? 'warned' : 'went on', detail: warnings.join('; ') };
  }
  const { ending, detail } = await recover(reference);
  if (ending === 'fault') return fault(`after '${error.message}': ${detail}`);
  if (!error.message.includes(runName)) return fault(`the message names no file: ${error.message}`);
  return { ending: ending === 'not begun' ? ending : 'stopped', detail: error.message };
}

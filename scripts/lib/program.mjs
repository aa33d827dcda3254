// What every script that is started by hand does at its top level.
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Whether the module is what Node was started with, not imported. @param {string} moduleUrl */
export function isProgram(moduleUrl) {
  const started = process.argv[1];
  return started !== undefined && realpathSync(started) === fileURLToPath(moduleUrl);
}

/** Does the work; a failure becomes a clear message and a non-zero exit code. @param {() => Promise<void>} work */
export async function runAsProgram(work) {
  try {
    await work();
  } catch (error) {
    console.error(`\nFailed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

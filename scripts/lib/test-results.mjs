// Reads what turbo and vitest wrote down about a run and adds it up.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from './environment.mjs';

/**
 * One task of a run as turbo's summary describes it; `execution` is missing when it was never started.
 * @typedef {object} Task
 * @property {string} taskId
 * @property {string} task
 * @property {string} command
 * @property {string} directory relative to the repository
 * @property {{ exitCode?: number | null }} [execution]
 */

/**
 * @typedef {object} Totals
 * @property {number} passed
 * @property {number} skipped
 * @property {string[]} failures one line each, naming what failed
 */

/** The tasks of the newest of turbo's summaries. @param {string} folder `.turbo/runs` @returns {Task[]} */
export function readTasks(folder) {
  // The names are K-sortable ids, so the last one is the newest.
  const newest = existsSync(folder) ? readdirSync(folder).sort().at(-1) : undefined;
  if (newest === undefined) throw new Error(`no summary of the run was written to ${folder}.`);
  const { tasks } = readJson(join(folder, newest));
  return tasks.filter((/** @type {Task} */ { command }) => command !== '<NONEXISTENT>');
}

/**
 * Adds up the tests of all `test` tasks, and names each task and each test that failed.
 * @param {string} root
 * @param {Task[]} tasks
 * @returns {Totals}
 */
export function sumResults(root, tasks) {
  /** @type {Totals} */
  const totals = { passed: 0, skipped: 0, failures: [] };
  for (const task of tasks) {
    const failuresBefore = totals.failures.length;
    if (task.task === 'test') addTests(join(root, task.directory), task.taskId, totals);
    const exitCode = task.execution?.exitCode;
    if (exitCode !== 0 && totals.failures.length === failuresBefore) {
      const outcome = exitCode == null ? 'did not run' : `ended with ${exitCode}`;
      totals.failures.push(`${task.taskId}: ${outcome}`);
    }
  }
  return totals;
}

/** @param {string} folder @param {string} taskId @param {Totals} totals */
function addTests(folder, taskId, totals) {
  const path = join(folder, 'test-results.json');
  if (!existsSync(path)) {
    totals.failures.push(`${taskId}: wrote no results`);
    return;
  }
  let count = 0;
  for (const file of readJson(path).testResults) {
    const failuresBefore = totals.failures.length;
    for (const { status, fullName, failureMessages = [] } of file.assertionResults) {
      count += 1;
      if (status === 'passed') totals.passed += 1;
      else if (status === 'failed') {
        // The last lines of a log are what is kept of it, so they say why too.
        const [reason] = failureMessages.join('\n').trim().split('\n');
        totals.failures.push([taskId, fullName, reason].filter(Boolean).join(': '));
      } else totals.skipped += 1;
    }
    // A file that cannot be loaded has failed, but lists no test that did.
    if (file.status === 'failed' && totals.failures.length === failuresBefore) {
      totals.failures.push(`${taskId}: ${file.name}`);
    }
  }
  if (count === 0) totals.failures.push(`${taskId}: ran no tests`);
}

/** The last line of a run. @param {Totals} totals */
export function formatTotals({ passed, skipped, failures }) {
  const skippedPart = skipped > 0 ? `, ${skipped} skipped` : '';
  return `${passed} passed, ${failures.length} failed${skippedPart}`;
}

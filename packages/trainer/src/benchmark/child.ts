// Run by benchmark.ts in a process of its own: what takes too much memory, or crashes, ends that process alone.
import { type CaseSpec, runCase } from './case.ts';

if (process.argv[2] === undefined || process.send === undefined) {
  throw new Error('benchmark: expected to be started by benchmark().');
}
const result = await runCase(JSON.parse(process.argv[2]) as CaseSpec);
process.send(result, () => process.disconnect());

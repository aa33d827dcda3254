// One soak in a process of its own: `node --expose-gc child.js epochs 2000`. Sends its samples to the parent.
import { openSampler } from './samples.ts';
import { type SoakName, soaks } from './soaks.ts';

const [name, rounds] = process.argv.slice(2);
const sampler = await openSampler(Number(rounds));
await soaks[name as SoakName].soak(Number(rounds), sampler.afterRound);
process.send!(sampler.samples);
process.disconnect();

// What runs in a process of its own: `node child.js <task> <spec as JSON>` prints the result as one line of JSON.
import { countImages } from './count-images.ts';
import { eagerOp } from './eager-op.ts';
import { exportNetwork } from './export-network.ts';
import { gradientWork } from './gradient-work.ts';
import { layerTimes } from './layer-times.ts';
import { loadImages } from './load-images.ts';
import { machineRate } from './machine-rate.ts';
import { makePhotographs } from './make-photographs.ts';
import { precision } from './precision.ts';
import { prepare } from './prepare.ts';
import { reduceTimes } from './reduce-times.ts';
import { trainStep } from './train-step.ts';

const tasks: Readonly<Record<string, (spec: never) => Promise<unknown>>> = {
  'count-images': countImages,
  'eager-op': eagerOp,
  'export-network': exportNetwork,
  'gradient-work': gradientWork,
  'layer-times': layerTimes,
  'load-images': loadImages,
  'machine-rate': machineRate,
  'make-photographs': makePhotographs,
  precision,
  prepare,
  'reduce-times': reduceTimes,
  'train-step': trainStep,
};

const [name = '', spec = ''] = process.argv.slice(2);
const task = tasks[name];
if (!task) throw new Error(`child: expected one of ${Object.keys(tasks).join(', ')}, got ${name}.`);
console.log(JSON.stringify(await task(JSON.parse(spec) as never)));

// Compiled to CommonJS, under the oldest resolution that TypeScript knows.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { cosineDecay, type Schedule } from '@bag-of-tricks/lr-schedules';
import { setLearningRate } from '@bag-of-tricks/lr-schedules/tfjs';
import { seededRandom } from '@bag-of-tricks/random';
import { parseSafetensors, serializeSafetensors } from '@bag-of-tricks/safetensors';
import { openSafetensors } from '@bag-of-tricks/safetensors/node';

const schedule: Schedule = cosineDecay({ peak: 1, steps: 2 });
// @ts-expect-error A rate is a number: these are the types, not `any`.
const notRate: string = schedule(1);
const bytes = serializeSafetensors([['w', { dtype: 'F32', shape: [1], data: Float32Array.of(3) }]]);

equal(notRate, 0.5);
deepEqual(parseSafetensors(bytes).tensors.get('w')?.shape, [1]);
ok(seededRandom(1)() < 1);
for (const one of [setLearningRate, openSafetensors]) equal(typeof one, 'function');
console.log('CommonJS works');

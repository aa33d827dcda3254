// One of the processes of all-reduce.test.ts: `node reduce-in-a-process.mjs <timeout> <rank> <address>...`. Prints what it got, as JSON.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';

import { readSync, writeSync } from 'node:fs';
import { connect as openSocket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { allReduce, connect } from '@bag-of-tricks/data-parallel';
import { compile } from '@bag-of-tricks/graph';
import { endProcess } from '@bag-of-tricks/libtensorflow/native';
import * as tf from '@tensorflow/tfjs';

const [timeout, rank] = process.argv.slice(2, 4).map(Number);
const addresses = process.argv.slice(4);
const size = addresses.length;
const cluster = { addresses, rank, timeout };

const processes = await connect(cluster);
/** Whether the server hears what is sent to another address of this machine. */
const heardElsewhere = await new Promise((resolve) => {
  const socket = openSocket({ host: '127.0.0.2', port: Number(addresses[rank].split(':')[1]) });
  const end = (heard) => {
    socket.destroy();
    resolve(heard);
  };
  socket.on('connect', () => end(true)).on('error', () => end(false));
  setTimeout(end, 300, false);
});
const gathered = await processes.gather({ rank, name: 'ä'.repeat(rank + 1) });
const sum = await processes.sum([1, rank, 2 ** 20]);

const weight = tf.variable(tf.zeros([3]), true, 'weight');
const exact = allReduce({ size, bucketBytes: 16, timeout });
const rounded = allReduce({ size, wire: 'bfloat16', timeout });
const halved = allReduce({ size, wire: 'float16', timeout });
const step = await compile(
  ({ a, b, c }) => {
    const means = exact({ a, b, c });
    weight.assign(tf.add(weight, tf.sum(means.a, 0)));
    const [low, half] = [rounded({ a, b }), halved({ a, b })];
    return { ...means, roundedA: low.a, roundedB: low.b, halvedA: half.a, halvedB: half.b };
  },
  {
    inputs: { a: { shape: [null, 3] }, b: { shape: [] }, c: { shape: [5] } },
    session: { cluster },
  },
);
const steps = [];
for (const rows of [2, 2, 4]) {
  const a = Float32Array.from({ length: 3 * rows }, (_, i) =>
    Math.fround(Math.sin(1 + i + 7 * rank)),
  );
  const c = [1, 2, 3, 4, 5].map((value) => value * 2 ** rank);
  const results = await step.run({ a: { values: a, shape: [rows, 3] }, b: rank + 0.1, c });
  const numbers = ([name, value]) => [
    name,
    typeof value === 'number' ? value : Array.from(value.values),
  ];
  steps.push(Object.fromEntries(Object.entries(results).map(numbers)));
}
const weights = Array.from((await step.read({ weight })).weight.values);

const failures = [];
const failing = async (action) =>
  failures.push(
    await action().then(
      () => 'nothing',
      ({ message }) => message,
    ),
  );
await failing(() => connect({ addresses: [...addresses, '127.0.0.1:1'], rank }));
await failing(async () => allReduce({ size })({ a: tf.ones([2]) }));

const hasty = await connect({ ...cluster, timeout: 6 });
await processes.sum([0]);
// Rank 2 comes later, and finds that the first one has given up.
if (rank === 2) await delay(2000);
if (rank !== 1) await failing(() => hasty.sum([1]));
const printed = { gathered, sum, steps, weights, failures, heardElsewhere };
writeSync(1, JSON.stringify(printed));
// Its JavaScript hangs, until all others have ended.
if (rank === 1) readSync(0, Buffer.alloc(1));
endProcess(0);

// Two threads hold the standard error output, one beginning within the other's time; prints whether it is where it was afterwards.
import { fstatSync } from 'node:fs';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const { withHeldLog } = await import('../dist/native/held-log.js');
const { bindDescriptors } = await import('../dist/native/descriptors.js');
const descriptors = bindDescriptors();
const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
const hold = (ms) =>
  withHeldLog(
    descriptors,
    (log) => log,
    () => sleep(ms),
  );

if (isMainThread) {
  const before = fstatSync(2).ino;
  const worker = new Worker(new URL(import.meta.url));
  await new Promise((resolve) => worker.once('message', resolve));
  worker.postMessage('hold');
  sleep(100);
  hold(400);
  await new Promise((resolve) => worker.once('message', resolve));
  console.log(fstatSync(2).ino === before);
  process.exit();
}
parentPort.once('message', () => {
  hold(300);
  parentPort.postMessage('held');
});
parentPort.postMessage('ready');

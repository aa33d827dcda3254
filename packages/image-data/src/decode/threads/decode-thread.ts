// The script of a thread that decodes; DecoderPool starts it.

import { parentPort, workerData } from 'node:worker_threads';
import { openTensorFlow } from '@bag-of-tricks/libtensorflow/native';
import { BadImageError } from '../../bad-image-error.ts';
import { ImageReader } from '../pixels/image-reader.ts';
import type { Assignment, Failure, Report, ThreadData } from './messages.ts';

if (parentPort === null) throw new Error('decode-thread: expected to be started by DecoderPool.');
const port = parentPort;
const { library, reader: options } = workerData as ThreadData;
// Each thread would reserve a block of its own, which decoding has no use for.
const { api } = openTensorFlow(library, { hugePages: false });
const reader = new ImageReader(api, options);
const report = (message: Report) => port.postMessage(message);

async function decode({ id, tasks, output, size }: Assignment): Promise<void> {
  const imageBytes = size.height * size.width * options.channels;
  const failures: Failure[] = [];
  for (const task of tasks) {
    try {
      const target = new Uint8Array(output, task.position * imageBytes, imageBytes);
      await reader.read(task, size, target);
    } catch (error) {
      if (!(error instanceof BadImageError)) throw error;
      failures.push({ position: task.position, reason: error.reason });
    }
  }
  report({ kind: 'done', id, failures });
}

// One assignment after the other: the reader's memory holds one image.
let last = Promise.resolve();
port.on('message', (assignment: Assignment | null) => {
  last = last.then(async () => {
    if (assignment === null) {
      reader.dispose();
      port.close();
      return;
    }
    await decode(assignment).catch((error: unknown) => {
      report({ kind: 'error', id: assignment.id, error });
    });
  });
});
report({ kind: 'ready' });

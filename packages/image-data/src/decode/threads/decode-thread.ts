// The script of a thread that decodes; DecoderThread starts it.

import { parentPort, workerData } from 'node:worker_threads';
import { openTensorFlow } from '@bag-of-tricks/libtensorflow/native';
import { BadImageError } from '../../bad-image-error.ts';
import { ImageReader, type ReaderOptions } from '../pixels/image-reader.ts';
import { Resizer } from '../resize/resizer.ts';
import type { Assignment, Failure, Report, Request, ThreadData } from './messages.ts';

if (parentPort === null) {
  throw new Error('decode-thread: expected to be started by DecoderThread.');
}
const port = parentPort;
const { library } = workerData as ThreadData;
// Each thread would reserve a block of its own, which decoding has no use for.
const { api } = openTensorFlow(library, { hugePages: false });
const resizer = new Resizer();
let work: { readonly reader: ImageReader; readonly options: ReaderOptions } | undefined;

async function decode({ tasks, output, size }: Assignment): Promise<Failure[]> {
  const { reader, options } = work!;
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
  return failures;
}

async function carryOut(request: Request): Promise<readonly Failure[]> {
  if (request.kind === 'decode') return decode(request);
  work?.reader.dispose();
  work = undefined;
  if (request.kind === 'open') {
    work = { reader: new ImageReader(api, resizer, request.reader), options: request.reader };
  }
  return [];
}

// One request after the other: the reader's memory holds one image.
let last = Promise.resolve();
port.on('message', (request: Request) => {
  last = last.then(async () => {
    const report: Report = await carryOut(request).then(
      (failures) => ({ kind: 'done', failures }),
      (error: unknown) => ({ kind: 'error', error }),
    );
    port.postMessage(report);
  });
});

// The script of a thread that decodes; DecoderThread starts it.

import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { Resizer } from '@bag-of-tricks/image-resize';
import { openTensorFlow, ThreadLog } from '@bag-of-tricks/libtensorflow/native';
import sharp from 'sharp';
import { BadImageError } from '../../bad-image-error.ts';
import { ImageReader, type ReaderOptions } from '../pixels/image-reader.ts';
import type { Assignment, Failure, Report, Request, ThreadData } from './messages.ts';

if (parentPort === null) {
  throw new Error('decode-thread: expected to be started by DecoderThread.');
}
const port = parentPort;
const { library } = workerData as ThreadData;
// Each thread would reserve a block of its own, which decoding has no use for.
const api = library && openTensorFlow(library, { hugePages: false }).api;
const resizer = new Resizer();
// It would keep the last hundred pictures, for operations on the same one: gigabytes, of large ones.
sharp.cache(false);
let log: ThreadLog | undefined;
/** Images of which libjpeg's warnings were passed on. */
const named = new Set<string>();
let work: { readonly reader: ImageReader; readonly options: ReaderOptions } | undefined;

async function decode({ tasks, output, size }: Assignment): Promise<Failure[]> {
  const { reader, options } = work!;
  const imageBytes = size.height * size.width * options.channels;
  const failures: Failure[] = [];
  for (const task of tasks) {
    try {
      const target = new Uint8Array(output, task.position * imageBytes, imageBytes);
      await reader.read(task, size, target);
      passOn(task.name);
    } catch (error) {
      if (!(error instanceof BadImageError)) throw error;
      // The reason says it.
      log?.take();
      failures.push({ position: task.position, reason: error.reason });
    }
  }
  return failures;
}

/** What a name could move a terminal's cursor or turn its text by, once JSON has escaped the rest. */
const acting = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Writes what libjpeg said of an image that it could repair, with the image's name. */
function passOn(name: string): void {
  const words = log?.take();
  if (!words || named.has(name)) return;
  named.add(name);
  const printable = JSON.stringify(name).replace(acting, '?');
  for (const line of words.trimEnd().split('\n')) {
    writeSync(2, `${printable} is used as libjpeg repairs it: ${line}\n`);
  }
}

async function carryOut(request: Request): Promise<readonly Failure[]> {
  if (request.kind === 'decode') return decode(request);
  work?.reader.dispose();
  work = undefined;
  if (request.kind === 'open') {
    const reader = new ImageReader(api, resizer, request.reader, (decode) =>
      log ? log.during(decode) : decode(),
    );
    work = { reader, options: request.reader };
    // Behind the first reader, whose session starts TensorFlow's pools of threads.
    if (library) log ??= await ThreadLog.open();
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

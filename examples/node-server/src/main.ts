// `node dist/main.js <export> --port 8080`; the README lists the flags.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { loadClassifier } from '@bag-of-tricks/classifier';
import { formatProgress, registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { createClassifierServer } from './server.ts';

const defaults = {
  ...{ port: 8080, 'batch-size': 8, 'batch-delay': 5, 'max-under-way': 64 },
  ...{ 'max-bytes': 10e6, 'max-pixels': 25e6, 'upload-timeout': 10_000 },
};
const names = ['host', ...Object.keys(defaults)];
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
});
const count = (name: keyof typeof defaults): number => {
  const value = Number(values[name] ?? defaults[name]);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`--${name}: expected a whole number, got ${values[name]}`);
};
const batchSize = count('batch-size');

await registerTensorFlowBackend({
  install: true,
  onProgress: (progress) => console.log(formatProgress(progress)),
});
const classifier = await loadClassifier(positionals[0] ?? 'exported', {
  batchSize,
  maxPixels: count('max-pixels'),
});
// One pixel: the network and the threads that decode are ready before the first client comes.
const pixel = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';
await classifier.classify(Buffer.from(pixel, 'base64'));
const server = createClassifierServer(classifier, {
  batchSize,
  batchDelay: count('batch-delay'),
  maxBytes: count('max-bytes'),
  maxUnderWay: count('max-under-way'),
  uploadTimeout: count('upload-timeout'),
});
server.listen(count('port'), values.host ?? '127.0.0.1');
await once(server, 'listening');
const { address, port } = server.address() as AddressInfo;
console.log(`${classifier.description.model} listens at http://${address}:${port}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Once: a second one ends the process as it always does.
  process.once(signal, () => {
    console.log(`${signal}: finishing what is under way`);
    server.close(() => classifier.dispose());
    // Of a browser that has connected in advance, and of clients that are slow.
    setTimeout(() => server.closeAllConnections(), 10_000).unref();
  });
}

// `node dist/main.js <export> --port 8080`; the README lists the flags.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { loadClassifier } from '@bag-of-tricks/classifier';
import { formatProgress, registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { readFlags, runCommand } from './command-line.ts';
import { createClassifierServer } from './server.ts';

await runCommand(async () => {
  const defaults = {
    ...{ host: '127.0.0.1', port: 8080 },
    ...{ 'batch-size': 8, 'batch-delay': 5, 'max-under-way': 64 },
    ...{ 'decode-at-once': 1, 'max-bytes': 10e6, 'max-pixels': 12.5e6, 'upload-timeout': 10_000 },
  };
  const { positionals, flags } = readFlags(defaults, {
    port: [0, 65_535],
    'batch-delay': [0, 60_000],
    'upload-timeout': [1, 2 ** 31 - 1],
  });
  if (positionals.length > 1) {
    throw new Error(`expected the folder of one export, got ${positionals.join(' and ')}`);
  }
  const batchSize = flags['batch-size'];

  await registerTensorFlowBackend({
    install: true,
    onProgress: (progress) => console.log(formatProgress(progress)),
  });
  const classifier = await loadClassifier(positionals[0] ?? 'exported', {
    batchSize,
    readAtOnce: flags['decode-at-once'],
    maxPixels: flags['max-pixels'],
  });
  // One pixel: the network and the threads that decode are ready before the first client comes.
  const pixel = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';
  await classifier.classify(Buffer.from(pixel, 'base64'));
  const server = createClassifierServer(classifier, {
    batchSize,
    batchDelay: flags['batch-delay'],
    maxBytes: flags['max-bytes'],
    maxUnderWay: flags['max-under-way'],
    uploadTimeout: flags['upload-timeout'],
  });
  server.listen(flags.port, flags.host);
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
});

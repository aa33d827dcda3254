import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { findLibrary } from '@bag-of-tricks/libtensorflow';
import { GraphBuilder, openTensorFlow, Session } from '@bag-of-tricks/libtensorflow/native';
import { expect, test } from 'vitest';
import { NativeJpeg } from './native-jpeg.ts';

/** Threads of this process by which TensorFlow runs graphs. */
const graphThreads = () =>
  readdirSync('/proc/self/task').filter((id) =>
    readFileSync(`/proc/self/task/${id}/comm`, 'utf8').startsWith('tf_Compute'),
  ).length;

// In a file, and so in a process, of its own: the first session decides.
test.skipIf(process.platform !== 'linux')(
  'a graph that comes after the first decoded image has a thread for each core',
  async () => {
    const { api } = openTensorFlow(await findLibrary(), { hugePages: false });
    const jpeg = new NativeJpeg(api);
    const bytes = readFileSync(new URL('../../../fixtures/images/h2v2.jpg', import.meta.url));
    const window = { top: 0, left: 0, height: 8, width: 8 };
    jpeg.decode({ bytes, window, ratio: 1, fancyUpsampling: true }, new Uint8Array(8 * 8 * 3));
    const before = graphThreads();
    const graph = new GraphBuilder(api);
    const session = new Session(api, graph.graph, new Uint8Array());
    expect(graphThreads() - before).toBe(availableParallelism());
    session.dispose();
    graph.dispose();
    jpeg.dispose();
  },
);

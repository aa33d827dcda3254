import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.ts';
import { fakeProgram } from '../../test/support/programs.ts';
import { nvidiaGpus } from './gpu.ts';

test('cards are what nvidia-smi lists', async () => {
  const PATH = temporaryFolder();
  fakeProgram(
    PATH,
    'nvidia-smi',
    // Lines end so on Windows.
    "console.log('GPU 0: NVIDIA H100 (UUID: GPU-1)\\r\\nGPU 1: NVIDIA H100 (UUID: GPU-2)');",
  );
  expect(await nvidiaGpus({ PATH })).toEqual([
    'GPU 0: NVIDIA H100 (UUID: GPU-1)',
    'GPU 1: NVIDIA H100 (UUID: GPU-2)',
  ]);
});

test('no card is told with the reason', async () => {
  const PATH = temporaryFolder();
  expect(await nvidiaGpus({ PATH })).toEqual({ reason: 'nvidia-smi is not on the PATH' });
  fakeProgram(PATH, 'nvidia-smi', "console.log('No devices were found'); process.exit(6);");
  expect(await nvidiaGpus({ PATH })).toEqual({ reason: 'No devices were found' });
});

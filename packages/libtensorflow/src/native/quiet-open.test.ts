import { expect, test, vi } from 'vitest';
import { stderrOf } from '../../test/support/stderr.ts';
import { findLibrary } from '../library/find.ts';
import { bindLibc } from './libc.ts';
import { openTensorFlow } from './open.ts';

vi.mock(import('node:os'), async (original) => {
  const os = await original();
  // A quarter of the true memory is reserved then: more than the tenth of what is free, of which TensorFlow warns without oneDNN.
  return { ...os, totalmem: () => 4 * os.totalmem() };
});

test('TensorFlow opens without a word, whatever is reserved and with oneDNN off', async () => {
  vi.spyOn(process, 'constrainedMemory').mockReturnValue(0);
  const files = await findLibrary();
  bindLibc().setDefaultEnvironment('TF_ENABLE_ONEDNN_OPTS', '0');
  expect(stderrOf(() => openTensorFlow(files))).toBe('');
});

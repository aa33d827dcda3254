import { expect, test } from 'vitest';
import { diskFinding, memoryFinding, oneDnnFindings, threadFindings } from './machine.ts';

test('oneDNN is on unless the user turned it off', () => {
  const on = (env: NodeJS.ProcessEnv) => oneDnnFindings(env, { os: 'linux', arch: 'x64' })[0];
  expect(on({})).toMatchObject({ status: 'ok', value: 'on' });
  expect(on({ TF_ENABLE_ONEDNN_OPTS: '1' })).toMatchObject({ status: 'ok' });
  expect(on({ TF_ENABLE_ONEDNN_OPTS: '0' })).toMatchObject({
    status: 'warn',
    value: 'off (TF_ENABLE_ONEDNN_OPTS=0)',
    remedy: expect.stringContaining('Unset TF_ENABLE_ONEDNN_OPTS'),
  });
  expect(oneDnnFindings({}, { os: 'darwin', arch: 'arm64' })).toEqual([]);
});

test('thread counts come from the environment, or are named as the defaults', () => {
  expect(threadFindings({})[0]?.value).toMatch(
    /^\d+ cores, intra-op one a core, inter-op one a core, UV_THREADPOOL_SIZE 4 \(default\)$/,
  );
  const env = {
    UV_THREADPOOL_SIZE: '16',
    TF_NUM_INTRAOP_THREADS: '3',
    TF_NUM_INTEROP_THREADS: '2',
  };
  expect(threadFindings(env)[0]?.value).toMatch(/intra-op 3, inter-op 2, UV_THREADPOOL_SIZE 16$/);
});

test('little free memory is warned of', () => {
  const linux = { os: 'linux', arch: 'x64' };
  expect(memoryFinding(linux, 8e9, 4e9)).toMatchObject({
    status: 'ok',
    value: '8.0 GB, 4.0 GB free',
  });
  expect(memoryFinding(linux, 8e9, 1e9).status).toBe('warn');
  const mac = { os: 'darwin', arch: 'arm64' };
  expect(memoryFinding(mac, 16e9, 1e8)).toEqual({ name: 'Memory', status: 'ok', value: '16.0 GB' });
});

test('the disk is measured where the cache will be, also before it is there', async () => {
  expect(await diskFinding('/tmp/not/there/yet', 1)).toMatchObject({
    status: 'ok',
    value: expect.stringMatching(/^[\d.]+ GB free in \/tmp\/not\/there\/yet$/),
  });
  expect(await diskFinding('/tmp', 1e18)).toMatchObject({
    status: 'warn',
    remedy: expect.stringContaining('1000000000.0 GB are needed'),
  });
});

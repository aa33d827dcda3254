import { afterEach, expect, test, vi } from 'vitest';
import { combineHooks, runHooks, shieldHooks, type TrainHooks } from './hooks.ts';

const log = {} as never;
const failing = (message: string) => () => {
  throw new Error(message);
};

afterEach(() => vi.restoreAllMocks());

test('combined hooks are called in order, may leave calls out, and what one throws is thrown', () => {
  const calls: string[] = [];
  const hooks = combineHooks([
    { onBatchEnd: () => calls.push('a') },
    {},
    { onBatchEnd: () => calls.push('b'), onEpochEnd: () => calls.push('c') },
  ]);
  hooks.onBatchEnd(log);
  hooks.onEpochEnd(log);
  expect(calls).toEqual(['a', 'b', 'c']);
  expect(() => combineHooks([{ onBatchEnd: failing('disk full') }]).onBatchEnd(log)).toThrow(
    'disk full',
  );
});

test('rows come before observers, and those of an epoch before its checkpoint', () => {
  const calls: string[] = [];
  const recorder = (name: string) =>
    combineHooks([
      {
        onBatchEnd: () => calls.push(`${name} step`),
        onEpochEnd: () => calls.push(`${name} epoch`),
      },
    ]);
  const hooks = runHooks(recorder('row'), recorder('observer'));
  hooks.onBatchEnd(log);
  hooks.onEpochEnd(log);
  calls.push('checkpoint');
  hooks.onEpochSaved(log);
  expect(calls).toEqual(['row step', 'observer step', 'row epoch', 'checkpoint', 'observer epoch']);
});

test('a row that cannot be written fails the run before an observer hears of it', () => {
  const observe = vi.fn();
  const rows = combineHooks([{ onBatchEnd: failing('ENOSPC') }]);
  const hooks = runHooks(rows, shieldHooks([{ onBatchEnd: observe }], failing('never')));
  expect(() => hooks.onBatchEnd(log)).toThrow('ENOSPC');
  expect(observe).not.toHaveBeenCalled();
});

test('an observer that throws is named once for each call, is called again, and the others are called', () => {
  const warnings: string[] = [];
  const after = vi.fn();
  const broken = vi.fn(failing('no route to host'));
  const hooks = shieldHooks(
    [
      { name: 'report', onBatchEnd: broken, onEpochEnd: failing('args.yaml is missing') },
      { name: 'report', onBatchEnd: failing('x is undefined') },
      { onBatchEnd: after, onEpochEnd: after },
    ],
    (message) => warnings.push(message),
  );
  hooks.onBatchEnd(log);
  hooks.onBatchEnd(log);
  hooks.onEpochEnd(log);
  expect(after).toHaveBeenCalledTimes(3);
  expect(broken).toHaveBeenCalledTimes(2);
  expect(warnings).toHaveLength(3);
  expect(warnings[0]).toMatch(
    /^Warning: report\.onBatchEnd failed: Error: no route to host \(at .*hooks\.test\.ts:.*\)\. Training goes on, and calls it again; further errors of it are not printed$/,
  );
  expect(warnings[1]).toMatch(/^Warning: report\.onBatchEnd failed: Error: x is undefined/);
  expect(warnings[2]).toContain('report.onEpochEnd failed: Error: args.yaml is missing');
});

test('an asynchronous observer is not waited for, and its rejection is said as a throw is', async () => {
  const warnings: string[] = [];
  let reject = (_: unknown) => {};
  const pending = new Promise<void>((_, no) => {
    reject = no;
  });
  const asynchronous: TrainHooks = { onTrainEnd: () => pending };
  shieldHooks([asynchronous], (message) => warnings.push(message)).onTrainEnd(log);
  expect(warnings).toEqual([]);
  reject('gone');
  await new Promise(setImmediate);
  expect(warnings).toEqual([
    "Warning: hooks[0].onTrainEnd failed: 'gone'. Training goes on, and calls it again; further errors of it are not printed",
  ]);
});

test('where even the warning fails it becomes one of the process', () => {
  const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const hooks = shieldHooks([{ onTrainBegin: failing('first') }], failing('EPIPE'));
  hooks.onTrainBegin(log);
  expect(emit).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('Error: first'));
});

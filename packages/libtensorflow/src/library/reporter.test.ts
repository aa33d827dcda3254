import { expect, onTestFinished, test, vi } from 'vitest';
import { startReporter } from './reporter.ts';

test('a long download is reported every three seconds, and never as more than all of it', async () => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const reports: unknown[] = [];
  let received = 0;
  const { enter, stop } = startReporter(
    ({ phase, receivedBytes }) => reports.push({ phase, receivedBytes }),
    100,
    async () => received,
  );
  enter('download');
  enter('download');
  await vi.advanceTimersByTimeAsync(0);
  received = 40;
  await vi.advanceTimersByTimeAsync(3000);
  received = 120;
  await vi.advanceTimersByTimeAsync(3000);
  enter('unpack');
  stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(reports).toEqual([
    { phase: 'prepare' },
    { phase: 'download', receivedBytes: 0 },
    { phase: 'download', receivedBytes: 40 },
    { phase: 'download', receivedBytes: 100 },
    { phase: 'unpack' },
  ]);
});

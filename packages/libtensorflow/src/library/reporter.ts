import type { InstallPhase, InstallProgress } from './progress.ts';

const intervalMs = 3000;

export interface Reporter {
  readonly enter: (phase: InstallPhase) => void;
  readonly stop: () => void;
}

/** Reports each change of phase, and between them how far the download is. */
export function startReporter(
  onProgress: (progress: InstallProgress) => void,
  totalBytes: number,
  received: () => Promise<number>,
): Reporter {
  const start = performance.now();
  let current: InstallPhase = 'prepare';
  const elapsed = () => (performance.now() - start) / 1000;
  const report = async () => {
    const phase = current;
    if (phase !== 'download') return onProgress({ phase, elapsedSeconds: elapsed() });
    const receivedBytes = Math.min(await received(), totalBytes);
    // The phase may have moved on meanwhile; a late line would run backwards.
    if (phase === current) {
      onProgress({ phase, elapsedSeconds: elapsed(), receivedBytes, totalBytes });
    }
  };
  const timer = setInterval(report, intervalMs);
  void report();
  return {
    enter: (phase) => {
      if (phase === current) return;
      current = phase;
      void report();
    },
    stop: () => clearInterval(timer),
  };
}

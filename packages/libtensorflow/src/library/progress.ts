/** The steps of an installation, in order. */
export type InstallPhase = 'prepare' | 'download' | 'unpack' | 'verify' | 'done';

/** How far an installation is; reported at each change of phase and every few seconds in between. */
export interface InstallProgress {
  readonly phase: InstallPhase;
  readonly elapsedSeconds: number;
  /** While downloading: what pip has received so far, of all wheels together. */
  readonly receivedBytes?: number;
  readonly totalBytes?: number;
}

const sentences: Readonly<Record<InstallPhase, string>> = {
  prepare: 'asking pip for the TensorFlow library',
  download: 'downloading the TensorFlow library',
  unpack: 'unpacking the TensorFlow library',
  verify: 'checking the TensorFlow library',
  done: 'the TensorFlow library is installed',
};

/**
 * One line for a terminal or a log, such as
 * `downloading the TensorFlow library: 137 of 274 MB (50 %), 12 s`.
 */
export function formatProgress(progress: InstallProgress): string {
  const { phase, elapsedSeconds, receivedBytes, totalBytes } = progress;
  const time = `${Math.round(elapsedSeconds)} s`;
  if (receivedBytes === undefined || totalBytes === undefined)
    return `${sentences[phase]}: ${time}`;
  const percent = Math.floor((100 * receivedBytes) / totalBytes);
  const amount = `${megabytes(receivedBytes)} of ${megabytes(totalBytes)} MB (${percent} %)`;
  return `${sentences[phase]}: ${amount}, ${time}`;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}

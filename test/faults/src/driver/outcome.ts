/** How a case ended; everything but `fault` is as it should be. */
export type Ending =
  /** Nothing failed: a retry, or it did no harm. */
  | 'went on'
  /** It went on, and said what it had met. */
  | 'warned'
  /** It stopped with an error that names the file, and the resumed run is the same. */
  | 'stopped'
  /** It was killed, and the resumed run is the same. */
  | 'resumed'
  /** There was no checkpoint yet, resuming says so, and the run that begins anew is the same. */
  | 'not begun'
  | 'fault';

/** What became of a case, with what was wrong or what was said. */
export interface Outcome {
  readonly ending: Ending;
  readonly detail: string;
}

/** The outcome of a case in which something was wrong. */
export const fault = (detail: string): Outcome => ({ ending: 'fault', detail });

/** Seconds in which all processes have to come, and to join what one of them has begun, where a cluster says nothing else. */
export const defaultTimeout = 600;

/** The processes that train one network together, and which of them this one is. */
export interface Cluster {
  /** `host:port` of each, in the order of their ranks; the same in all processes. */
  readonly addresses: readonly string[];
  /** Of this process, from 0. */
  readonly rank: number;
  /** Seconds in which all have to come, and to join what one of them has begun. Default: 600. */
  readonly timeout?: number | undefined;
  /** Seconds after which a process whose server does not answer is taken as gone. Default: 60. */
  readonly heartbeat?: number | undefined;
}

/** How to wait for the others. */
export interface WaitOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Told every 10 seconds for whom it waits and why. */
  readonly onWait?: ((message: string) => void) | undefined;
}

/** The longest silence while a process waits for others, in milliseconds. */
const silence = 10_000;

/** Calls `tell` now and then, until the function that it returns is called. */
export function tellLate(tell: () => void): () => void {
  const timer = setInterval(tell, silence);
  return () => clearInterval(timer);
}

/** Processes that know each other's number, but not yet all addresses. */
export interface Meeting {
  readonly rank: number;
  readonly size: number;
  /** Where rank 0 waits for the others. */
  readonly master: { readonly host: string; readonly port: number };
}

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
  /** Told after 10 seconds, and each minute from then on, for whom it waits and why. */
  readonly onWait?: ((message: string) => void) | undefined;
}

/** Calls `tell` after 10 seconds, and each minute from then on; stopped by the function that it returns. */
export function tellLate(tell: () => void): () => void {
  const first = setTimeout(tell, 10_000);
  const later = setInterval(tell, 60_000);
  return () => {
    clearTimeout(first);
    clearInterval(later);
  };
}

/** Processes that know each other's number, but not yet all addresses. */
export interface Meeting {
  readonly rank: number;
  readonly size: number;
  /** Where rank 0 waits for the others. */
  readonly master: { readonly host: string; readonly port: number };
}

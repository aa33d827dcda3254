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

/** Processes that know each other's number, but not yet all addresses. */
export interface Meeting {
  readonly rank: number;
  readonly size: number;
  /** Where rank 0 waits for the others. */
  readonly master: { readonly host: string; readonly port: number };
}

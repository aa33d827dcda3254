export { type AllReduceOptions, allReduce } from './all-reduce.ts';
export type { Cluster, Meeting, WaitOptions } from './cluster.ts';
export { connect, type Processes } from './connect.ts';
export { type Environment, type Placement, placementFrom } from './from-environment.ts';
export { freePorts, type MeetOptions, meet } from './meet.ts';
export { LostProcessError } from './watch.ts';

export {
  type NamedArray,
  type NamedArrays,
  parseArrays,
  serializeArrays,
} from './checkpoint/arrays.ts';
export {
  type OpenedCheckpoint,
  type OpenOptions,
  openCheckpoint,
  openFolder,
  readArrays,
  weightsFile,
} from './checkpoint/open.ts';
export { checkpointName, type Place, placeOf, resolveName, storeOf } from './checkpoint/places.ts';
export {
  afterStep,
  beginning,
  meansOf,
  nextEpoch,
  type Position,
  type StepTotals,
} from './checkpoint/position.ts';
export {
  findRun,
  goBackTo,
  type KeepOptions,
  openToResume,
  positionOf,
} from './checkpoint/resume.ts';
export { type SaveCheckpointOptions, saveCheckpoint } from './checkpoint/save.ts';
export {
  type Best,
  type CheckpointState,
  type EpochTotals,
  foreignState,
  parseState,
  type ReadConfig,
} from './checkpoint/state.ts';
export { type DumpedBatch, type DumpedStep, readDump, writeDump } from './dumped-step.ts';
export {
  describeEnvironment,
  type Environment,
  type Program,
  writeEnvironment,
} from './environment.ts';
export { RunLockedError, SaveError, saveError } from './errors.ts';
export { checkpointsIn, command, dumpPrefix, newestCheckpoint } from './files.ts';
export {
  beginIn,
  createRunFolder,
  type RunFolderOptions,
  requireNothingTrained,
  withRunFolder,
} from './folder.ts';
export { keepImagesList, readImagesList } from './images-list.ts';
export { type Column, csvColumns, jsonlNames, scoreColumns } from './log/columns.ts';
export {
  type ConsoleLogOptions,
  consoleLog,
  counted,
  formatAccuracy,
  formatDuration,
  formatShare,
} from './log/console.ts';
export {
  type BadImage,
  type BatchLog,
  combineHooks,
  type EpochLog,
  type Evaluation,
  type HookCalls,
  type RunHooks,
  runHooks,
  type ShownSettings,
  shieldHooks,
  type TrainBeginLog,
  type TrainHooks,
  type TrainResult,
} from './log/hooks.ts';
export { printable, printableLines } from './log/printable.ts';
export { openRowLogs, type RowLogsOptions } from './log/row-logs.ts';

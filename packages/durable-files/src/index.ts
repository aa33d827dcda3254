export {
  bestOf,
  type Checkpoint,
  type CheckpointStoreOptions,
  checkpointStore,
  keptOf,
  type Rating,
} from './checkpoint-store.ts';
export { CHECKSUMS, checksumsOf, findDamage, isUnread } from './checksums.ts';
export { FolderLockedError, LOCK, lockFolder } from './folder-lock.ts';
export { bytesOf, checkFreeSpace, describeSpace, freeBytes, SpaceError } from './free-space.ts';
export { isLeftover, probeFolder, removeLeftovers, removeLeftoversOf } from './leftovers.ts';
export { openRows, type RowFile, syncRows } from './row-file.ts';
export { explainCode, remedyFor } from './system-errors.ts';
export {
  type Files,
  removeFolder,
  TEMPORARY,
  type WriteFolderOptions,
  writeFolderWhole,
  writeLinkWhole,
} from './write-folder-whole.ts';
export {
  UNFINISHED,
  type WriteWholeOptions,
  writeFileWhole,
  writeWhole,
  writeWholeSync,
} from './write-whole.ts';

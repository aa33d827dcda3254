export { TEMPORARY, writeFolderWhole, writeLinkWhole } from './write-folder-whole.ts';
export { UNFINISHED, type WriteWholeOptions, writeFileWhole, writeWhole } from './write-whole.ts';

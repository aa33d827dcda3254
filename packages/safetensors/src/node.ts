export { openSafetensors, readSafetensors, type SafetensorsFile } from './open-file.ts';
export { type SafetensorsSource, type WriteOptions, writeSafetensors } from './write-file.ts';

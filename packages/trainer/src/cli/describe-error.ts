import { LostProcessError } from '@bag-of-tricks/data-parallel';
import { explainCode, remedyFor } from '@bag-of-tricks/durable-files';
import { BadImagesError } from '@bag-of-tricks/image-data';
import { LibraryInstallError, LibraryNotFoundError } from '@bag-of-tricks/libtensorflow';
import { printableLines } from '@bag-of-tricks/run-folder';
import { exitCodes } from '../errors.ts';

/** Says what a system error means; other texts stay as they are. */
export function explainSystemError(error: NodeJS.ErrnoException): string {
  const remedy = remedyFor(error);
  if (remedy === undefined || error.syscall === undefined) return error.message;
  const where = error.path === undefined ? '' : `${error.path}: `;
  return `${where}expected that ${error.syscall} succeeds, got ${explainCode(error)}. ${remedy}`;
}

/** Whether TensorFlow's library is missing, and not because somebody stopped its installation. */
const lacksLibrary = (error: unknown) =>
  error instanceof LibraryNotFoundError ||
  (error instanceof LibraryInstallError && error.failure !== 'aborted');

/** What to do where the library cannot be had. */
export const withoutLibrary =
  "Without TensorFlow's library train, eval and predict run too, many times slower, on a backend of TensorFlow.js: --backend wasm (npm install @tensorflow/tfjs-backend-wasm)";

/** The text of whatever was thrown, printable. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? explainSystemError(error) : String(error);
  return printableLines(lacksLibrary(error) ? `${text}\n${withoutLibrary}` : text);
}

/** The exit code that an error carries, or that of a failure. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof BadImagesError) return exitCodes.badImages;
  if (error instanceof LostProcessError) return exitCodes.lost;
  const { exitCode } = Object(error) as { readonly exitCode?: unknown };
  return Number.isInteger(exitCode) ? (exitCode as number) : exitCodes.failure;
}

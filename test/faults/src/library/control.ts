import { constants } from 'node:os';
import koffi from 'koffi';

const kinds = { none: 0, kill: 1, torn: 2, short: 3, error: 4, full: 5, copy: 6 } as const;

/** Errors that one operation may return. */
export type ErrorCode = 'ENOSPC' | 'EIO' | 'EINTR' | 'EACCES';

/** What happens at the operation `at`, counted from 1. `copy` changes nothing, and copies the folder before every one. */
export type Fault =
  | { readonly kind: 'none' }
  | { readonly kind: 'copy'; readonly copies: string }
  | { readonly kind: 'kill' | 'torn' | 'short' | 'full'; readonly at: number }
  | { readonly kind: 'error'; readonly at: number; readonly code: ErrorCode };

/** Where faults happen, and the file outside of it that gets a line an operation. */
export interface Target {
  readonly folder: string;
  readonly trace: string;
}

/** The handle on the library that is preloaded into this process. */
export interface FaultLibrary {
  arm(target: Target, fault: Fault): void;
  /** Returns how many operations there were since `arm`. */
  disarm(): number;
}

/** Opens the library; it must be preloaded, or it would see nothing. */
export function openFaults(library: string): FaultLibrary {
  if (process.env.LD_PRELOAD !== library) {
    throw new Error(`openFaults: expected LD_PRELOAD=${library}, got ${process.env.LD_PRELOAD}`);
  }
  const handle = koffi.load(library);
  const arm = handle.func('void faults_arm(str, str, int, long, int, str)');
  const disarm = handle.func('long faults_disarm()');
  return {
    arm({ folder, trace }, fault) {
      const at = 'at' in fault ? fault.at : 0;
      const error = fault.kind === 'error' ? constants.errno[fault.code] : 0;
      arm(folder, trace, kinds[fault.kind], at, error, 'copies' in fault ? fault.copies : '');
    },
    disarm: () => Number(disarm()),
  };
}

/** One operation: what it was, and the path below the folder; numbers of the process and random parts of names are left out. */
export interface Operation {
  readonly name: string;
  readonly path: string;
}

/** Reads what the library wrote. */
export function parseTrace(text: string): Operation[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, name = '', path = ''] = line.split('\t');
      return { name, path: path.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '*') };
    });
}

import type { TensorFlowApi } from './api.ts';
import type { Pointer } from './prototype.ts';

const codeNames = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** An error that TensorFlow reported. */
export class TensorFlowError extends Error {
  override readonly name = 'TensorFlowError';
  /** TensorFlow's name of the code (`TF_Code`), such as `INVALID_ARGUMENT`. */
  readonly code: string;
  /** What was asked of TensorFlow, usually the name of the op. */
  readonly operation: string;
  /** TensorFlow's own words. */
  readonly reason: string;

  constructor(operation: string, code: number, reason: string) {
    const name = codeNames[code] ?? `code ${code}`;
    super(`${operation}: ${reason} (${name})`);
    this.code = name;
    this.operation = operation;
    this.reason = reason;
  }
}

/** A `TF_Status` that calls report into, one after the other. */
export class Status {
  readonly pointer: Pointer;
  readonly #api: TensorFlowApi;

  constructor(api: TensorFlowApi) {
    this.#api = api;
    this.pointer = api.TF_NewStatus();
  }

  /** Throws what the last call reported, if it failed; `operation` names what was asked. */
  check(operation: string): void {
    const code = this.#api.TF_GetCode(this.pointer);
    if (code === 0) return;
    throw new TensorFlowError(operation, code, this.#api.TF_Message(this.pointer));
  }

  dispose(): void {
    this.#api.TF_DeleteStatus(this.pointer);
  }
}

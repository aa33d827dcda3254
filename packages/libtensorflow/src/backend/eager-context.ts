import type { TensorFlowApi } from '../native/api.ts';
import { encodeThreads, type ThreadOptions } from '../native/config-proto.ts';
import type { Pointer } from '../native/prototype.ts';
import type { Status } from '../native/status.ts';

/** A new context to run eager ops in; TensorFlow places each op on a GPU if there is one and it has the kernel. */
export function newContext(api: TensorFlowApi, status: Status, threads: ThreadOptions): Pointer {
  const config = encodeThreads(threads);
  const options = api.TFE_NewContextOptions();
  try {
    api.TFE_ContextOptionsSetConfig(options, config, config.byteLength, status.pointer);
    status.check('TFE_ContextOptionsSetConfig');
    const context = api.TFE_NewContext(options, status.pointer);
    status.check('TFE_NewContext');
    return context;
  } finally {
    api.TFE_DeleteContextOptions(options);
  }
}

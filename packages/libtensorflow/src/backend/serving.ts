import type { ThreadOptions } from '../native/config-proto.ts';
import type { TensorFlowLibrary } from '../native/open.ts';
import { EagerBinding } from './eager-binding.ts';
import { loadVendor, type NodeBackend } from './vendor.ts';

/** The context that serves one registration, and its successors: tfjs disposes of a backend and may ask for it again. */
export class Serving {
  readonly #library: TensorFlowLibrary;
  readonly #threads: ThreadOptions;
  #binding: EagerBinding;
  #kernels: NodeBackend;

  constructor(library: TensorFlowLibrary, threads: ThreadOptions) {
    this.#library = library;
    this.#threads = threads;
    this.#binding = new EagerBinding(library, threads);
    this.#kernels = this.#newKernels();
  }

  get binding(): EagerBinding {
    return this.#binding;
  }

  get kernels(): NodeBackend {
    return this.#kernels;
  }

  /** tfjs's factory: after `tf.engine().reset()` it wants a live backend, in other cases the one it has. */
  revive(): NodeBackend {
    if (this.#binding.isDisposed) {
      this.#binding = new EagerBinding(this.#library, this.#threads);
      this.#kernels = this.#newKernels();
    }
    return this.#kernels;
  }

  #newKernels(): NodeBackend {
    const binding = this.#binding;
    const { NodeJSKernelBackend } = loadVendor();
    const kernels = new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node-gpu');
    // tfjs-node's own does nothing.
    kernels.dispose = () => binding.dispose();
    return kernels;
  }
}

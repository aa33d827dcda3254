import { AutocastBinding, type Precision } from './autocast-binding.ts';
import type { NativeBackend } from './native-backend.ts';

/** The time in which a backend's binding is decorated. */
export class Scope {
  readonly autocast: AutocastBinding;
  readonly backend: NativeBackend;
  /** The data of each low-precision tensor that was made. */
  readonly #made: object[] = [];

  constructor(backend: NativeBackend, precision: Precision) {
    this.backend = backend;
    this.autocast = new AutocastBinding(backend.binding, precision);
  }

  /** Runs `action` on the decorated binding; what outlives it becomes float32. */
  run<T>(action: () => T): T {
    const { backend, autocast } = this;
    const createOutputTensor = backend.createOutputTensor.bind(backend);
    const noting: typeof createOutputTensor = (output) => {
      const tensor = createOutputTensor(output);
      if (autocast.isLow(output.id)) this.#made.push(tensor.dataId);
      return tensor;
    };
    try {
      const parts = { binding: autocast.binding, createOutputTensor: noting };
      return backend.withParts(parts, action);
    } finally {
      this.#widenSurvivors();
      autocast.dispose();
    }
  }

  #widenSurvivors(): void {
    const { tensorMap } = this.backend;
    for (const dataId of this.#made) {
      if (!tensorMap.has(dataId)) continue;
      const entry = tensorMap.get(dataId);
      if (this.autocast.isLow(entry.id)) entry.id = this.autocast.release(entry.id);
    }
  }
}

import { AutocastBinding } from "./autocast-binding.js";
/** The time in which a backend's binding is decorated. */
export class Scope {
    autocast;
    backend;
    /** The data of each low-precision tensor that was made. */
    #made = [];
    constructor(backend, dtype) {
        this.backend = backend;
        this.autocast = new AutocastBinding(backend.binding, dtype);
    }
    /** Runs `action` on the decorated binding; what outlives it becomes float32. */
    run(action) {
        const { backend, autocast } = this;
        const { binding } = backend;
        const createOutputTensor = backend.createOutputTensor.bind(backend);
        backend.binding = autocast.binding;
        backend.createOutputTensor = (output) => {
            const tensor = createOutputTensor(output);
            if (autocast.isLow(output.id))
                this.#made.push(tensor.dataId);
            return tensor;
        };
        try {
            return action();
        }
        finally {
            // The method of the class shows again.
            Reflect.deleteProperty(backend, 'createOutputTensor');
            backend.binding = binding;
            this.#widenSurvivors();
            autocast.dispose();
        }
    }
    #widenSurvivors() {
        const { tensorMap } = this.backend;
        for (const dataId of this.#made) {
            if (!tensorMap.has(dataId))
                continue;
            const entry = tensorMap.get(dataId);
            if (this.autocast.isLow(entry.id))
                entry.id = this.autocast.release(entry.id);
        }
    }
}
//# sourceMappingURL=scope.js.map
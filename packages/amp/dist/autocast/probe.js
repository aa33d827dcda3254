import { cast } from "./cast.js";
import { FLOAT, lowTypes } from "./low-precision.js";
const passed = new WeakMap();
/** `requireProbe`, once for each backend. */
export function requireProbeOnce(caller, backend, dtype) {
    const known = passed.get(backend) ?? new Set();
    if (known.has(dtype))
        return;
    requireProbe(caller, backend, dtype);
    passed.set(backend, known.add(dtype));
}
/**
 * Runs one convolution in `dtype`.
 *
 * @throws Error unless it answers a tensor of that type.
 */
export function requireProbe(caller, { binding }, dtype) {
    let answer;
    try {
        answer = probe(binding, lowTypes[dtype]);
    }
    catch (error) {
        throw new Error(`${caller}: expected a device that computes in ${dtype}, but a probe failed: ${error.message} Use another dtype, or train in float32.`, { cause: error });
    }
    if (answer !== lowTypes[dtype]) {
        throw new Error(`${caller}: expected a convolution to answer ${dtype} (type ${lowTypes[dtype]}), got type ${answer}. Use another dtype, or train in float32.`);
    }
}
/** The type that a convolution in `type` answers. */
function probe(binding, type) {
    const values = binding.createTensor([1, 1, 1, 1], FLOAT, Float32Array.of(1));
    const low = cast(binding, values, FLOAT, type);
    const attributes = [
        { name: 'T', type: binding.TF_ATTR_TYPE, value: type },
        { name: 'strides', type: binding.TF_ATTR_INT, value: [1, 1, 1, 1] },
        { name: 'padding', type: binding.TF_ATTR_STRING, value: 'SAME' },
    ];
    try {
        const [output] = binding.executeOp('Conv2D', attributes, [low, low], 1);
        if (output !== undefined)
            binding.deleteTensor(output.id);
        return output?.dtype;
    }
    finally {
        binding.deleteTensor(low);
        binding.deleteTensor(values);
    }
}
//# sourceMappingURL=probe.js.map
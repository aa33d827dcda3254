"""PyTorch's side of `bench layers`: python layer_times.py '<spec as JSON>'; the spec is LayerSpec of src/ours/layer-times.ts."""

import json
import math
import statistics
import sys
import time

import numpy as np
import torch
from foreign_load import foreign_share, machine_load
from torch import Tensor
from torch.nn import functional as F


def values(shape: tuple[int, ...], factor: int) -> Tensor:
    """The same numbers as ours, in the same order."""
    count = np.arange(math.prod(shape), dtype=np.int64)
    return torch.from_numpy(((count * factor % 1013) / 506 - 1).astype(np.float32).reshape(shape))


def measure(run, spec: dict) -> dict:
    times, cpu_times = [], []
    for _ in range(spec["warmupSteps"] + spec["steps"]):
        start, cpu_start = time.perf_counter(), time.process_time()
        result = run()
        times.append((time.perf_counter() - start) * 1000)
        cpu_times.append((time.process_time() - cpu_start) * 1000)
    timed = slice(spec["warmupSteps"], None)
    return {"ms": statistics.median(times[timed]), "cpuMs": statistics.median(cpu_times[timed]), "norm": result.double().norm().item()}


def passes(layer: dict, spec: dict) -> dict:
    size, channels, kernel, stride, groups = (layer[key] for key in ("size", "channels", "kernelSize", "stride", "groups"))
    outputs, batch = -(-size // stride), spec["batchSize"]
    memory_format = torch.channels_last if spec["channelsLast"] else torch.contiguous_format
    image = lambda side, factor: values((batch, side, side, channels), factor).permute(0, 3, 1, 2).contiguous(memory_format=memory_format)
    x, dy = image(size, 7919), image(outputs, 1299709)
    w = values((kernel, kernel, channels // groups, channels), 104729).permute(3, 2, 0, 1).contiguous(memory_format=memory_format)
    padding = kernel // 2

    def backward(index: int) -> Tensor:
        wanted = [index == 0, index == 1, False]
        places = ([stride] * 2, [padding] * 2, [1, 1], False, [0, 0], groups)
        return torch.ops.aten.convolution_backward(dy, x, w, None, *places, wanted)[index]

    return {
        "forward": measure(lambda: F.conv2d(x, w, None, stride, padding, 1, groups), spec),
        "inputGradient": measure(lambda: backward(0), spec),
        "filterGradient": measure(lambda: backward(1), spec),
    }


def main() -> None:
    spec = json.loads(sys.argv[1])
    if spec["threads"]:
        torch.set_num_threads(spec["threads"])
    load = machine_load(time.process_time())
    with torch.no_grad():
        layers = [passes(layer, spec) for layer in spec["layers"]]
    print(json.dumps({"layers": layers, "foreignShare": foreign_share(load, machine_load(time.process_time()))}))


if __name__ == "__main__":
    main()

"""One process of the benchmark: trains a few steps in PyTorch and prints what it saw as one line of JSON.

    python train_step.py '<spec as JSON>'     the spec is src/contestants/step-spec.ts
"""

import json
import os
import platform
import resource
import sys
import time

import torch
from foreign_load import foreign_share, machine_load
from networks import create_model
from torch import Tensor, distributed, nn
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel


def read_tensors(spec: dict) -> dict[str, Tensor]:
    """The tensors that our side wrote: raw little-endian values, one after another, and an index of them."""
    with open(f"{spec['dataFolder']}/tensors.json") as file:
        index = json.load(file)
    with open(f"{spec['dataFolder']}/tensors.bin", "rb") as file:
        values = bytearray(file.read())
    dtypes = {"float32": torch.float32, "int32": torch.int32}
    return {
        entry["name"]: torch.frombuffer(
            values, dtype=dtypes[entry["dtype"]], count=entry["count"], offset=entry["offset"]
        ).reshape(entry["shape"]).clone()
        for entry in index
    }


def load_weights(model: nn.Module, tensors: dict[str, Tensor]) -> None:
    weights = {name[len("model/") :]: value for name, value in tensors.items() if name.startswith("model/")}
    missing, unexpected = model.load_state_dict(weights, strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unexpected:
        raise SystemExit(f"train_step.py: the networks differ: missing {missing}, unexpected {unexpected}")


def make_optimizer(model: nn.Module, spec: dict) -> torch.optim.Optimizer:
    """NAG without decay of biases and batch norm, in PyTorch's fastest form."""
    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": spec["weightDecay"]},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.SGD(groups, lr=spec["learningRate"], momentum=spec["momentum"], nesterov=True, fused=True)


def soft_targets(labels: Tensor, spec: dict) -> Tensor:
    one_hot = F.one_hot(labels, spec["numClasses"]).float()
    return one_hot * (1 - spec["epsilon"]) + spec["epsilon"] / spec["numClasses"]


def running_variance_sum(model: nn.Module) -> float:
    return sum(b.double().sum().item() for name, b in model.named_buffers() if name.endswith("running_var"))


def sent_bytes() -> int:
    with open(f"/sys/class/net/{os.environ['GLOO_SOCKET_IFNAME']}/statistics/tx_bytes") as file:
        return int(file.read())


def main() -> None:
    spec = json.loads(sys.argv[1])
    if spec["threads"]:
        torch.set_num_threads(spec["threads"])
    tensors = read_tensors(spec)
    model = create_model(spec["network"], spec["numClasses"])
    load_weights(model, tensors)
    model.train()
    # torchrun's variables tell who takes part.
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size > 1:
        distributed.init_process_group("gloo")
        rank = distributed.get_rank()
        tensors["images"], tensors["labels"] = (tensors[name].chunk(size)[rank] for name in ("images", "labels"))
    # `bench gpu` asks for the GPU.
    device = "cuda" if os.environ.get("BENCH_DEVICE") == "cuda" and torch.cuda.is_available() else "cpu"
    model = model.to(device)
    images = tensors["images"].permute(0, 3, 1, 2).contiguous().to(device)
    labels = tensors["labels"].long().to(device)
    if spec["channelsLast"]:
        model = model.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    optimizer = make_optimizer(model, spec)
    if size > 1:
        # Running statistics stay each process's own: their mean is what is compared.
        model = DistributedDataParallel(model, broadcast_buffers=False, gradient_as_bucket_view=True)
    forward = torch.compile(model) if spec["compile"] else model
    low = None if spec["amp"] is None else getattr(torch, spec["amp"])
    scaler = torch.amp.GradScaler(device, init_scale=2.0**15, enabled=low is torch.float16)
    logits_dtype = None

    def step() -> float:
        nonlocal logits_dtype
        optimizer.zero_grad()
        with torch.autocast(device, dtype=low, enabled=low is not None):
            logits = forward(images)
        logits_dtype = logits.dtype
        # In float32 as on our side: mixed precision keeps losses in it.
        loss = F.cross_entropy(logits.float(), soft_targets(labels, spec))
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        return loss.item()

    losses, times, variance_sum, load, sent = [], [], None, None, 0
    for index in range(spec["warmupSteps"] + spec["steps"]):
        if index == spec["warmupSteps"]:
            if size > 1:
                distributed.barrier()
                sent = sent_bytes()
            load = machine_load(time.process_time())
        start = time.perf_counter()
        losses.append(step())
        times.append((time.perf_counter() - start) * 1000)
        if index + 1 == spec["checkedSteps"]:
            variance_sum = running_variance_sum(model)
    foreign = foreign_share(load, machine_load(time.process_time()))
    print(
        json.dumps(
            {
                "losses": losses[: spec["checkedSteps"]],
                "runningVarianceSum": variance_sum,
                "warmupMs": times[: spec["warmupSteps"]],
                "stepMs": times[spec["warmupSteps"] :],
                "peakRssBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
                "cpuMs": time.process_time() * 1000,
                "sentBytes": (sent_bytes() - sent) / spec["steps"] if size > 1 else None,
                "foreignShare": foreign,
                "traceMs": None,
                "ops": None,
                # The dense layer returns the type that it computes in.
                "computesIn": str(logits_dtype).removeprefix("torch."),
                "matrixOps": None,
                "versions": {"python": platform.python_version(), "pytorch": torch.__version__},
                "threads": torch.get_num_threads(),
            }
        )
    )


if __name__ == "__main__":
    main()

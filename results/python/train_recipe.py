"""Trains the recipe in PyTorch and writes summary.csv and env.json of a run folder.

    PYTHONPATH=bench/python python train_recipe.py '<spec as JSON>'     the spec is src/pytorch-row.ts
"""

import json
import math
import platform
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import PIL
import torch
from networks import create_model
from PIL import Image
from timm.models.resnet import BasicBlock
from torch import Tensor, nn
from torch.nn import functional as F
from train_step import make_optimizer, soft_targets


def read_images(folder: Path) -> tuple[Tensor, Tensor]:
    """All images of folder/<class>/*: uint8 [count, height, width, 3], and the classes in sorted order."""
    images, labels = [], []
    for label, class_folder in enumerate(sorted(one for one in folder.iterdir() if one.is_dir())):
        for path in sorted(class_folder.iterdir()):
            with Image.open(path) as image:
                images.append(np.asarray(image.convert("RGB")))
            labels.append(label)
    return torch.from_numpy(np.stack(images)), torch.tensor(labels)


def eval_folder(data_dir: Path) -> Path:
    """The images that the trainer evaluates on: those of the first of these folders."""
    return next(data_dir / name for name in ("val", "validation", "valid", "test") if (data_dir / name).is_dir())


def initialise(model: nn.Module) -> None:
    """Xavier uniform weights, zero biases, and gamma 0 in the last batch norm of each residual block."""
    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(module.weight)
        if isinstance(module, nn.Linear):
            nn.init.zeros_(module.bias)
        if isinstance(module, BasicBlock):
            nn.init.zeros_(module.bn2.weight)


def learning_rate(spec: dict, step: int, steps_per_epoch: int) -> float:
    """Linear warmup in the paper's form, then cosine decay to 0 over the steps that remain."""
    warmup = round(spec["warmupEpochs"] * steps_per_epoch)
    if step < warmup:
        return spec["learningRate"] * (step + 1) / warmup
    decay = spec["epochs"] * steps_per_epoch - warmup
    return spec["learningRate"] * (1 + math.cos(math.pi * (step - warmup) / decay)) / 2


def pad_crop_flip(images: Tensor, padding: int) -> Tensor:
    """Each image moved by its own offset over black and mirrored with probability 0.5."""
    count, height, width, _ = images.shape
    padded = F.pad(images, (0, 0, padding, padding, padding, padding))
    top, left = torch.randint(0, 2 * padding + 1, (2, count, 1))
    columns = torch.arange(width).repeat(count, 1)
    columns = torch.where(torch.rand(count, 1) < 0.5, width - 1 - columns, columns) + left
    rows = top + torch.arange(height)
    return padded[torch.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]]


def normalise(images: Tensor, spec: dict) -> Tensor:
    """Bytes [count, height, width, 3] to float32 [count, 3, height, width] in channels-last memory."""
    return ((images.float() - torch.tensor(spec["mean"])) / torch.tensor(spec["std"])).permute(0, 3, 1, 2)


def train_epoch(images: Tensor, labels: Tensor, spec: dict) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches in a new order, mixed; an incomplete last batch is dropped."""
    order = torch.randperm(len(images))
    mixing = torch.distributions.Beta(spec["mixupAlpha"], spec["mixupAlpha"])
    for start in range(0, len(images) - spec["batchSize"] + 1, spec["batchSize"]):
        chosen = order[start : start + spec["batchSize"]]
        inputs = normalise(pad_crop_flip(images[chosen], spec["cropPadding"]), spec)
        targets = soft_targets(labels[chosen], spec)
        share = mixing.sample()
        yield torch.lerp(inputs.flip(0), inputs, share), torch.lerp(targets.flip(0), targets, share)


@torch.no_grad()
def evaluate(model: nn.Module, images: Tensor, labels: Tensor, spec: dict) -> tuple[float, float]:
    """Mean cross-entropy and top-1 in percent."""
    model.eval()
    loss, correct = 0.0, 0
    for start in range(0, len(images), 250):
        expected = labels[start : start + 250]
        with torch.autocast("cpu", torch.bfloat16, enabled=spec["bfloat16"]):
            logits = model(normalise(images[start : start + 250], spec))
        loss += F.cross_entropy(logits.float(), expected, reduction="sum").item()
        correct += (logits.argmax(1) == expected).sum().item()
    model.train()
    return loss / len(images), 100 * correct / len(images)


def run_epochs(
    spec: dict,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    packages: dict,
    batches: Callable[[], Iterable[tuple[Tensor, Tensor]]],
    steps_per_epoch: int,
    score: Callable[[], tuple[float, float]],
    epsilon: float = 0.0,
) -> None:
    """Trains, and writes env.json and a row of summary.csv an epoch. `batches` gives the inputs and targets of an epoch, `score` loss and top-1."""
    folder = Path(spec["folder"])
    environment = {
        "python": platform.python_version(),
        "pytorch": torch.__version__,
        **packages,
        "cpu": spec["cpu"],
        "threads": torch.get_num_threads(),
        **({"workers": spec["workers"]} if "workers" in spec else {}),
        "precision": "bfloat16 (autocast)" if spec["bfloat16"] else "float32",
        "commit": spec["commit"],
    }
    (folder / "env.json").write_text(json.dumps(environment, indent=2) + "\n")
    summary = folder / "summary.csv"
    summary.write_text("epoch,train_loss,eval_loss,eval_top1,lr,epoch_seconds,images_per_second\n")
    for epoch in range(spec["epochs"]):
        start = time.perf_counter()
        losses = []
        for index, (inputs, targets) in enumerate(batches()):
            rate = learning_rate(spec, epoch * steps_per_epoch + index, steps_per_epoch)
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16, enabled=spec["bfloat16"]):
                logits = model(inputs)
            loss = F.cross_entropy(logits.float(), targets, label_smoothing=epsilon)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            if not math.isfinite(losses[-1]):
                raise SystemExit(f"{Path(sys.argv[0]).name}: the loss is {losses[-1]} at step {index} of epoch {epoch}")
        seconds = time.perf_counter() - start
        eval_loss, top1 = score()
        speed = len(losses) * spec["batchSize"] / seconds
        mean_loss = sum(losses) / len(losses)
        with summary.open("a") as file:
            file.write(f"{epoch},{mean_loss:.6f},{eval_loss:.6f},{top1:.3f},{rate:.6e},{seconds:.3f},{speed:.1f}\n")
        print(f"epoch {epoch + 1}/{spec['epochs']}  loss {mean_loss:.4f}  top-1 {top1:.2f} %  {speed:.0f} img/s", flush=True)


def main() -> None:
    spec = json.loads(sys.argv[1])
    torch.manual_seed(spec["seed"])
    train_images, train_labels = read_images(Path(spec["dataDir"]) / "train")
    eval_images, eval_labels = read_images(eval_folder(Path(spec["dataDir"])))
    model = create_model(spec["network"], spec["numClasses"]).to(memory_format=torch.channels_last)
    initialise(model)
    run_epochs(
        spec,
        model,
        make_optimizer(model, spec),
        {"pillow": PIL.__version__},
        lambda: train_epoch(train_images, train_labels, spec),
        len(train_images) // spec["batchSize"],
        lambda: evaluate(model, eval_images, eval_labels, spec),
    )


if __name__ == "__main__":
    main()

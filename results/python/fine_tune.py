"""Trains timm's network as `bag-of-tricks train` does on the same files, and writes summary.csv and env.json of a run folder.

    PYTHONPATH=bench/python python fine_tune.py '<spec as JSON>'     the spec is src/fine-tuning/run.ts
"""

import json
import sys
from pathlib import Path

import timm
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder
from train_recipe import eval_folder, run_epochs


def create_model(spec: dict) -> nn.Module:
    """The network with the given weights below a new, Xavier uniform classifier."""
    model = timm.create_model(spec["network"], num_classes=spec["numClasses"])
    weights = load_file(spec["pretrained"])
    kept = {name: value for name, value in weights.items() if not name.startswith("classifier.")}
    missing, unexpected = model.load_state_dict(kept, strict=False)
    if unexpected or set(missing) != {"classifier.weight", "classifier.bias"}:
        raise SystemExit(f"fine_tune.py: expected all weights but the classifier's, got missing {missing}, unexpected {unexpected}")
    nn.init.xavier_uniform_(model.classifier.weight)
    nn.init.zeros_(model.classifier.bias)
    return model.to(memory_format=torch.channels_last)


def create_optimizer(model: nn.Module, spec: dict) -> torch.optim.Optimizer:
    """AdamW without decay of biases and batch norm, in PyTorch's fastest form."""
    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": spec["weightDecay"]},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=spec["learningRate"], fused=True)


def create_loader(folder: Path, spec: dict, train: bool) -> DataLoader:
    """Bytes [count, 3, size, size] and labels: images resized by Pillow's bicubic filter, in training moved and mirrored at random."""
    size = spec["imageSize"]
    resize = transforms.Resize((size, size), transforms.InterpolationMode.BICUBIC)
    moved = [transforms.RandomCrop(size, padding=spec["cropPadding"]), transforms.RandomHorizontalFlip()]
    transform = transforms.Compose([resize, *(moved if train else []), transforms.PILToTensor()])
    return DataLoader(
        ImageFolder(folder, transform),
        batch_size=spec["batchSize"] if train else 250,
        shuffle=train,
        drop_last=train,
        num_workers=spec["workers"],
        persistent_workers=spec["workers"] > 0,
    )


def to_input(images: Tensor, spec: dict) -> Tensor:
    mean, std = (torch.tensor(spec[name])[:, None, None] for name in ("mean", "std"))
    return ((images.float() - mean) / std).contiguous(memory_format=torch.channels_last)


@torch.inference_mode()
def evaluate(model: nn.Module, loader: DataLoader, spec: dict) -> tuple[float, float]:
    """Mean cross-entropy and top-1 in percent."""
    model.eval()
    loss, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.autocast("cpu", torch.bfloat16, enabled=spec["bfloat16"]):
            logits = model(to_input(images, spec)).float()
        loss += F.cross_entropy(logits, labels, reduction="sum").item()
        correct += (logits.argmax(1) == labels).sum().item()
        count += len(labels)
    model.train()
    return loss / count, 100 * correct / count


def main() -> None:
    spec = json.loads(sys.argv[1])
    torch.manual_seed(spec["seed"])
    torch.set_num_threads(spec["threads"])
    train = create_loader(Path(spec["dataDir"]) / "train", spec, train=True)
    val = create_loader(eval_folder(Path(spec["dataDir"])), spec, train=False)
    model = create_model(spec).train()
    run_epochs(
        spec,
        model,
        create_optimizer(model, spec),
        {"timm": timm.__version__},
        lambda: ((to_input(images, spec), labels) for images, labels in train),
        len(train),
        lambda: evaluate(model, val, spec),
        spec["epsilon"],
    )


if __name__ == "__main__":
    main()

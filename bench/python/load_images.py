"""One process of the input benchmark: torchvision's DataLoader over an image folder, what it saw as one line of JSON.

    python load_images.py '<spec as JSON>'     the spec is src/contestants/input-spec.ts
"""

import json
import multiprocessing
import os
import platform
import sys
import time
from collections.abc import Callable

import PIL
import torch
import torchvision
from foreign_load import foreign_share, machine_load
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, RandomSampler
from torchvision.datasets import ImageFolder
from torchvision.io import ImageReadMode, decode_image
from torchvision.transforms import v2


def open_with_pillow(path: str) -> Image.Image:
    with open(path, "rb") as file:
        return Image.open(file).convert("RGB")


def open_with_torchvision(path: str) -> Tensor:
    return decode_image(path, mode=ImageReadMode.RGB)


def make_transform(spec: dict) -> Callable[[Image.Image | Tensor], Tensor]:
    """The paper's crops; pixels stay uint8."""
    size, antialias = spec["imageSize"], spec["antialias"]
    if spec["transform"] == "train":
        steps = [v2.RandomResizedCrop(size, antialias=antialias), v2.RandomHorizontalFlip()]
    else:
        steps = [v2.Resize(spec["resizeTo"], antialias=antialias), v2.CenterCrop(size)]
    if spec["decoder"] == "torchvision":
        return v2.Compose(steps)
    # Pillow always antialiases; without it its images are resized as tensors are.
    return v2.Compose([*steps, v2.PILToTensor()] if antialias else [v2.PILToTensor(), *steps])


def make_loader(spec: dict) -> DataLoader:
    """A small folder is gone through several times in an epoch, without a pause."""
    opener = open_with_pillow if spec["decoder"] == "pillow" else open_with_torchvision
    dataset = ImageFolder(spec["folder"], make_transform(spec), loader=opener)
    is_train = spec["transform"] == "train"
    if is_train:
        sampler = RandomSampler(dataset, num_samples=spec["imagesPerEpoch"])
    else:
        sampler = [index % len(dataset) for index in range(spec["imagesPerEpoch"])]
    return DataLoader(
        dataset,
        spec["batchSize"],
        sampler=sampler,
        num_workers=spec["workers"],
        drop_last=is_train,
        persistent_workers=True,
    )


def cpu_seconds() -> float:
    """Of this process and its workers, which live on."""
    seconds = time.process_time()
    for worker in multiprocessing.active_children():
        with open(f"/proc/{worker.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return seconds


def image_means(loader: DataLoader, spec: dict) -> list[float]:
    """The mean of each image of an epoch, which warms everything up and shows what was computed."""
    means: list[float] = []
    for images, _ in loader:
        assert images.dtype == torch.uint8 and images.shape[1:] == (3, spec["imageSize"], spec["imageSize"])
        means += images.float().mean((1, 2, 3)).tolist()
    return means


def main() -> None:
    spec = json.loads(sys.argv[1])
    torch.manual_seed(spec["seed"])
    loader = make_loader(spec)
    means = image_means(loader, spec)
    load, cpu_before = machine_load(cpu_seconds()), cpu_seconds()
    images, times = 0, []
    for _ in range(spec["epochs"]):
        start = time.perf_counter()
        for batch, _ in loader:
            images += len(batch)
        times.append(time.perf_counter() - start)
    cpu = cpu_seconds() - cpu_before
    print(
        json.dumps(
            {
                "images": images,
                "epochSeconds": times,
                "cpuSeconds": cpu,
                "imageMeans": means,
                "foreignShare": foreign_share(load, machine_load(cpu_seconds())),
                "versions": {
                    "python": platform.python_version(),
                    "pytorch": torch.__version__,
                    "torchvision": torchvision.__version__,
                    "pillow": PIL.__version__,
                },
            }
        )
    )


if __name__ == "__main__":
    main()

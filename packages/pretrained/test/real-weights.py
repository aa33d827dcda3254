"""Folders of full-size networks as timm and torchvision save them, for real-weights.mjs; a minute, not in CI.

    venv/bin/python test/real-weights.py /tmp/real && node test/real-weights.mjs /tmp/real

Random weights with batch-norm statistics of random images, and the logits of two images of 225x161 pixels.
"""

import json
import pathlib
import subprocess
import sys

import timm
import torch
import torchvision
from safetensors.torch import save_file
from timm.models import save_for_hf

out = pathlib.Path(sys.argv[1])
torch.manual_seed(0)
images = torch.randn(2, 3, 225, 161)


def train(model):
    model.train()
    with torch.no_grad():
        for momentum in (1.0, 0.5):
            for module in model.modules():
                if isinstance(module, torch.nn.BatchNorm2d):
                    module.momentum = momentum
            model(torch.randn(4, 3, 160, 160) * 1.2 + 0.1)
    return model.eval()


def write(folder, model):
    with torch.no_grad():
        save_file({"images": images.permute(0, 2, 3, 1).contiguous(), "logits": model(images)},
                  folder / "golden.safetensors.expected")


for name in ("resnet18", "resnet50d"):
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    model = train(timm.create_model(name))
    save_for_hf(model, folder, safe_serialization=True)
    write(folder, model)

for name in ("resnet18", "resnet50"):
    folder = out / f"torchvision-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    model = train(getattr(torchvision.models, name)())
    # As users have them: torchvision's .pth, made a .safetensors file by the line that our error prints.
    torch.save(model.state_dict(), folder / f"{name}-0123abcd.pth")
    write(folder, model)

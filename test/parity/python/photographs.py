"""Photographs through timm's own transform, for `node dist/photographs.js`: pixels and labels as one safetensors file.

    python python/photographs.py tf_efficientnet_lite0 <weights.safetensors> <folder of wnid folders> <imagenet-classes.json> <out>

The logits are those of timm's network with the same weights, in float32.
"""

import json
import pathlib
import sys

import timm
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from timm.data import create_transform, resolve_model_data_config

name, weights, photographs, classes, out = sys.argv[1:]
model = timm.create_model(name).eval()
model.load_state_dict(load_file(weights))
transform = create_transform(**resolve_model_data_config(model), is_training=False)
numbers = {wnid: number for number, wnid in enumerate(json.loads(pathlib.Path(classes).read_text()))}
paths = sorted(pathlib.Path(photographs).glob("*/*.JPEG"))
images = torch.stack([transform(Image.open(path).convert("RGB")) for path in paths])
with torch.inference_mode():
    logits = torch.cat([model(batch) for batch in images.split(20)])
labels = torch.tensor([numbers[path.parent.name] for path in paths], dtype=torch.int32)
save_file({"images": images.permute(0, 2, 3, 1).contiguous(), "logits": logits, "labels": labels}, out)

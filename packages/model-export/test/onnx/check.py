"""Loads exported networks in Python, for python.test.ts, whose head says how: prints what it found as JSON.

    python check.py FOLDER     FOLDER/<name> holds the exports onnx/ and timm/, and pictures.safetensors with our probabilities

`onnx.checker` checks each model with its shapes, onnxruntime computes three pictures and one of them alone, and timm, where it knows
the network and is installed, computes them in float64 from the safetensors of the same network.
"""

import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import load_file

try:
    import timm
    import torch
except ImportError:
    timm = None


def difference(a, b):
    return float(np.abs(a - b).max())


def onnx_probabilities(path, images):
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    probabilities = session.run(["probabilities"], {"images": images})[0]
    alone = session.run(["probabilities"], {"images": images[:1]})[0]
    return probabilities, alone, session.get_modelmeta().custom_metadata_map


def timm_probabilities(folder, images):
    config = json.loads((folder / "config.json").read_text())
    name = config["architecture"]
    if timm is None or name not in timm.list_models():
        return None
    cfg = config["pretrained_cfg"]
    overlay = {**cfg, "file": str(folder / "model.safetensors")}
    model = timm.create_model(name, pretrained=True, pretrained_cfg_overlay=overlay, num_classes=config["num_classes"])
    model = model.double().eval()
    mean, std = (torch.tensor(cfg[key], dtype=torch.float64).view(1, -1, 1, 1) for key in ("mean", "std"))
    with torch.no_grad():
        return model((torch.from_numpy(images).double() / 255 - mean) / std).softmax(1).numpy()


for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    given = load_file(folder / "pictures.safetensors")
    probabilities, alone, metadata = onnx_probabilities(str(folder / "onnx" / "model.onnx"), given["images"])
    reference = timm_probabilities(folder / "timm", given["images"])
    print(json.dumps({
        "name": folder.name,
        "classNames": json.loads(metadata["description"])["classNames"],
        "ours": difference(probabilities, given["probabilities"]),
        "alone": difference(probabilities[:1], alone),
        "timm": None if reference is None else difference(probabilities, reference),
        "oursToTimm": None if reference is None else difference(given["probabilities"], reference),
        "versions": {"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__, "timm": timm and timm.__version__},
    }))

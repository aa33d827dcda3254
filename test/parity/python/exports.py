"""Runs one export in one runtime of Python, for src/exports, whose plan.ts says what the task is:

    python python/exports.py <task.json>

A SavedModel is looked at by serving.py first. The last line is what came, as JSON: `{"notRun": why}` where a package is missing.
"""

import json
import pathlib
import sys
import time

task = json.loads(pathlib.Path(sys.argv[1]).read_text())
folder = pathlib.Path(task["folder"])


def in_batches(count, infer):
    size = task["batchSize"]
    infer(0, min(size, count))
    started = time.perf_counter()
    rows = [infer(start, min(start + size, count)) for start in range(0, count, size)]
    return np.concatenate(rows), count / (time.perf_counter() - started)


def of_pixels(infer):
    pixels = load_file(task["pixels"])["pixels"].astype(np.float32)
    return in_batches(len(pixels), lambda start, end: infer(pixels[start:end]))


def tensorflow():
    import tensorflow as tf

    import serving

    serving.check(folder)
    serve = tf.saved_model.load(str(folder)).signatures["serving_default"]
    return *of_pixels(lambda x: serve(images=tf.constant(x))["probabilities"].numpy()), f"TensorFlow {tf.__version__}"


def tensorflow_jpeg():
    import tensorflow as tf

    serve = tf.saved_model.load(str(folder)).signatures["serving_jpeg"]
    files = [(pathlib.Path(task["root"]) / name).read_bytes() for name in task["pictures"]]

    def infer(start, end):
        return serve(jpeg_bytes=tf.constant(files[start:end]))["probabilities"].numpy()

    return *in_batches(len(files), infer), f"TensorFlow {tf.__version__}"


def onnx():
    import onnxruntime

    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])

    def infer(x):
        return session.run(["probabilities"], {"images": np.ascontiguousarray(x.transpose(0, 3, 1, 2))})[0]

    return *of_pixels(infer), f"onnxruntime {onnxruntime.__version__}"


def in_timm():
    import timm
    import torch
    from safetensors.torch import load_file as load_torch

    config = json.loads((folder / "config.json").read_text())
    name, classes, cfg = config["architecture"], config["num_classes"], config["pretrained_cfg"]
    if name not in timm.list_models():
        raise ImportError(f"timm {timm.__version__} has no {name}")
    # The three ways in which people load it are one.
    model = timm.create_model(f"local-dir:{folder}", pretrained=True).eval()
    overlay = {**cfg, "file": str(folder / "model.safetensors")}
    strict = timm.create_model(name, num_classes=classes)
    strict.load_state_dict(load_torch(folder / "model.safetensors"), strict=True)
    for other in (timm.create_model(name, pretrained=True, pretrained_cfg_overlay=overlay, num_classes=classes), strict):
        for (key, a), (_, b) in zip(model.state_dict().items(), other.state_dict().items(), strict=True):
            assert torch.equal(a, b), key
    data = timm.data.resolve_model_data_config(model)
    assert list(data["input_size"]) == cfg["input_size"] and data["crop_pct"] == cfg["crop_pct"], data
    mean, std = (torch.tensor(data[key]).view(1, -1, 1, 1) for key in ("mean", "std"))

    def infer(x):
        with torch.inference_mode():
            return model((torch.from_numpy(x).permute(0, 3, 1, 2) / 255 - mean) / std).softmax(1).numpy()

    return *of_pixels(infer), f"timm {timm.__version__}, PyTorch {torch.__version__}"


runtimes = {
    "python-tensorflow": tensorflow,
    "python-tensorflow-jpeg": tensorflow_jpeg,
    "python-onnxruntime": onnx,
    "python-timm": in_timm,
}
try:
    import numpy as np
    from safetensors.numpy import load_file, save_file

    probabilities, speed, version = runtimes[task["runtime"]]()
    save_file({"probabilities": np.ascontiguousarray(probabilities, np.float32)}, task["out"])
    print(json.dumps({"version": version, "imagesPerSecond": speed}))
except ImportError as error:
    print(json.dumps({"notRun": str(error)}))

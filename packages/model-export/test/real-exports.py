"""Opens what real-exports.mjs wrote, as its head says: SavedModels by TensorFlow, safetensors by timm. Each where it is installed.

    pip install tensorflow-cpu; pip install timm safetensors     (in one environment, or one after the other in two)
"""

import json
import pathlib
import sys

import numpy as np

folder = pathlib.Path(sys.argv[1])
images = np.fromfile(folder / "images.f32", np.float32).reshape(2, 224, 224, 3)


def compare(what, probabilities, expected, limit):
    difference = np.abs(probabilities - expected).max()
    print(f"{what}: {difference:.1e}, probabilities up to {expected.max():.3f}")
    assert probabilities.shape == expected.shape and difference < limit, what


def saved_model(path, expected):
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))
    assert sorted(loaded.signatures) == ["serving_default", "serving_jpeg"]
    serve = loaded.signatures["serving_default"]
    compare(f"{path.parent.name} SavedModel", serve(images=tf.constant(images))["probabilities"].numpy(), expected, 1e-5)
    five = serve(images=tf.constant(np.repeat(images[:1], 5, 0)))["probabilities"].numpy()
    compare(f"{path.parent.name} batch of 5", five, np.repeat(expected[:1], 5, 0), 1e-5)
    picture = np.kron(np.random.RandomState(0).randint(0, 255, (20, 25, 3)), np.ones((16, 16, 1)))
    jpeg = tf.io.encode_jpeg(picture.astype(np.uint8))
    resized = tf.image.resize(picture[None], (256, 320), "bicubic", antialias=True)[:, 16:240, 48:272]
    decoded = tf.image.resize(tf.io.decode_jpeg(jpeg)[None], (256, 320), "bicubic", antialias=True)
    pixels = tf.round(tf.clip_by_value(decoded[:, 16:240, 48:272], 0, 255))
    assert resized.shape == pixels.shape
    compare(
        f"{path.parent.name} JPEG",
        loaded.signatures["serving_jpeg"](jpeg_bytes=jpeg)["probabilities"].numpy(),
        serve(images=pixels)["probabilities"].numpy(),
        1e-3,
    )


def timm_folder(path, expected):
    import timm
    import torch
    from safetensors.torch import load_file

    config = json.loads((path / "config.json").read_text())
    cfg = config["pretrained_cfg"]
    overlay = {**cfg, "file": str(path / "model.safetensors")}
    model = timm.create_model(config["architecture"], pretrained=True, pretrained_cfg_overlay=overlay, num_classes=config["num_classes"])
    strict = timm.create_model(config["architecture"], num_classes=config["num_classes"])
    strict.load_state_dict(load_file(path / "model.safetensors"), strict=True)
    local = timm.create_model(f"local-dir:{path}", pretrained=True)
    data = timm.data.resolve_model_data_config(model)
    assert tuple(data["input_size"]) == (3, 224, 224) and data["interpolation"] == "bicubic" and data["crop_pct"] == 0.875, data
    mean, std = (torch.tensor(data[key]).view(1, 3, 1, 1) for key in ("mean", "std"))
    x = (torch.from_numpy(images).permute(0, 3, 1, 2) / 255 - mean) / std
    for name, one in {"overlay": model, "load_state_dict": strict, "local-dir": local}.items():
        with torch.no_grad():
            compare(f"{path.parent.name} timm {name}", one.eval()(x).softmax(1).numpy(), expected, 1e-4)


checks = {"saved-model": saved_model, "safetensors": timm_folder}
for network in sorted(path for path in folder.iterdir() if path.is_dir()):
    expected = np.fromfile(network / "probabilities.f32", np.float32).reshape(2, -1)
    for format, check in checks.items():
        try:
            check(network / format, expected)
        except ImportError as error:
            print(f"{network.name} {format}: not checked, {error}")

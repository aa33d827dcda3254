"""Every network of @bag-of-tricks/mobilenet-variants in PyTorch, for weights that were trained here.

    from mobilenet_variants import create_model
    model = create_model("mobilenet0.25", num_classes=10)
    model.load_state_dict(safetensors.torch.load_file("model.safetensors"))

Names that timm knows are its own networks; gluon-cv's MobileNets are timm's with ReLU. Tested with timm 1.0.31.
"""

import re

import timm
from timm.models.efficientnet import _gen_mobilenet_v1
from torch import nn


def create_model(name: str, num_classes: int = 1000, **options) -> nn.Module:
    """The network of that name, timm's or gluon-cv's, as `createModel` of the package. `options` are those of timm's EfficientNet."""
    gluon = re.fullmatch(r"mobilenet(1\.0|0\.75|0\.5|0\.25)", name)
    if gluon is None:
        return timm.create_model(name, num_classes=num_classes, **options)
    return _gen_mobilenet_v1("mobilenetv1_100", float(gluon[1]), act_layer="relu", num_classes=num_classes, **options)

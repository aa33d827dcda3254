"""Our networks as packages/*/python makes them of timm's, under timm's names; MobileNetV2 of tf.layers is torchvision's."""

import sys
from pathlib import Path

from torch import nn
from torchvision.models import mobilenet_v2

PACKAGES = Path(__file__).parents[2] / "packages"
sys.path[:0] = [str(PACKAGES / name / "python") for name in ("mobilenet-variants", "resnet-variants")]
import mobilenet_variants  # noqa: E402
import resnet_variants  # noqa: E402


def create_model(name: str, num_classes: int) -> nn.Module:
    if name == "mobilenetv2-layers":
        # Without dropout, whose draws no two libraries share.
        return mobilenet_v2(num_classes=num_classes, dropout=0.0)
    package = mobilenet_variants if name.startswith("mobilenet") else resnet_variants
    return package.create_model(name, num_classes=num_classes)

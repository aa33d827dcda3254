"""Every network of @bag-of-tricks/resnet-variants in PyTorch, made of timm's blocks, for weights that were trained here.

    from resnet_variants import create_model
    model = create_model("resnet20d", num_classes=10)
    model.load_state_dict(safetensors.torch.load_file("model.safetensors"))

Names that timm knows are its own networks; the others differ from them in what stands here. Tested with timm 1.0.31.
"""

import re

import timm
from timm.models.resnet import BasicBlock, Bottleneck, ResNet
from torch import Tensor, nn
from torch.nn import functional as F

LAYERS = {
    **{10: [1, 1, 1, 1], 18: [2, 2, 2, 2], 34: [3, 4, 6, 3]},
    **{14: [1, 1, 1, 1], 26: [2, 2, 2, 2], 50: [3, 4, 6, 3], 101: [3, 4, 23, 3]},
    **{152: [3, 8, 36, 3], 200: [3, 24, 36, 3], 269: [3, 30, 48, 8]},
    **{depth: [(depth - 2) // 6] * 3 for depth in (20, 32, 44, 56, 110)},
}
DEEP = {"stem_type": "deep", "stem_width": 32}
VARIANTS = {"a": {}, "b": {}, "c": DEEP, "d": {**DEEP, "avg_down": True}}


class PaddedShortcut(nn.Module):
    """Every second pixel, and channels of zeros on both sides: option A of He et al. 2016."""

    def __init__(self, channels: int, stride: int):
        super().__init__()
        self.padding = (0, 0, 0, 0, channels // 2, channels - channels // 2)
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(x[:, :, :: self.stride, :: self.stride], self.padding)


def small_resnet(layers: list[int], variant: str, padded: bool, in_chans: int, **options) -> ResNet:
    """For small images: three stages of 16, 32 and 64 channels, a 3x3 stem and no max pool. C is A and B here."""
    stem = {"stem_type": "deep", "stem_width": 8, "avg_down": variant == "d"}
    model = ResNet(BasicBlock, layers, in_chans=in_chans, channels=(16, 32, 64), **stem, **options)
    model.conv1 = nn.Conv2d(in_chans, 16, 3, 1, 1, bias=False)
    model.maxpool = nn.Identity()
    # timm's forward pass walks through four stages.
    model.layer4 = nn.Sequential()
    if padded:
        model.layer2[0].downsample = PaddedShortcut(32 - 16, 2)
        model.layer3[0].downsample = PaddedShortcut(64 - 32, 2)
    model.init_weights()
    return model


def stride_in_first(model: ResNet) -> ResNet:
    """Variant A: a bottleneck's stride is its first 1x1's."""
    for block in model.modules():
        if isinstance(block, Bottleneck):
            block.conv1.stride, block.conv2.stride = block.conv2.stride, block.conv1.stride
    return model


def create_model(name: str, num_classes: int = 1000, in_chans: int = 3, **options) -> nn.Module:
    """The network of that name, timm's or gluon-cv's, as `createModel` of the package. `options` are those of timm's ResNet."""
    options = {"num_classes": num_classes, "in_chans": in_chans, **options}
    match = re.fullmatch(r"(?:cifar_)?resnet(\d+)(_v1)?([abcd]?)(_pad)?", name)
    if match is None or timm.is_model(name):
        return timm.create_model(name, **options)
    depth, gluon, letter, padded = match.groups()
    depth, variant = int(depth), letter or ("a" if gluon else "b")
    layers = LAYERS[depth]
    if len(layers) == 3:
        return small_resnet(layers, variant, padded is not None, **options)
    block = BasicBlock if depth in (10, 18, 34) else Bottleneck
    model = ResNet(block, layers, **VARIANTS[variant], **options)
    return stride_in_first(model) if variant == "a" else model

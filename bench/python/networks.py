"""ResNet-D in PyTorch, tensor for tensor the networks of packages/resnet-variants, under timm's names; MobileNetV2 is torchvision's."""

from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import mobilenet_v2


def conv_bn(kernel: int, inputs: int, outputs: int, stride: int = 1) -> tuple[nn.Conv2d, nn.BatchNorm2d]:
    return (
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
    )


def downsample(inputs: int, outputs: int, stride: int) -> nn.Sequential | None:
    """The projection of variant D: the stride is a 2x2 average pool's."""
    if stride == 1 and inputs == outputs:
        return None
    pool = nn.Identity() if stride == 1 else nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False)
    return nn.Sequential(pool, *conv_bn(1, inputs, outputs))


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inputs: int, width: int, stride: int):
        super().__init__()
        self.conv1, self.bn1 = conv_bn(3, inputs, width, stride)
        self.conv2, self.bn2 = conv_bn(3, width, width)
        self.downsample = downsample(inputs, width, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = self.bn2(self.conv2(y))
        y += x if self.downsample is None else self.downsample(x)
        return F.relu(y, inplace=True)


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, inputs: int, width: int, stride: int):
        super().__init__()
        self.conv1, self.bn1 = conv_bn(1, inputs, width)
        self.conv2, self.bn2 = conv_bn(3, width, width, stride)
        self.conv3, self.bn3 = conv_bn(1, width, width * 4)
        self.downsample = downsample(inputs, width * 4, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = F.relu(self.bn2(self.conv2(y)), inplace=True)
        y = self.bn3(self.conv3(y))
        y += x if self.downsample is None else self.downsample(x)
        return F.relu(y, inplace=True)


class ResNet(nn.Module):
    def __init__(self, block: type, layers: list[int], width: int, small_images: bool, num_classes: int):
        super().__init__()
        self.small_images = small_images
        if small_images:
            self.conv1, self.bn1 = conv_bn(3, 3, width)
        else:
            self.conv1 = nn.Sequential(
                *conv_bn(3, 3, width // 2, 2),
                nn.ReLU(inplace=True),
                *conv_bn(3, width // 2, width // 2),
                nn.ReLU(inplace=True),
                nn.Conv2d(width // 2, width, 3, 1, 1, bias=False),
            )
            self.bn1 = nn.BatchNorm2d(width)
        self.stages = len(layers)
        channels = width
        for stage, count in enumerate(layers):
            blocks = []
            for index in range(count):
                stride = 2 if index == 0 and stage > 0 else 1
                blocks.append(block(channels, width << stage, stride))
                channels = (width << stage) * block.expansion
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(channels, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        if not self.small_images:
            x = F.max_pool2d(x, 3, 2, 1)
        for stage in range(self.stages):
            x = getattr(self, f"layer{stage + 1}")(x)
        return self.fc(x.mean((2, 3)))


def create_model(name: str, num_classes: int) -> nn.Module:
    if name == "resnet20d":
        return ResNet(BasicBlock, [3, 3, 3], 16, True, num_classes)
    if name == "resnet50d":
        return ResNet(Bottleneck, [3, 4, 6, 3], 64, False, num_classes)
    if name == "mobilenetv2-layers":
        # Without dropout, whose draws no two libraries share.
        return mobilenet_v2(num_classes=num_classes, dropout=0.0)
    raise SystemExit(f"networks.py: expected resnet20d, resnet50d or mobilenetv2-layers, got {name}. Write the network here first.")

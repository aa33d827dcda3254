"""What timm's networks compute, and those of packages/*/python, in float64: the reference that ours are compared with.

    python -m venv venv && venv/bin/pip install torch==2.15.0 timm==1.0.31 safetensors==0.8.0

    venv/bin/python python/reference.py fixtures         writes fixtures/*.json, what CI compares with
    venv/bin/python python/reference.py full NAME OUT    one network for `pnpm parity`, at the size of ImageNet

`fixtures` holds outputs only: weights and images come from `pseudo_random`, which src/pseudo-random.ts repeats bit for bit.
`full` writes the weights too: timm's own initial ones, with scattered gammas and betas, and running statistics that it measured.
"""

import json
import math
import pathlib
import sys

import numpy as np
import timm
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

ROOT = pathlib.Path(__file__).parents[3]
sys.path[:0] = [str(ROOT / "packages" / name / "python") for name in ("mobilenet-variants", "resnet-variants")]
import mobilenet_variants  # noqa: E402
import resnet_variants  # noqa: E402

FIXTURES = pathlib.Path(__file__).parent.parent / "fixtures"
VERSIONS = {"torch": torch.__version__.split("+")[0], "timm": timm.__version__}
CLASSES = 5
# Warmup and cosine of the recipe, small: what float32 rounds grows with each step.
PEAK = {"fixtures": 1e-2, "full": 1e-4}[sys.argv[1]]
RATES = [PEAK * i / 5 for i in range(1, 6)] + [PEAK / 2 * (1 + math.cos(math.pi * i / 5)) for i in range(5)]
SMALL = ["mobilenetv1_100", "mobilenetv2_050", "mobilenetv2_110d", "efficientnet_lite0", "tf_efficientnet_lite0",
         "mobilenet0.25", "resnet14a", "resnet14t", "seresnet18", "ecaresnet26t", "resnet20d", "resnet20_pad"]
# Of the mobile networks, ten steps at these weights differ by a tenth between float32 and float64 in PyTorch itself.
STEADY = ["resnet14t", "seresnet18", "ecaresnet26t", "resnet20d", "resnet20_pad"]


def create(name, num_classes):
    package = mobilenet_variants if name.startswith("mobilenet") else resnet_variants
    return package.create_model(name, num_classes=num_classes)


def pseudo_random(name, count):
    """Numbers in [-1, 1): FNV-1a of the name starts a counter, whose values a 32-bit mixer (lowbias32) scrambles."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x01000193) & 0xFFFFFFFF
    with np.errstate(over="ignore"):
        x = np.uint32(seed) + np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9)
        x = (x ^ (x >> np.uint32(16))) * np.uint32(0x21F0AAAD)
        x = (x ^ (x >> np.uint32(15))) * np.uint32(0x735A2D97)
        x = x ^ (x >> np.uint32(15))
    return x.astype(np.float64) / 2**31 - 1


def tensor(name, shape, centre=0.0, scale=1.0):
    values = centre + scale * pseudo_random(name, math.prod(shape))
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def pseudo_weight(name, shape):
    if len(shape) > 1:
        return tensor(name, shape, 0, math.sqrt((3 if len(shape) == 2 else 6) / math.prod(shape[1:])))
    if name.endswith("running_var"):
        return tensor(name, shape, 1, 0.5)
    if name.endswith("running_mean") or name.endswith("bias"):
        return tensor(name, shape, 0, 0.2)
    return tensor(name, shape, 1, 0.3)


def counters(name):
    return name.endswith("num_batches_tracked")


def state_of(model):
    return {name: value.detach().clone() for name, value in model.state_dict().items() if not counters(name)}


def pseudo_state(model):
    return {name: pseudo_weight(name, tuple(value.shape)) for name, value in state_of(model).items()}


def measured_state(model, images):
    """timm's initial weights, gammas and betas around 1 and 0, and the running statistics of these images."""
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.weight.uniform_(0.5, 1.5)
                module.bias.uniform_(-0.3, 0.3)
                module.momentum = 1.0
        model.train()(images)
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = 0.1
                module.running_mean += 0.1 * module.running_var.sqrt() * torch.randn_like(module.running_mean)
                module.running_var *= 1 + 0.2 * torch.rand_like(module.running_var)
    return state_of(model)


def pseudo_images(shape):
    """The same draws as NHWC in JavaScript."""
    batch, height, width = shape
    return tensor("images", (batch, height, width, 3)).permute(0, 3, 1, 2).contiguous()


def labels_of(count, classes):
    return torch.tensor([(7 * index + 3) % classes for index in range(count)])


def smoothed_loss(logits, labels):
    classes = logits.shape[1]
    targets = torch.full_like(logits, 0.1 / (classes - 1)).scatter_(1, labels[:, None], 0.9)
    return -(targets * F.log_softmax(logits, 1)).sum(1).mean()


def ten_steps(model, images, labels):
    decayed = [value for name, value in model.named_parameters() if name.endswith("weight") and value.ndim > 1]
    others = [value for name, value in model.named_parameters() if not (name.endswith("weight") and value.ndim > 1)]
    groups = [{"params": decayed, "weight_decay": 1e-4}, {"params": others, "weight_decay": 0}]
    optimizer = torch.optim.SGD(groups, lr=1, momentum=0.9, nesterov=True)
    losses = []
    for rate in RATES:
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad()
        loss = smoothed_loss(model.train()(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def measure(model, state, evaluated, trained, dtype):
    """Logits in evaluation; loss, gradients and running statistics of one step in training; ten steps of the recipe."""
    model = model.to(dtype)
    model.load_state_dict(state, strict=False)
    with torch.no_grad():
        logits = [model.eval()(images.to(dtype)) for images in evaluated]
    trained = trained.to(dtype)
    labels = labels_of(len(trained), logits[0].shape[1])
    model.zero_grad()
    loss = F.cross_entropy(model.train()(trained), labels)
    loss.backward()
    gradients = {name: value.grad.clone() for name, value in model.named_parameters()}
    buffers = {name: value.clone() for name, value in model.named_buffers() if not counters(name)}
    model.load_state_dict(state, strict=False)
    losses = ten_steps(model, trained, labels)
    return {"logits": logits, "loss": loss.item(), "gradients": gradients, "buffers": buffers, "losses": losses,
            "state": state_of(model)}


def worst(actual, expected):
    """Relative to the tensor's norm, or to a thousandth of the largest where that is more: some gradients are 0 but for rounding."""
    floor = 1e-3 * max(value.norm() for value in expected.values())
    return max(((actual[name].double() - value).norm() / max(value.norm(), floor)).item() for name, value in expected.items())


def differences(actual, expected):
    """Of PyTorch's own float32, so that the table shows what rounding alone does."""
    return {
        "logits": max(((a.double() - e).abs().max() / e.abs().max()).item() for a, e in zip(actual["logits"], expected["logits"])),
        "loss": abs(actual["loss"] / expected["loss"] - 1),
        **{kind: worst(actual[kind], expected[kind]) for kind in ("gradients", "buffers", "state")},
        "losses": max(abs(a / e - 1) for a, e in zip(actual["losses"], expected["losses"])),
    }


def sensitivity(model, state, images, gradients):
    """How far the gradients move when images and weights do as by rounding to float32: by a hundredth where an activation stands on an edge."""
    moved = lambda name, value: value.double() * (1 + 2e-7 * torch.from_numpy(pseudo_random(name, value.numel())).reshape(value.shape))
    labels = labels_of(len(images), CLASSES)
    errors = []
    for draw in range(8):
        model.load_state_dict({name: moved(f"{draw} {name}", value) for name, value in state.items()}, strict=False)
        model.zero_grad()
        F.cross_entropy(model.train()(moved(f"{draw} images", images)), labels).backward()
        errors.append(worst({name: value.grad for name, value in model.named_parameters()}, gradients))
    return max(errors)


def digits(values):
    return [float(f"{value:.8g}") for value in values]


def summary(name, value):
    """Norm, and dot product with a pseudo-random vector."""
    flat = value.double().numpy().ravel()
    return digits([np.linalg.norm(flat), flat @ pseudo_random(f"dot {name}", flat.size)])


def fixture(name):
    small = name.startswith("resnet20")
    evaluated = [(2, 17, 16), (1, 16, 18)] if small else [(2, 65, 64), (1, 64, 97)]
    trained = (4, 17, 16) if small else (4, 65, 64)
    model = create(name, CLASSES)
    state = pseudo_state(model)
    run = lambda dtype: measure(model, state, [pseudo_images(shape) for shape in evaluated], pseudo_images(trained), dtype)
    result, rounded = run(torch.float64), run(torch.float32)
    rounding = differences(rounded, result)["gradients"]
    moved = sensitivity(model.double(), state, pseudo_images(trained), result["gradients"])
    print(f"{name}: gradients {rounding:.1e} by float32, {moved:.1e} by float32's rounding of what goes in", flush=True)
    return {
        "name": name,
        "evaluated": evaluated,
        "trained": trained,
        "logits": [digits(logits.flatten().tolist()) for logits in result["logits"]],
        "rounding": float(f"{max(rounding, moved):.1e}"),
        "loss": result["loss"],
        "losses": digits(result["losses"]) if name in STEADY else [],
        "gradients": {key: summary(key, value) for key, value in result["gradients"].items()},
        "buffers": {key: summary(key, value) for key, value in result["buffers"].items()},
    }


def write_fixtures(names):
    for name in names:
        case = fixture(name)
        text = json.dumps({"versions": VERSIONS, "rates": RATES, "numClasses": CLASSES, **case}, separators=(",", ":"))
        (FIXTURES / f"{name}.json").write_text(text + "\n")


def write_full(name, out):
    torch.manual_seed(0)
    model = create(name, 1000)
    state = measured_state(model, torch.randn(8, 3, 96, 96))
    evaluated = {f"{height}x{width}": torch.randn(1, 3, height, width) for height, width in ((224, 224), (225, 161), (64, 64))}
    trained = torch.randn(8, 3, 64, 64)
    rounded = measure(model, state, evaluated.values(), trained, torch.float32)
    result = measure(model, state, evaluated.values(), trained, torch.float64)
    parts = {"state": state, "after": result["state"], "gradient": result["gradients"], "buffer": result["buffers"],
             "images": {key: value.permute(0, 2, 3, 1) for key, value in {**evaluated, "trained": trained}.items()},
             "logits": dict(zip(evaluated, result["logits"]))}
    tensors = {f"{kind}/{key}": value.float().contiguous() for kind, values in parts.items() for key, value in values.items()}
    save_file(tensors, out, {"case": json.dumps({
        "name": name, "versions": VERSIONS, "rates": RATES, "loss": result["loss"], "losses": result["losses"],
        "rounding": differences(rounded, result)})})


if __name__ == "__main__":
    torch.set_num_threads(2)
    if sys.argv[1] == "fixtures":
        write_fixtures(sys.argv[2:] or SMALL)
    else:
        write_full(*sys.argv[2:])

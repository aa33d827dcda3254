"""What timm's networks compute, and those of packages/*/python, in float64: the reference that ours are compared with.

    python -m venv venv && venv/bin/pip install -r python/requirements.txt

    venv/bin/python python/reference.py fixtures [NAMES]    writes fixtures/*.json, what CI compares with
    venv/bin/python python/reference.py full FOLDER         for `pnpm parity`, at the size of ImageNet: reads a name a line, writes
                                                            FOLDER/NAME.safetensors, then repeats the name

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
from edges import step_off_edges  # noqa: E402

FIXTURES = pathlib.Path(__file__).parent.parent / "fixtures"
VERSIONS = {"torch": torch.__version__.split("+")[0], "timm": timm.__version__}
CLASSES = 5
# The recipe's first ten steps on ImageNet: 0.1 at batch size 256, after five epochs of warmup of 5,004 steps.
RATES = [0.1 * step / (5 * 5004) for step in range(1, 11)]
SMALL = ["mobilenetv1_100", "mobilenetv2_050", "mobilenetv2_110d", "efficientnet_lite0", "tf_efficientnet_lite0",
         "mobilenet0.25", "resnet14a", "resnet14t", "seresnet18", "ecaresnet26t", "resnet20d", "resnet20_pad"]


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
    if name.endswith("running_mean"):
        return tensor(name, shape, 0, 0.2)
    if name.endswith("bias"):
        return tensor(name, shape, 1, 0.2)
    return tensor(name, shape, 1, 0.3)


def counters(name):
    return name.endswith("num_batches_tracked")


def state_of(model):
    return {name: value.detach().clone() for name, value in model.state_dict().items() if not counters(name)}


def pseudo_state(model):
    return {name: pseudo_weight(name, tuple(value.shape)) for name, value in state_of(model).items()}


def scattered(name):
    """
    timm's network and initial weights, gammas and betas scattered. At betas of 1 a sixth of the activations is 0 and gradients do not grow
    from layer to layer; at betas of 0 they do, and ten steps differ by percents between float32 and float64.
    """
    model = create(name, 1000)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            last_of_branch = not module.weight.any()
            module.weight.data.uniform_(*((0.1, 0.3) if last_of_branch else (0.5, 1.5)))
            module.bias.data.uniform_(*((-0.3, 0.3) if last_of_branch else (0.7, 1.3)))
    return model


def measure_statistics(model, images):
    """Running statistics of these images, then scattered."""
    with torch.no_grad():
        norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
        for module in norms:
            module.momentum = 1.0
        model.train()(images)
        for module in norms:
            module.momentum = 0.1
            module.running_mean += 0.1 * module.running_var.sqrt() * torch.randn_like(module.running_mean)
            module.running_var *= 1 + 0.2 * torch.rand_like(module.running_var)


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
    change = {name: value.double() - state[name] for name, value in state_of(model).items()}
    return {"logits": logits, "loss": loss.item(), "gradients": gradients, "buffers": buffers, "losses": losses,
            "weights": {name: change[name] for name in gradients}, "statistics": {name: change[name] for name in buffers}}


def worst(actual, expected, whole={}):
    """
    Relative to the tensor's norm; to a thousandth of the largest norm, or of what the tensor is the change of, where that is more: some
    gradients are 0 but for rounding, and float32 keeps a weight, not its change, to 6e-8.
    """
    floor = 1e-3 * max(value.norm() for value in expected.values())
    against = lambda name, value: max(value.norm(), floor, 1e-3 * whole[name].norm() if whole else 0)
    return max(((actual[name].double() - value).norm() / against(name, value)).item() for name, value in expected.items())


def differences(actual, expected, state):
    """Of PyTorch's own float32, so that the table shows what rounding alone does."""
    losses = expected["losses"]
    return {
        "logits": max(((a.double() - e).abs().max() / e.abs().max()).item() for a, e in zip(actual["logits"], expected["logits"])),
        "loss": abs(actual["loss"] / expected["loss"] - 1),
        **{kind: worst(actual[kind], expected[kind]) for kind in ("gradients", "buffers", "statistics")},
        "weights": worst(actual["weights"], expected["weights"], state),
        "losses": max(abs(a - e) for a, e in zip(actual["losses"], losses)) / (max(losses) - min(losses)),
    }


def digits(values):
    return [float(f"{value:.9g}") for value in values]


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
    model.load_state_dict(state, strict=False)
    step_off_edges(model.double(), pseudo_images(trained).double(), margin=5e-5)
    moved = {}
    for key, value in state_of(model.float()).items():
        if key.endswith("bias") and (value != state[key]).any():
            moved[key] = [[index, *digits([value[index]])] for index in (value != state[key]).nonzero()[:, 0].tolist()]
            state[key] = value
    run = lambda dtype: measure(model, state, [pseudo_images(shape) for shape in evaluated], pseudo_images(trained), dtype)
    rounded, result = run(torch.float32), run(torch.float64)
    print(name, "float32 differs by", {kind: f"{error:.0e}" for kind, error in differences(rounded, result, state).items()}, flush=True)
    return {
        **{"name": name, "evaluated": evaluated, "trained": trained, "moved": moved},
        "logits": [digits(logits.flatten().tolist()) for logits in result["logits"]],
        **{"loss": result["loss"], "losses": digits(result["losses"])},
        **{kind: {key: summary(key, value) for key, value in result[kind].items()} for kind in ("gradients", "buffers")},
    }


def write_full(name, out):
    torch.manual_seed(0)
    model = scattered(name)
    trained = torch.randn(4, 3, 64, 64)
    step_off_edges(model.double(), trained.double())
    measure_statistics(model.float(), torch.randn(4, 3, 96, 96))
    state = state_of(model)
    evaluated = {f"{height}x{width}": torch.randn(1, 3, height, width) for height, width in ((224, 224), (225, 161), (64, 64))}
    rounded = measure(model, state, evaluated.values(), trained, torch.float32)
    result = measure(model, state, evaluated.values(), trained, torch.float64)
    parts = {"state": state, **{kind: result[kind] for kind in ("gradients", "buffers", "weights", "statistics")},
             "images": {key: value.permute(0, 2, 3, 1) for key, value in {**evaluated, "trained": trained}.items()},
             "logits": dict(zip(evaluated, result["logits"]))}
    tensors = {f"{kind}/{key}": value.float().contiguous() for kind, values in parts.items() for key, value in values.items()}
    case = {"name": name, "versions": VERSIONS, "rates": RATES, "loss": result["loss"], "losses": result["losses"]}
    save_file(tensors, out, {"case": json.dumps({**case, "rounding": differences(rounded, result, state)})})


if __name__ == "__main__":
    if sys.argv[1] == "fixtures":
        for name in sys.argv[2:] or SMALL:
            case = {"versions": VERSIONS, "rates": RATES, "numClasses": CLASSES, **fixture(name)}
            (FIXTURES / f"{name}.json").write_text(json.dumps(case, separators=(",", ":")) + "\n")
    else:
        torch.set_num_threads(1)
        for name in map(str.strip, sys.stdin):
            write_full(name, f"{sys.argv[2]}/{name}.safetensors")
            print(name, flush=True)

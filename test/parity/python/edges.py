"""Moves betas until no activation of a training step stands on the edge of a ReLU, where rounding decides its derivative.

A fraction f of activations that falls on the other side moves the gradients by about sqrt(f), and by more in small layers: of the
3,293,184 of a step of mobilenetv1_100, four did so in PyTorch's float32, and one gradient was 2e-2 away from float64's. With none, 3e-6.
"""

import torch
from timm.layers import EcaModule, SEModule
from torch import nn

EDGES = {nn.ReLU: (0.0,), nn.ReLU6: (0.0, 6.0)}


def step_off(values, edges, margin, reach=0.02):
    """The shift of each channel that puts the edges into the widest gap between its values; 0 where they have `margin`. `margin` and `reach` are in standard deviations."""
    rows = values.transpose(0, 1).flatten(1)
    scale = rows.std(1, keepdim=True)
    near = torch.stack([(rows - edge).abs().amin(1) for edge in edges]).amin(0) < margin * scale[:, 0]
    rows, bound = rows[near], reach * scale[near]
    shifts = torch.cat([edge - rows for edge in edges], 1).clamp(-bound, bound)
    shifts = torch.cat([shifts, bound, -bound], 1).sort(1).values
    widest = shifts.diff().max(1, keepdim=True).indices
    step = torch.zeros_like(scale[:, 0])
    step[near] = (shifts.gather(1, widest) + shifts.gather(1, widest + 1))[:, 0] / 2
    return step


def step_off_edges(model, images, margin=2e-4):
    """In the order in which the model computes: the bias before an activation moves it, through a gate of attention if one follows."""
    bias = gate = kept = None
    trying, moved = False, 0

    def enter(module, _):
        nonlocal bias, gate
        if not trying:
            bias, gate = module.bias, None

    def enter_gate(module, inputs):
        nonlocal kept
        if not trying:
            kept = bias, (module, inputs[0])

    def leave_gate(module, inputs, output):
        nonlocal bias, gate
        if not trying:
            bias, gate = kept

    def effect(shift):
        nonlocal trying
        shift = shift[:, None, None]
        if gate is None:
            return shift
        trying = True
        module, values = gate
        effect = module(values + shift) - module(values)
        trying = False
        return effect

    def activate(module, inputs):
        nonlocal moved
        if trying:
            return None
        shift = torch.zeros_like(bias)
        for _ in range(100):
            values = inputs[0] + effect(shift)
            step = step_off(values, EDGES[type(module)], margin)
            # In the middle of its widest gap a channel can do no more.
            if step.abs().max() < 1e-9:
                break
            shift += step
        moved += int(shift.count_nonzero())
        bias.add_(shift)
        return (values,)

    hooks = []
    for module in model.modules():
        if isinstance(module, (SEModule, EcaModule)):
            hooks += [module.register_forward_pre_hook(enter_gate), module.register_forward_hook(leave_gate)]
        elif type(module) in EDGES:
            hooks.append(module.register_forward_pre_hook(activate))
        elif isinstance(module, (nn.BatchNorm2d, nn.Conv2d)) and module.bias is not None:
            hooks.append(module.register_forward_pre_hook(enter))
    with torch.no_grad():
        for _ in range(10):
            moved = 0
            model.train()(images)
            if moved == 0:
                break
    for hook in hooks:
        hook.remove()
    # A gate can throw one back and forth between two gaps, neither of which is wide: in seresnet152d, at 4e-5 and 1e-4 of a deviation.
    if moved > 1:
        raise RuntimeError(f"{moved} betas still move")

"""Random weights for tiny checkpoints, none of them zero or one."""

import torch

SEED = 20240


def generator(offset):
    return torch.Generator().manual_seed(SEED + offset)


def randomise(module, offset):
    """Weights of a size that keeps activations near one; norms around one, biases around zero, nothing exactly either."""
    random = generator(offset)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            noise = torch.randn(parameter.shape, generator=random)
            if "norm" in name and name.endswith("weight"):
                parameter.copy_(1 + 0.3 * noise)
            elif name.endswith("bias") or "token" in name or "pos_embed" in name:
                parameter.copy_(0.3 * noise)
            else:
                fan_in = parameter[0].numel() if parameter.dim() > 1 else parameter.numel()
                parameter.copy_(noise * 1.2 / fan_in**0.5)
    return module.eval()


def rounded(module, dtype):
    """The module with every weight rounded to the stored type, so that what is stored is what was run."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(parameter.to(dtype).float())
    return module

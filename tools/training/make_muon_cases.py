#!/usr/bin/env python3
"""Writes what torch.optim.Muon makes of a few matrices in a few steps.

Run from the repository root: python3 tools/training/make_muon_cases.py
"""

import json
import pathlib

import torch

SEED = 20261123
STEPS = 4
RATE = 0.02
DECAY = 0.1
SHAPES = {"wide": (4, 9), "tall": (12, 5), "square": (6, 6), "as-wide": (4, 9)}
FOLDER = pathlib.Path("training/src/test/resources/io/kinora/training/optim")


def flat(tensor):
    return [round(value, 6) for value in tensor.flatten().tolist()]


torch.manual_seed(SEED)
cases = []
for name, shape in SHAPES.items():
    start = torch.randn(shape)
    gradients = [torch.randn(shape) for _ in range(STEPS)]
    matrix = torch.nn.Parameter(start.clone())
    muon = torch.optim.Muon([matrix], lr=RATE, weight_decay=DECAY, momentum=0.95, adjust_lr_fn="match_rms_adamw")
    ends = []
    for gradient in gradients:
        matrix.grad = gradient.clone()
        muon.step()
        ends.append(flat(matrix.detach()))
    cases.append({
        "name": name,
        "shape": list(shape),
        "start": flat(start),
        "gradients": [flat(gradient) for gradient in gradients],
        "ends": ends,
    })
document = {"rate": RATE, "decay": DECAY, "cases": cases}
(FOLDER / "muon.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")

#!/usr/bin/env python3
"""Draws noise from torch's CPU generator, several times in a row from each seed, and writes the values.

Usage: python3 tools/parity/noise.py   (needs torch; writes tensor-engine/api/src/test/resources/io/kinora/tensor/)
"""

import json
import pathlib
import platform

import torch

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = ROOT / "tensor-engine/api/src/test/resources/io/kinora/tensor"

# Small draws (under 16) keep a spare value for the next small draw; others end in an overlapping block unless 16 divides them.
SEQUENCES = [
    (42, [("randn", [16]), ("randn", [4]), ("randn", [3, 5])]),
    (0, [("randn", [1, 4, 16, 32, 32]), ("randn", [2])]),
    (7, [("randn", [3]), ("randn", [16]), ("randn", [1]), ("randn", [2]), ("randn", [37]), ("randn", [15])]),
    (20240607, [("randn", [17]), ("rand", [5]), ("randn", [31]), ("rand", [33]), ("randn", [1]), ("rand", [1]), ("randn", [1])]),
    (2**32 + 5, [("randn", [16])]),
    (2**63 - 1, [("randn", [100])]),
    (-1, [("randn", [20])]),
    (2, [("rand", [700]), ("randn", [640]), ("randn", [2, 0, 3]), ("randn", [641])]),
]
WHOLE = 64


def sample(values):
    """All of a short draw; begin, end and some between of a long one."""
    n = len(values)
    positions = range(n) if n <= WHOLE else sorted({*range(24), *range(24, n, max(1, n // 32)), *range(n - 24, n)})
    return {str(i): float(values[i]) for i in positions}


def main():
    sequences = []
    for seed, draws in SEQUENCES:
        generator = torch.Generator().manual_seed(seed)
        drawn = []
        for kind, shape in draws:
            values = getattr(torch, kind)(shape, generator=generator).reshape(-1)
            drawn.append({"kind": kind, "count": values.numel(), "values": sample(values)})
        sequences.append({"seed": seed, "draws": drawn})
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "noise.json").write_text(json.dumps(sequences, indent=0) + "\n")
    (TARGET / "ORIGIN.md").write_text(
        "# noise.json\n\n"
        f"Written by `tools/parity/noise.py` (which lists seeds and shapes) with Python {platform.python_version()}, torch"
        f" {torch.__version__.split('+')[0]} ({torch.backends.cpu.get_cpu_capability()}): successive draws of float32 from one"
        " `torch.Generator` a seed; of long draws some values by position.\n"
    )


if __name__ == "__main__":
    main()

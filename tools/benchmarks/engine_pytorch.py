#!/usr/bin/env python3
"""PyTorch's side of io.kinora.benchmarks.EngineVsPyTorch: reads an operation's name per line, runs it, answers with seconds per call.

Started by the Java harness, which alternates between the two sides. Arguments: number of threads.
"""
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(int(sys.argv[1]))
torch.set_grad_enabled(False)
torch.manual_seed(0)


def operations():
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
    yield "matmul", lambda: a @ b
    row, square = torch.randn(1, 4096), torch.randn(4096, 4096)
    yield "matvec", lambda: F.linear(row, square)
    x, w, bias = torch.randn(257, 1408), torch.randn(6144, 1408), torch.randn(6144)
    yield "linear", lambda: F.linear(x, w, bias)
    image, k2, kb = torch.randn(16, 320, 32, 32), torch.randn(320, 320, 3, 3), torch.randn(320)
    yield "conv2d", lambda: F.conv2d(image, k2, kb, padding=1)
    clip, k3 = torch.randn(1, 320, 16, 32, 32), torch.randn(320, 320, 3, 1, 1)
    yield "conv3d", lambda: F.conv3d(clip, k3, kb, padding=(1, 0, 0))
    q, k, v = (torch.randn(16, 5, 1024, 64) for _ in range(3))
    yield "attention", lambda: F.scaled_dot_product_attention(q, k, v)
    rows, rw, rb = torch.randn(16384, 320), torch.randn(320), torch.randn(320)
    yield "layer norm", lambda: F.layer_norm(rows, (320,), rw, rb, 1e-5)
    yield "rms norm", lambda: F.rms_norm(rows, (320,), rw, 1e-6)
    yield "group norm", lambda: F.group_norm(image, 32, rw, rb, 1e-5)
    yield "softmax", lambda: F.softmax(rows, dim=-1)
    yield "gelu", lambda: F.gelu(rows)


def main():
    known = dict(operations())
    for line in sys.stdin:
        name, calls = line.rstrip("\n").split(";")
        run = known[name]
        start = time.perf_counter()
        for _ in range(int(calls)):
            run()
        print((time.perf_counter() - start) / int(calls), flush=True)


main()

#!/usr/bin/env python3
"""Writes the engine conformance cases: inputs, arguments and PyTorch's results for every tensor operation.

Run from the repository root: python3 tools/conformance/make_cases.py

Floating-point inputs are values that bf16 and f16 hold exactly, so one case serves every floating-point type. Results are computed
in float64 and stored as float32.
"""

import base64
import json
import pathlib

import numpy
import torch
import torch.nn.functional as F

SEED = 20261122
FOLDER = pathlib.Path("tensor-engine/api/src/test/resources/io/kinora/tensor/conformance")
LIMIT_BYTES = 400_000

INFINITY = float("inf")
STORED = {torch.float64: ("F32", torch.float32), torch.int64: ("I64", torch.int64), torch.bool: ("BOOL", torch.bool)}

cases = []


def normal(*sizes, scale=1.0):
    """Normal values, rounded to bf16, none so small that f16 would lose bits."""
    values = (torch.randn(*sizes) * scale).to(torch.bfloat16).double()
    return torch.where(values.abs() < 2.0**-6, torch.full_like(values, 0.25), values)


def positive(*sizes):
    return normal(*sizes).abs()


def floats(*values):
    return torch.tensor(values, dtype=torch.float64)


def longs(*values):
    return torch.tensor(values, dtype=torch.int64)


def stored(tensor):
    name, dtype = STORED[tensor.dtype]
    data = numpy.ascontiguousarray(tensor.to(dtype).contiguous().numpy()).tobytes()
    return {"dtype": name, "shape": list(tensor.shape), "data": base64.b64encode(data).decode("ascii")}


def case(name, operation, inputs, function, **arguments):
    """One case; the function gets the inputs in order and returns a tensor or several."""
    result = function(*inputs.values())
    outputs = result if isinstance(result, tuple) else (result,)
    cases.append({
        "name": name,
        "operation": operation,
        "inputs": {key: stored(value) for key, value in inputs.items()},
        "arguments": arguments,
        "expected": [stored(value) for value in outputs],
    })


def elementwise():
    x = {"x": normal(3, 5, 7)}
    for name, function in {
        "exp": torch.exp,
        "sin": torch.sin,
        "cos": torch.cos,
        "silu": F.silu,
        "gelu": F.gelu,
        "relu": F.relu,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "quickGelu": lambda t: t * torch.sigmoid(1.702 * t),
    }.items():
        case(name, name, x, function)
    case("log", "log", {"x": positive(3, 5)}, torch.log)
    case("sqrt", "sqrt", {"x": positive(3, 5)}, torch.sqrt)
    halves = floats(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.25, -7.75).reshape(2, 4)
    case("round takes halves to even", "round", {"x": halves}, torch.round)
    case("clamp", "clamp", x, lambda t: t.clamp(-0.5, 0.75), low=-0.5, high=0.75)
    case("add a number", "addNumber", x, lambda t: t + 1.5, value=1.5)
    case("mul by a number", "mulNumber", x, lambda t: t * -0.75, value=-0.75)
    case("leakyRelu", "leakyRelu", x, lambda t: F.leaky_relu(t, 0.125), slope=0.125)
    case("silu of nothing", "silu", {"x": normal(0, 3)}, F.silu)
    case("silu of a scalar", "silu", {"x": torch.tensor(1.5, dtype=torch.float64)}, F.silu)


def binary():
    for label, a, b in [
        ("same shape", normal(2, 3, 5), normal(2, 3, 5)),
        ("broadcast inside and outside", normal(3, 1, 7), normal(5, 1)),
        ("broadcast along the rows", normal(4, 3), normal(3)),
        ("a scalar", torch.tensor(0.75, dtype=torch.float64), normal(2, 3)),
        ("nothing", normal(0, 3), normal(3)),
    ]:
        case(f"add, {label}", "add", {"a": a, "b": b}, torch.add)
        case(f"sub, {label}", "sub", {"a": a, "b": b}, torch.sub)
        case(f"mul, {label}", "mul", {"a": a, "b": b}, torch.mul)
        case(f"div, {label}", "div", {"a": a, "b": b}, torch.div)
    pair = {"a": normal(3, 4), "b": normal(4)}
    case("add in place, broadcast", "addInPlace", pair, torch.add)
    case("mul in place", "mulInPlace", {"x": normal(3, 4)}, lambda t: t * 0.5, value=0.5)
    case("copyFrom into a view", "copyFromIntoRow", pair, lambda a, b: torch.cat([a[:1], b[None], a[2:]]), row=1)
    mask = torch.tensor([[True], [False], [True]])
    case("where, broadcast", "where", {"mask": mask, **pair}, torch.where)


def along_axes():
    x = {"x": normal(4, 5, 3, scale=4)}
    for axis in (0, 1, -1):
        case(f"softmax along {axis}", "softmax", x, lambda t: t.softmax(axis), axis=axis)
        case(f"logSoftmax along {axis}", "logSoftmax", x, lambda t: t.log_softmax(axis), axis=axis)
        case(f"sum along {axis}", "sum", x, lambda t: t.sum(axis), axis=axis)
        case(f"mean along {axis}", "mean", x, lambda t: t.mean(axis), axis=axis)
        case(f"max along {axis}", "max", x, lambda t: t.amax(axis), axis=axis)
    distinct = ((torch.randperm(60) - 30) * 0.25).double().reshape(4, 5, 3)
    for axis in (0, -2):
        case(f"argmax along {axis}", "argmax", {"x": distinct}, lambda t: t.argmax(axis), axis=axis)
    ties = floats(1, 3, 3, 2, 5, 1, 5, 5).reshape(2, 4)
    case("argmax takes the first of equals", "argmax", {"x": ties}, lambda t: longs(1, 0), axis=1)
    large = floats(100, 101, 99, -100, 0, 100).reshape(2, 3)
    case("softmax of large values", "softmax", {"x": large}, lambda t: t.softmax(-1), axis=-1)
    case("topK", "topK", {"x": distinct.reshape(4, 15)}, lambda t: tuple(t.topk(4)), k=4)


def views():
    x = {"x": normal(2, 3, 4, 5)}
    one = {"x": normal(3, 1, 5)}
    case("reshape", "reshape", x, lambda t: t.reshape(6, 20), sizes=[6, 20])
    case("reshape with a free size", "reshape", x, lambda t: t.reshape(2, -1, 5), sizes=[2, -1, 5])
    case("permute", "permute", x, lambda t: t.permute(0, 2, 3, 1), axes=[0, 2, 3, 1])
    case("permute with negative axes", "permute", x, lambda t: t.permute(-1, 0, -2, 1), axes=[-1, 0, -2, 1])
    case("transpose", "transpose", x, lambda t: t.transpose(1, -1), first=1, second=-1)
    case("slice", "slice", x, lambda t: t[:, :, 1:3], axis=2, begin=1, end=3)
    case("slice of nothing", "slice", x, lambda t: t[:, 2:2], axis=1, begin=2, end=2)
    case("select", "select", x, lambda t: t[:, 2], axis=1, position=2)
    case("select from the end", "select", x, lambda t: t[..., -1], axis=-1, position=-1)
    case("unsqueeze", "unsqueeze", x, lambda t: t.unsqueeze(-1), axis=-1)
    case("squeeze", "squeeze", one, lambda t: t.squeeze(1), axis=1)
    case("expand", "expand", one, lambda t: t.expand(2, 3, 4, 5), sizes=[2, -1, 4, -1])
    case("chunk", "chunk", x, lambda t: tuple(t.chunk(2, 2)), parts=2, axis=2)
    case("contiguous", "contiguous", x, lambda t: t)
    case("repeatInterleave", "repeatInterleave", one, lambda t: t.repeat_interleave(3, 0), times=3, axis=0)


def joining():
    parts = {"a": normal(2, 3, 4), "b": normal(2, 1, 4), "c": normal(2, 0, 4)}
    case("cat", "cat", parts, lambda *t: torch.cat(t, 1), axis=1)
    case("cat along a negative axis", "cat", {"a": normal(2, 3), "b": normal(2, 5)}, lambda *t: torch.cat(t, -1), axis=-1)
    equal = {"a": normal(2, 3), "b": normal(2, 3), "c": normal(2, 3)}
    case("stack", "stack", equal, lambda *t: torch.stack(t, 1), axis=1)
    case("stack along a new last axis", "stack", equal, lambda *t: torch.stack(t, -1), axis=-1)
    table = normal(7, 5)
    case("gather", "gather", {"table": table, "ids": longs(6, 0, 3, 3, 1, 2).reshape(2, 3)}, lambda t, i: t[i])
    case("gather one row", "gather", {"table": table, "ids": torch.tensor(4)}, lambda t, i: t[i])
    case("gather of rows with two axes", "gather", {"table": normal(4, 2, 3), "ids": longs(3, 0)}, lambda t, i: t[i])
    case("gather from a list", "gather", {"table": normal(6), "ids": longs(5, 5, 0)}, lambda t, i: t[i])
    case(
        "scatterRows",
        "scatterRows",
        {"table": table, "ids": longs(5, 0, 2), "rows": normal(3, 5)},
        lambda t, i, r: t.index_copy(0, i, r),
    )


def products():
    case("matmul", "matmul", {"a": normal(5, 7), "b": normal(7, 3)}, torch.matmul)
    case("matmul, broadcast batches", "matmul", {"a": normal(2, 1, 5, 7), "b": normal(3, 7, 4)}, torch.matmul)
    case("matmul of one row", "matmul", {"a": normal(1, 33), "b": normal(33, 17)}, torch.matmul)
    weight, bias = normal(11, 7), normal(11)
    case("linear", "linear", {"x": normal(3, 5, 7), "weight": weight, "bias": bias}, F.linear)
    case("linear without bias", "linear", {"x": normal(13, 7), "weight": weight}, F.linear)
    case("linear of one token", "linear", {"x": normal(1, 1, 7), "weight": weight, "bias": bias}, F.linear)
    case("linear of no tokens", "linear", {"x": normal(1, 0, 7), "weight": weight, "bias": bias}, F.linear)


def convolutions():
    def conv1d(name, x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
        inputs = {"x": x, "weight": weight, **({} if bias is None else {"bias": bias})}
        settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        case(name, "conv1d", inputs, lambda *t: F.conv1d(*t, **settings), **settings)

    conv1d("conv1d", normal(2, 3, 17), normal(5, 3, 3), normal(5), padding=1)
    conv1d("conv1d with stride and dilation", normal(1, 4, 23), normal(6, 4, 3), stride=2, padding=4, dilation=3)
    conv1d("conv1d in groups", normal(2, 6, 9), normal(4, 3, 5), normal(4), padding=2, groups=2)

    def transposed(name, x, weight, bias=None, stride=1, padding=0):
        inputs = {"x": x, "weight": weight, **({} if bias is None else {"bias": bias})}
        settings = {"stride": stride, "padding": padding}
        case(name, "convTranspose1d", inputs, lambda *t: F.conv_transpose1d(*t, **settings), **settings)

    transposed("convTranspose1d", normal(2, 4, 7), normal(4, 3, 4), normal(3), stride=2, padding=1)
    transposed("convTranspose1d by 5", normal(1, 3, 5), normal(3, 2, 11), stride=5, padding=3)

    def conv2d(name, x, weight, bias=None, stride=1, padding=0):
        inputs = {"x": x, "weight": weight, **({} if bias is None else {"bias": bias})}
        settings = {"stride": stride, "padding": padding}
        case(name, "conv2d", inputs, lambda *t: F.conv2d(*t, **settings), **settings)

    conv2d("conv2d 3x3", normal(2, 3, 7, 5), normal(4, 3, 3, 3), normal(4), padding=1)
    conv2d("conv2d 3x3 without bias, unpadded", normal(1, 5, 6, 9), normal(3, 5, 3, 3))
    conv2d("conv2d 3x3 with stride 2, odd sizes", normal(2, 3, 9, 7), normal(5, 3, 3, 3), normal(5), stride=2, padding=1)
    conv2d("conv2d 1x1", normal(3, 6, 5, 7), normal(4, 6, 1, 1), normal(4))
    conv2d("conv2d 1x1 without bias", normal(1, 3, 4, 5), normal(7, 3, 1, 1))
    conv2d("conv2d 1x1 with stride", normal(2, 4, 5, 7), normal(3, 4, 1, 1), normal(3), stride=2)
    conv2d("conv2d 1x1 with padding", normal(1, 4, 3, 3), normal(3, 4, 1, 1), normal(3), padding=1)
    conv2d("conv2d of patches", normal(2, 3, 12, 8), normal(6, 3, 4, 4), normal(6), stride=4)
    conv2d("conv2d 2x3", normal(1, 2, 6, 6), normal(3, 2, 2, 3), normal(3), padding=1)

    def conv3d(name, x, weight, bias=None, padding=(0, 0, 0)):
        inputs = {"x": x, "weight": weight, **({} if bias is None else {"bias": bias})}
        case(
            name, "conv3d", inputs, lambda *t: F.conv3d(*t, padding=padding),
            padF=padding[0], padY=padding[1], padX=padding[2],
        )

    temporal = normal(5, 4, 3, 1, 1)
    conv3d("conv3d 3x1x1", normal(2, 4, 5, 3, 2), temporal, normal(5), (1, 0, 0))
    conv3d("conv3d 3x1x1 without bias", normal(1, 4, 4, 3, 3), temporal, padding=(1, 0, 0))
    conv3d("conv3d 3x1x1 unpadded", normal(2, 4, 6, 2, 3), temporal, normal(5))
    conv3d("conv3d 3x1x1 of one frame", normal(2, 4, 1, 3, 3), temporal, normal(5), (1, 0, 0))
    conv3d("conv3d 3x1x1 padded by 2", normal(1, 4, 3, 2, 2), temporal, normal(5), (2, 0, 0))
    conv3d("conv3d 3x1x1 padded in space", normal(1, 4, 3, 2, 2), temporal, normal(5), (1, 1, 1))
    conv3d("conv3d 5x1x1", normal(1, 3, 7, 2, 3), normal(2, 3, 5, 1, 1), normal(2), (2, 0, 0))
    conv3d("conv3d 5x1x1 of two frames", normal(2, 3, 2, 2, 3), normal(2, 3, 5, 1, 1), normal(2), (2, 0, 0))
    conv3d("conv3d 1x1x1", normal(2, 3, 3, 4, 2), normal(5, 3, 1, 1, 1), normal(5))
    conv3d("conv3d 3x3x3", normal(1, 2, 4, 5, 3), normal(3, 2, 3, 3, 3), normal(3), (1, 1, 1))
    conv3d("conv3d 1x3x3", normal(1, 2, 3, 5, 4), normal(3, 2, 1, 3, 3), normal(3), (0, 1, 1))


def norms():
    def rms(x, weight, eps):
        return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + eps) * weight

    for label, sizes in [
        ("tokens", (5, 6)), ("a sequence", (2, 6, 5)), ("images", (2, 6, 5, 3)), ("clips", (2, 6, 3, 4, 2)),
    ]:
        inputs = {"x": normal(*sizes, scale=2) + 0.5, "weight": normal(6), "bias": normal(6)}
        case(f"groupNorm of {label}", "groupNorm", inputs, lambda x, w, b: F.group_norm(x, 3, w, b, 1e-5), groups=3, eps=1e-5)
        case(
            f"groupNormSilu of {label}", "groupNormSilu", inputs,
            lambda x, w, b: F.silu(F.group_norm(x, 3, w, b, 1e-6)), groups=3, eps=1e-6,
        )
    inputs = {"x": normal(3, 5, 9, scale=3) - 0.5, "weight": normal(9), "bias": normal(9)}
    case("layerNorm", "layerNorm", inputs, lambda x, w, b: F.layer_norm(x, (9,), w, b, 1e-5), eps=1e-5)
    case("rmsNorm", "rmsNorm", {"x": inputs["x"], "weight": inputs["weight"]}, lambda x, w: rms(x, w, 1e-6), eps=1e-6)
    small = {"x": normal(2, 9) * 2.0**-8, "weight": normal(9)}
    case("rmsNorm of small values", "rmsNorm", small, lambda x, w: rms(x, w, 1e-6), eps=1e-6)


def attention():
    def attend(name, q, k, v, mask="none", bias=None, scale=0.375):
        def reference(q, k, v, *scores):
            shared = q.shape[1] // k.shape[1]
            k, v = k.repeat_interleave(shared, 1), v.repeat_interleave(shared, 1)
            weights = q @ k.transpose(-1, -2) * scale
            if mask == "causal":
                T, S = weights.shape[-2:]
                weights = weights.masked_fill(torch.ones(T, S, dtype=torch.bool).triu(S - T + 1), -INFINITY)
            for added in scores:
                weights = weights + added
            return weights.softmax(-1) @ v

        inputs = {"q": q, "k": k, "v": v, **({} if bias is None else {"bias": bias})}
        case(name, "attention", inputs, reference, mask=mask, scale=scale)

    attend("attention", normal(2, 3, 5, 8), normal(2, 3, 7, 8), normal(2, 3, 7, 8))
    attend("attention of odd width", normal(1, 2, 4, 5), normal(1, 2, 3, 5), normal(1, 2, 3, 5), scale=0.5)
    attend("causal attention", normal(1, 2, 6, 8), normal(1, 2, 6, 8), normal(1, 2, 6, 8), "causal")
    attend("causal attention to a longer past", normal(2, 2, 3, 4), normal(2, 2, 9, 4), normal(2, 2, 9, 4), "causal")
    attend("causal attention of one token", normal(2, 2, 1, 4), normal(2, 2, 6, 4), normal(2, 2, 6, 4), "causal")
    attend("causal attention in several blocks", normal(1, 1, 519, 4), normal(1, 1, 530, 4), normal(1, 1, 530, 4), "causal")
    grouped = normal(2, 6, 4, 8), normal(2, 2, 5, 8), normal(2, 2, 5, 8)
    attend("attention with grouped heads", *grouped)
    attend("causal attention with grouped heads", *grouped, "causal")
    attend("causal attention of equal length with grouped heads", normal(2, 4, 5, 4), normal(2, 2, 5, 4), normal(2, 2, 5, 4), "causal")
    attend("causal attention of one token with one shared head", normal(1, 4, 1, 8), normal(1, 1, 5, 8), normal(1, 1, 5, 8), "causal")
    attend("attention with a bias for each head", normal(2, 3, 4, 8), normal(2, 3, 5, 8), normal(2, 3, 5, 8), "bias", normal(1, 3, 4, 5))
    hidden = torch.zeros(2, 1, 4, 5, dtype=torch.float64)
    hidden[0, :, :, 3:] = -INFINITY
    hidden[1, :, 2, 0] = -INFINITY
    attend("attention with hidden keys for each clip", normal(2, 3, 4, 8), normal(2, 3, 5, 8), normal(2, 3, 5, 8), "bias", hidden)
    attend("attention with a bias and grouped heads", *grouped, "bias", hidden)
    attend("attention with a bias for each of the grouped heads", *grouped, "bias", normal(1, 6, 4, 5))


def gates():
    def rotate(x, cos, sin):
        if cos.dim() == 3:
            cos, sin = cos[:, None], sin[:, None]
        cos, sin = torch.cat([cos, cos], -1), torch.cat([sin, sin], -1)
        first, second = x.chunk(2, -1)
        return x * cos + torch.cat([-second, first], -1) * sin

    def gated(x):
        value, gate = x.chunk(2, -1)
        return value * F.gelu(gate)

    def angles(*sizes):
        turn = torch.rand(*sizes) * 6
        return tuple(f(turn).to(torch.bfloat16).double() for f in (torch.cos, torch.sin))

    for label, sizes in [("positions", (5, 4)), ("positions of each sequence", (2, 5, 4))]:
        cos, sin = angles(*sizes)
        case(f"rotary by {label}", "rotary", {"x": normal(2, 3, 5, 8), "cos": cos, "sin": sin}, rotate)
    case("geglu", "geglu", {"x": normal(3, 5, 14)}, gated)
    case("swiglu", "swiglu", {"gate": normal(3, 5, 7), "up": normal(3, 5, 7)}, lambda g, u: F.silu(g) * u)


def images():
    x = {"x": normal(2, 3, 5, 7)}
    for height, width in [(10, 14), (13, 9), (3, 4)]:
        size = {"height": height, "width": width}
        case(f"upsampleNearest to {height}x{width}", "upsampleNearest", x,
             lambda t: F.interpolate(t, (height, width), mode="nearest"), **size)
        case(f"upsampleBilinear to {height}x{width}", "upsampleBilinear", x,
             lambda t: F.interpolate(t, (height, width), mode="bilinear", align_corners=False), **size)
    case("avgPool2d", "avgPool2d", {"x": normal(2, 3, 4, 6)}, lambda t: F.avg_pool2d(t, 2), window=2)
    case("avgPool2d drops what fills no window", "avgPool2d", x, lambda t: F.avg_pool2d(t, 3), window=3)
    case("pad the last axis", "pad", x, lambda t: F.pad(t, (1, 2)), amounts=[1, 2])
    case("pad the last two axes", "pad", x, lambda t: F.pad(t, (0, 1, 2, 0)), amounts=[0, 1, 2, 0])
    case("pad three axes", "pad", x, lambda t: F.pad(t, (1, 0, 0, 1, 1, 2)), amounts=[1, 0, 0, 1, 1, 2])


def main():
    torch.manual_seed(SEED)
    for make in (elementwise, binary, along_axes, views, joining, products, convolutions, norms, attention, gates, images):
        make()
    FOLDER.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in cases)
    text = "[\n" + lines + "\n]\n"
    if len(text) > LIMIT_BYTES:
        raise SystemExit(f"the cases take {len(text)} bytes, more than {LIMIT_BYTES}")
    (FOLDER / "cases.json").write_text(text)
    (FOLDER / "ORIGIN.md").write_text(
        "# Where these cases come from\n\n"
        f"`cases.json` was written by `tools/conformance/make_cases.py` with PyTorch {torch.__version__} and NumPy\n"
        f"{numpy.__version__}, seed {SEED}. Inputs are rounded to bf16; expected values are PyTorch's on the CPU in float64,\n"
        "stored as float32, little endian, in base64.\n"
    )
    print(f"{len(cases)} cases, {len(text)} bytes")


if __name__ == "__main__":
    main()

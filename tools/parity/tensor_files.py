#!/usr/bin/env python3
"""Writes small safetensors and torch files with the official packages, what is in them, and pickles that must be refused.

Usage: python3 tools/parity/tensor_files.py   (needs torch, safetensors and numpy; writes below tensor-engine/api/src/test/resources/)
"""

import collections
import json
import os
import pathlib
import pickle
import platform
import tempfile
import warnings
import zipfile

import safetensors
import torch
from safetensors.torch import save_file

warnings.filterwarnings("ignore")

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESOURCES = ROOT / "tensor-engine/api/src/test/resources/io/kinora/tensor"
SAFETENSORS = RESOURCES / "safetensors"
TORCH = RESOURCES / "torchfile"

DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "F8_E4M3": torch.float8_e4m3fn,
    "F8_E5M2": torch.float8_e5m2,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U64": torch.uint64,
    "U32": torch.uint32,
    "U16": torch.uint16,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
NAMES = {dtype: name for name, dtype in DTYPES.items()}


def raw(tensor):
    """The elements row-major, little endian."""
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b""


def described(tensors):
    return {
        name: {"dtype": NAMES[t.dtype], "shape": list(t.shape), "hex": raw(t).hex()} for name, t in tensors.items()
    }


def every_dtype():
    values = torch.tensor([0.0, 1.0, -1.5, 3.0, 100.0, 0.125])
    tensors = {}
    for name, dtype in DTYPES.items():
        source = values.abs() if name.startswith("U") else values
        tensors[f"every.{name}"] = source.to(dtype).reshape(2, 3)
    return tensors


def write_json(path, content):
    path.write_text(json.dumps(content, indent=1, ensure_ascii=True) + "\n")


def write_safetensors():
    tensors = every_dtype()
    tensors["empty"] = torch.zeros(0, 3)
    tensors["scalar"] = torch.tensor(2.5)
    tensors['odd "name"\\\n\t\u00e9\u4e16\U0001f3ac'] = torch.tensor([7], dtype=torch.int64)
    metadata = {"a note": "f\u00fcr \"sie\"\n"}  # one: the package leaves the order of several to chance
    save_file(tensors, SAFETENSORS / "python.safetensors", metadata=metadata)
    write_json(SAFETENSORS / "python.json", {"metadata": metadata, "tensors": described(tensors)})


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(3, 2)
        self.norm = torch.nn.BatchNorm1d(2)


def views():
    base = torch.arange(24, dtype=torch.float32)
    grid = base.reshape(2, 3, 4)
    half = torch.arange(10, dtype=torch.float16)
    return {
        "whole": base,
        "slice": base[5:9],
        "grid": grid,
        "permuted": grid.permute(2, 0, 1),
        "transposed": grid[1].t(),
        "column": grid[:, 1, 2],
        "every_second": base[1::2],
        "expanded": base[3:4].expand(5),
        "broadcast": half[:2].reshape(2, 1).expand(2, 3),
        "half_tail": half[7:],
        "scalar": base[6].clone().reshape(()),
        "scalar_view": base[23],
        "empty": torch.zeros(3, 0, 2),
        "ones": torch.arange(6, dtype=torch.int64).reshape(1, 6, 1),
        "bytes_of": torch.arange(6, dtype=torch.uint8).reshape(2, 3).t(),
        "long_t": torch.arange(6, dtype=torch.int64).reshape(2, 3).t(),
    }


def write_torch():
    torch.manual_seed(11)
    files = {}

    def save(name, value, tensors, **how):
        torch.save(value, TORCH / name, **how)
        files[name] = described(tensors)

    every = every_dtype()
    for protocol in (2, 3, 4, 5):
        save(f"protocol{protocol}.pt", dict(every), every, pickle_protocol=protocol)
    save("views.pt", views(), views())

    net = Net()
    save("state_dict.pth", net.state_dict(), net.state_dict())  # an OrderedDict with _metadata: BUILD

    wrapped = {
        "module": collections.OrderedDict(weight=torch.nn.Parameter(torch.ones(2, 2)), bias=torch.zeros(2)),
        "layers": [{"a": torch.tensor([1, 2])}, (torch.tensor([3.0]), None)],
        "epoch": 3,
        "big": 2**40,
        "negative": -(2**33),
        "rate": 0.25,
        "flag": True,
        "name": "caf\u00e9",
        "raw": b"\x00\xff",
        "size": torch.Size([2, 3]),
        "dtype": torch.bfloat16,
        "complex_dtype": torch.complex64,
        "device": torch.device("cpu"),
        "set": {1, 2},
        "frozen": frozenset([3]),
        "array": bytearray(b"xy"),
        7: {"under_a_number": torch.tensor([True, False])},
        "none": None,
    }
    tensors = {
        "module.weight": torch.ones(2, 2),
        "module.bias": torch.zeros(2),
        "layers.0.a": torch.tensor([1, 2]),
        "layers.1.0": torch.tensor([3.0]),
        "7.under_a_number": torch.tensor([True, False]),
    }
    del wrapped["array"]  # pickled as a call of builtins.bytearray, which is not on the list
    save("nested.pt", wrapped, tensors)
    save("nested4.pt", wrapped, tensors, pickle_protocol=4)

    attributed = torch.nn.Parameter(torch.tensor([5.0]))
    attributed.note = "kept by _rebuild_parameter_with_state"
    save("parameter.pt", {"p": attributed}, {"p": attributed})

    # Entries of a name and a size that need zip64: torch writes such directories above 4 GiB.
    small = {"a": torch.arange(4, dtype=torch.int32)}
    limit, zipfile.ZIP64_LIMIT = zipfile.ZIP64_LIMIT, 1
    with tempfile.TemporaryDirectory() as folder:
        torch.save(small, f"{folder}/a.pt")
        with zipfile.ZipFile(f"{folder}/a.pt") as source, zipfile.ZipFile(TORCH / "zip64.pt", "w") as target:
            for info in source.infolist():
                entry = zipfile.ZipInfo(info.filename)
                target.writestr(entry, source.read(info))
    zipfile.ZIP64_LIMIT = limit
    files["zip64.pt"] = described(small)
    with zipfile.ZipFile(TORCH / "compressed.pt", "w", zipfile.ZIP_DEFLATED) as target:
        with zipfile.ZipFile(TORCH / "zip64.pt") as source:
            for info in source.infolist():
                target.writestr(info.filename, source.read(info))

    write_json(TORCH / "contents.json", files)

    torch.save(small, TORCH / "legacy.pt", _use_new_zipfile_serialization=False)
    torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), str(TORCH / "script.pt"))
    torch.save({"c": torch.zeros(2, dtype=torch.complex64)}, TORCH / "complex.pt")
    torch.save({"n": torch.zeros(2, dtype=torch.complex64).conj().imag}, TORCH / "negated.pt")
    torch.save({"q": torch.quantize_per_tensor(torch.zeros(2), 1.0, 0, torch.qint8)}, TORCH / "quantized.pt")
    torch.save({"s": torch.eye(2).to_sparse()}, TORCH / "sparse.pt")
    torch.save(net, TORCH / "module.pt")


class Call:
    """Pickles as a call."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


class WithState:
    def __init__(self, state):
        self.state = state

    def __reduce__(self):
        return collections.OrderedDict, (), self.state


def hostile():
    """Pickles, and a part of the message with which each must be refused."""
    cases = []

    def add(name, pickled, message):
        cases.append({"name": name, "hex": pickled.hex(), "message": message})

    # posix.system is what os.system pickles as, nt.system elsewhere.
    system = f"{os.system.__module__}.system"
    for protocol in (2, 3, 4, 5):
        add(f"os.system, protocol {protocol}", pickle.dumps({"w": Call(os.system, "true")}, protocol), system)
        evaluate = "__builtin__.eval" if protocol == 2 else "builtins.eval"
        add(f"eval, protocol {protocol}", pickle.dumps(Call(eval, "1"), protocol), evaluate)
        add(f"getattr, protocol {protocol}", pickle.dumps(Call(getattr, "", "x"), protocol), "getattr")
    add("protocol 0", pickle.dumps(Call(os.system, "true"), 0), system)
    add("protocol 0 text", pickle.dumps({"a": 1}, 0), "operation 0x70")
    add("INST", b"(S'true'\nios\nsystem\n.", "operation 0x53")
    add("INST without arguments", b"(ios\nsystem\n.", "os.system")
    add("INST of an allowed class", b"(icollections\nOrderedDict\n.", "instance")
    add("OBJ", b"(cos\nsystem\nU\x04trueo.", "os.system")
    add("OBJ of an allowed class", b"(ccollections\nOrderedDict\no.", "operation 0x6f")
    add("NEWOBJ", b"\x80\x02csubprocess\nPopen\nU\x04true\x85\x81.", "subprocess.Popen")
    add("NEWOBJ_EX", b"\x80\x04ccollections\nOrderedDict\n)}\x92.", "operation 0x92")
    add("STACK_GLOBAL", b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.", "os.system")
    add("STACK_GLOBAL of numbers", b"\x80\x04K\x01K\x02\x93.", "names a global by")
    add("a module with a dot", b"cos.path\njoin\n.", "os.path.join")
    add("attributes of an allowed name", b"\x80\x04\x8c\x0bcollections\x8c\x15OrderedDict.__class__\x93.", "OrderedDict.__class__")
    add("torch.load itself", b"ctorch\nload\n.", "torch.load")
    add("torch.hub", b"ctorch.hub\nload\n.", "torch.hub.load")
    add("torch.storage._load_from_bytes", b"ctorch.storage\n_load_from_bytes\n.", "torch.storage._load_from_bytes")
    add("extension registry", b"\x80\x02\x82\x01.", "operation 0x82")
    add("text persistent id", b"P0\n.", "operation 0x50")
    add("persistent id that is a string", b"\x80\x02X\x01\x00\x00\x00aQ.", "no storage")
    add("BUILD on a number", b"\x80\x02K\x01}b.", "state")
    add("BUILD on a list", b"\x80\x02]}b.", "state")
    add("BUILD with a tuple", pickle.dumps(WithState(({}, {"a": 1})), 2), "state")
    add("calling a number", b"\x80\x02K\x01)R.", "calls")
    add("calling a dtype", b"\x80\x02ctorch\nfloat32\n)R.", "calls")
    add("calling with a list", b"\x80\x02ccollections\nOrderedDict\n]R.", "calls")
    add("a dictionary as a key", b"\x80\x02}}K\x01s.", "key")
    add("a list as a key", b"\x80\x02}]K\x01s.", "key")
    add("items of a list", b"\x80\x02]K\x01K\x02s.", "sets")
    add("an odd number of items", b"\x80\x02}(K\x01u.", "sets")
    add("appending to a dictionary", b"\x80\x02}K\x01a.", "appends")
    add("empty stack", b"\x80\x02.", "empty stack")
    add("pop below a mark", b"\x80\x02K\x01(0.", "empty stack")
    add("mark that is not there", b"\x80\x02K\x01t.", "mark")
    add("memo that was not kept", b"\x80\x02h\x07.", "never kept")
    add("cut short", b"\x80\x02}X\x10\x00\x00\x00abc", "ends")
    add("no end", b"\x80\x02}", "ends")
    add("nothing", b"", "ends")
    add("a string of 4 GiB", b"\x80\x02X\xff\xff\xff\xffabc.", "string")
    add("a string of negative length", b"\x80\x04\x8d" + b"\xff" * 8 + b".", "string")
    add("a number of 2 GiB", b"\x80\x02\x8b\xff\xff\xff\x7f.", "number")
    add("not UTF-8", b"\x80\x02X\x01\x00\x00\x00\xff.", "UTF-8")
    add("protocol 9", b"\x80\x09}.", "protocol 9")
    add("unknown operation", b"\x80\x02\xff.", "operation 0xff")
    add("a name without end", b"c" + b"a" * 5000, "name of more than")

    deep = b"\x80\x02]q\x00" + b"]h\x00aq\x00" * 300 + b"."
    add("lists in lists", deep, "nested")
    add("a list in itself", b"\x80\x02]q\x00h\x00a.", "nested")
    laughs = b"\x80\x02]q\x00K\x01a" + b"".join(
        b"]q" + bytes([i]) + (b"h" + bytes([i - 1]) + b"a") * 10 for i in range(1, 30)
    )
    add("ten of ten of ten", laughs + b".", "steps")
    def tensor(storage_type, elements, offset, size, stride, key=b"0"):
        return (
            b"\x80\x02}U\x01wctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\n" + storage_type + b"\n"
            + b"U" + bytes([len(key)]) + key + b"U\x03cpu" + elements + b"tQ" + offset + size + stride
            + b"\x89ccollections\nOrderedDict\n)RtRs."
        )

    def long(n):
        return pickle.dumps(n, 2)[2:-1]

    one = b"K\x01\x85"
    add("a storage that is not there", tensor(b"FloatStorage", long(4), long(0), one, one, b"9"), "does not have")
    add("a storage outside", tensor(b"FloatStorage", long(4), long(0), one, one, b"../x"), "does not have")
    add("a storage that is too short", tensor(b"FloatStorage", long(400), long(0), one, one), "bytes")
    add("a storage of negative size", tensor(b"FloatStorage", long(-4), long(0), one, one), "storage of")
    add("a storage of all memory", tensor(b"DoubleStorage", long(2**62), long(0), one, one), "storage of")
    add("a tensor past its storage", tensor(b"FloatStorage", long(4), long(2), b"K\x03\x85", one), "leaves")
    add("a tensor before its storage", tensor(b"FloatStorage", long(4), long(-1), one, one), "leaves")
    add("an offset past all", tensor(b"FloatStorage", long(4), long(2**62), one, one), "leaves")
    add("negative sizes", tensor(b"FloatStorage", long(4), long(0), long(-1) + b"\x85", one), "negative")
    add("negative strides", tensor(b"FloatStorage", long(4), long(3), b"K\x02\x85", long(-1) + b"\x85"), "negative stride")
    add("sizes past a long", tensor(b"FloatStorage", long(4), long(0), (long(2**62) + b"\x85") , one), "more bytes")
    add("strides past a long", tensor(b"FloatStorage", long(4), long(0), b"K\x03\x85", long(2**62) + b"\x85"), "strides")
    add("sizes without strides", tensor(b"FloatStorage", long(4), long(0), one, b")"), "strides")
    add("sizes that are strings", tensor(b"FloatStorage", long(4), long(0), b"U\x01a\x85", one), "argument 0")
    add("a storage class that is none", tensor(b"float32", long(4), long(0), one, one), "storage class")
    add("a quantized storage", tensor(b"QInt8Storage", long(4), long(0), one, one), "torch.QInt8Storage")
    add("65 axes", tensor(b"FloatStorage", long(4), long(0), b"(" + b"K\x01" * 65 + b"t", b"(" + b"K\x01" * 65 + b"t"), "axes")
    add("a tensor of nothing", b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R.", "argument 0")
    twice = tensor(b"FloatStorage", long(4), long(0), one, one)
    body = twice[len(b"\x80\x02}U\x01w") : -len(b"s.")]
    add("two tensors of one name", b"\x80\x02}(U\x03a.b" + body + b"U\x01a}U\x01b" + body + b"su.", "two tensors")
    return cases


def main():
    SAFETENSORS.mkdir(parents=True, exist_ok=True)
    TORCH.mkdir(parents=True, exist_ok=True)
    write_safetensors()
    write_torch()
    write_json(TORCH / "hostile.json", hostile())
    origin = (
        "Written by `tools/parity/tensor_files.py` (which lists the contents; seed 11 for the one random module) with Python"
        f" {platform.python_version()}, torch {torch.__version__.split('+')[0]}, safetensors {safetensors.__version__}.\n"
    )
    (SAFETENSORS / "ORIGIN.md").write_text(
        "# python.safetensors, python.json\n\n" + origin
        + "The JSON has the metadata, and each tensor's type, shape and bytes.\n"
    )
    (TORCH / "ORIGIN.md").write_text(
        "# *.pt, *.pth, contents.json, hostile.json\n\n" + origin
        + "`contents.json` has each tensor's type, shape and row-major bytes; `hostile.json` pickles that must be refused, and a part of"
        " the message.\n"
    )


if __name__ == "__main__":
    main()

"""What becomes of a language model whose matrices are kept in fewer bits, as io.kinora.tensor.Quantization describes it; and cases that differ from others by how the model is
cut or kept, which a case tells under `config`: `stages` and `language_weights`."""

import json
import shutil

import torch


def int8(weight):
    """A scale for each row, rounded to bfloat16; the codes are made for the rounded scale."""
    scale = (weight.abs().amax(1, keepdim=True) / 127).to(torch.bfloat16).float()
    return (weight / scale).round().clamp(-127, 127) * scale


def int4(weight, group):
    """Sixteen levels around a zero point for each group of channels; scale and zero point rounded to bfloat16."""
    groups = weight.view(weight.shape[0], -1, group)
    low, high = groups.amin(2, keepdim=True), groups.amax(2, keepdim=True)
    scale = ((high - low) / 15).to(torch.bfloat16).float()
    zero = (low + 8 * scale).to(torch.bfloat16).float()
    levels = ((groups - zero) / scale + 8).round().clamp(0, 15)
    return ((levels - 8) * scale + zero).view(weight.shape)


def reduce_layers(llama, bits):
    """Puts the matrices of the layers (not table and head) into fewer bits, in place."""
    with torch.no_grad():
        for name, parameter in llama.named_parameters():
            if ".layers." in name and parameter.dim() == 2:
                parameter.copy_(int8(parameter) if bits == "int8" else int4(parameter, 32))


def in_stages(root, name, stages):
    """The case of that name with the language model cut into stages; it shares the checkpoint."""
    case = json.loads((root / name / "case.json").read_text())
    folder = root / f"{name}_stages"
    folder.mkdir(exist_ok=True)
    case["checkpoint"] = f"../{name}/{case['checkpoint']}"
    case["config"] = {**case.get("config", {}), "stages": stages}
    case["note"] += f"; in {stages} stages"
    (folder / "case.json").write_text(json.dumps(case, indent=1, ensure_ascii=False) + "\n")
    shutil.copyfile(root / name / "tensors.safetensors", folder / "tensors.safetensors")

#!/usr/bin/env python3
"""Makes parity cases of the language model in every form that a released folder and its inputs can have.

    pip install torch transformers peft safetensors
    python tools/parity/make_language_cases.py FOLDER          # all of them
    python tools/parity/make_language_cases.py FOLDER --small  # those that the tests of model-shards read

The references are transformers' LlamaForCausalLM and PEFT's LoRA. Tolerances are ten times the distance between the reference in single
and in double precision, at least 1e-5 of the largest value.
"""

import argparse
import copy
import json
import shutil
from pathlib import Path

import peft
import safetensors.torch
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from randomness import generator, randomise, rounded

torch.set_num_threads(1)

SIZES = dict(
    vocab_size=120,
    hidden_size=48,
    intermediate_size=88,
    num_hidden_layers=3,
    num_attention_heads=6,
    num_key_value_heads=6,
    max_position_embeddings=256,
    rms_norm_eps=1e-6,
    rope_theta=10000.0,
    bos_token_id=1,
    eos_token_id=2,
    pad_token_id=0,
    tie_word_embeddings=False,
)


def make(offset, dtype, **sizes):
    values = dict(SIZES, **sizes)
    model = LlamaForCausalLM(LlamaConfig(**values, attn_implementation="sdpa")).float()
    released = dict(values, architectures=["LlamaForCausalLM"], model_type="llama", hidden_act="silu")
    released.setdefault("rope_scaling", None)
    return rounded(randomise(model, offset), dtype), released


def weights_of(model, dtype):
    tied = model.config.tie_word_embeddings
    state = {n: t.detach().to(dtype).contiguous().clone() for n, t in model.state_dict().items()}
    return {n: t for n, t in state.items() if not (tied and n == "lm_head.weight")}


def save_checkpoint(folder, model, config, dtype, layout="safetensors", generation=None, rotary_tables=False):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    if generation is not None:
        (folder / "generation_config.json").write_text(json.dumps(generation, indent=1) + "\n")
    state = weights_of(model, dtype)
    if rotary_tables:  # as files of old versions have them
        width = config["hidden_size"] // config["num_attention_heads"]
        for i in range(config["num_hidden_layers"]):
            state[f"model.layers.{i}.self_attn.rotary_emb.inv_freq"] = 1 / 10000 ** (torch.arange(0, width, 2) / width)
    if layout == "safetensors":
        safetensors.torch.save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
        (folder / "model.safetensors").chmod(0o644)
    elif layout == "bin":
        torch.save(state, folder / "pytorch_model.bin")
    else:
        kind, stem = ("safetensors", "model") if layout == "sharded safetensors" else ("bin", "pytorch_model")
        names = sorted(state)
        files = {}
        for i in range(3):
            file = f"{stem}-{i + 1:05}-of-00003.{kind}"
            part = {n: state[n] for n in names[i::3]}
            files.update(dict.fromkeys(part, file))
            if kind == "safetensors":
                safetensors.torch.save_file(part, folder / file, metadata={"format": "pt"})
            else:
                torch.save(part, folder / file)
        total = sum(t.numel() * t.element_size() for t in state.values())
        index = {"metadata": {"total_size": total}, "weight_map": files}
        (folder / f"{stem}.{kind}.index.json").write_text(json.dumps(index, indent=1) + "\n")


def close(name, single, double):
    noise = float((single.double() - double).abs().max())
    peak = float(single.abs().max())
    return {"tensor": f"output.{name}", "rtol": 1e-5, "atol": max(10 * noise, 1e-5 * peak), "noise": noise, "peak": peak}


def write(folder, component, inputs, outputs, tensors, note, **more):
    folder.mkdir(parents=True, exist_ok=True)
    case = {"component": component, "checkpoint": "checkpoint", **more, "inputs": inputs, "outputs": outputs, "note": note}
    (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n")
    stored = {n: t.detach().contiguous() for n, t in tensors.items()}
    safetensors.torch.save_file(stored, folder / "tensors.safetensors")
    (folder / "tensors.safetensors").chmod(0o644)


def prompts(offset, lengths, vocab, left=True):
    width = max(lengths)
    ids = torch.randint(3, vocab, (len(lengths), width), generator=generator(offset))
    mask = torch.tensor([[int(i >= width - n if left else i < n) for i in range(width)] for n in lengths])
    return torch.where(mask.bool(), ids, 0), mask


def run(model, keep, **inputs):
    with torch.no_grad():
        hidden = model.model(**inputs).last_hidden_state
        return hidden[:, -keep:], model.lm_head(hidden)[:, -keep:]


def logits_case(folder, component, model, ids, keep, note, literal=False, mask=None, positions=None, **more):
    inputs = {"input_ids": ids}
    if mask is not None:
        inputs["attention_mask"] = mask
    if positions is not None:
        inputs["position_ids"] = positions
    inner = model.base_model.model if isinstance(model, peft.PeftModel) else model
    hidden, logits = run(inner, keep or ids.shape[1], **inputs)
    hidden64, logits64 = run(copy.deepcopy(inner).double(), keep or ids.shape[1], **inputs)
    described = {n: t.tolist() if literal else {"tensor": f"input.{n}"} for n, t in inputs.items()}
    if keep:
        described["keep_last"] = keep
    write(
        folder,
        component,
        described,
        {"logits": close("logits", logits, logits64), "last_hidden_state": close("last_hidden_state", hidden, hidden64)},
        {"output.logits": logits, "output.last_hidden_state": hidden}
        | ({} if literal else {f"input.{n}": t for n, t in inputs.items()}),
        note,
        **more,
    )


def logits(root, name, offset, note, dtype=torch.float32, lengths=(9,), keep=None, layout="safetensors", **options):
    given = {n: options.pop(n) for n in ("mask", "positions", "literal", "rotary_tables") if n in options}
    model, config = make(offset, dtype, **options)
    if not layout.startswith("safetensors"):
        config["torch_dtype"] = str(dtype).removeprefix("torch.")
    save_checkpoint(root / name / "checkpoint", model, config, dtype, layout, rotary_tables=given.pop("rotary_tables", False))
    ids, mask = prompts(offset + 1, lengths, config["vocab_size"])
    positions = given.pop("positions", None)
    if positions == "from mask":
        positions = (mask.cumsum(1) - 1).masked_fill(mask == 0, 1)
    if not given.pop("mask", len(lengths) > 1):
        mask = None
    logits_case(root / name, "llama.logits", model, ids, keep, note, mask=mask, positions=positions, **given)


def greedy(root, name, offset, note, dtype=torch.float16, lengths=(7,), count=12, generation=None, **sizes):
    """With the seed moved on until no choice is close, and where ends are wanted, some rows have them and some not."""
    for attempt in range(200):
        model, config = make(offset + 1000 * attempt, dtype, **sizes)
        ids, mask = prompts(offset + 1, lengths, config["vocab_size"])
        model.generation_config.update(**(generation or {}))
        given = {"attention_mask": mask} if len(lengths) > 1 else {}
        options = dict(do_sample=False, max_new_tokens=count, return_dict_in_generate=True, output_logits=True)
        with torch.no_grad():
            found = model.generate(ids, **given, **options)
        tokens = found.sequences[:, ids.shape[1] :]
        best = torch.stack(found.logits, 1).topk(2).values
        if float((best[..., 0] - best[..., 1]).min()) < 0.02:
            continue
        ends = generation["eos_token_id"] if generation else config["eos_token_id"]
        stop = [any(int(t) in (ends if isinstance(ends, list) else [ends]) for t in row) for row in tokens]
        if generation is None or 0 < sum(stop) < len(stop) or (all(stop) and len(stop) == 1):
            break
    else:
        raise SystemExit(f"{name}: no seed gives what is wanted")
    save_checkpoint(root / name / "checkpoint", model, config, dtype, generation=generation)
    inputs = {"input_ids": {"tensor": "input.input_ids"}, "max_new_tokens": count}
    tensors = {"input.input_ids": ids, "output.token_ids": tokens}
    if given:
        inputs["attention_mask"] = {"tensor": "input.attention_mask"}
        tensors["input.attention_mask"] = mask
    outputs = {"token_ids": {"tensor": "output.token_ids", "atol": 0, "rtol": 0}}
    write(root / name, "llama.greedy", inputs, outputs, tensors, note)


def lora(root, name, offset, note, file="safetensors", dtype=torch.float16, lengths=(9,), keep=None, base=None, **options):
    model, config = make(offset, dtype, **(base or {}))
    save_checkpoint(root / name / "checkpoint", model, config, dtype)
    torch.manual_seed(offset)
    wrapped = peft.get_peft_model(model, peft.LoraConfig(task_type="CAUSAL_LM", lora_dropout=0.1, **options)).eval()
    random = generator(offset + 2)
    with torch.no_grad():
        for part, parameter in wrapped.named_parameters():
            if "lora_" in part:
                parameter.copy_(torch.randn(parameter.shape, generator=random) * 0.15)
            elif "modules_to_save" in part:
                parameter.add_(torch.randn(parameter.shape, generator=random) * 0.1)
    wrapped.save_pretrained(root / name / "adapter", safe_serialization=file == "safetensors")
    for extra in ("README.md",):
        (root / name / "adapter" / extra).unlink(missing_ok=True)
    path = root / name / "adapter" / "adapter_config.json"
    settings = json.loads(path.read_text())
    settings["base_model_name_or_path"] = "base"
    path.write_text(json.dumps(settings, indent=1, sort_keys=True) + "\n")
    (root / name / "adapter" / f"adapter_model.{file}").chmod(0o644)
    ids, mask = prompts(offset + 1, lengths, config["vocab_size"])
    mask = mask if len(lengths) > 1 else None
    logits_case(root / name, "llama.lora", wrapped, ids, keep, note, mask=mask, adapter="adapter")


ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]


def small(root):
    lora(root, "llama_lora", 600, "LoRA of rank 4, alpha 6, on attention and feed-forward matrices of a grouped-query model, rows padded left",
         lengths=(9, 5), keep=4, r=4, lora_alpha=6, target_modules=ATTENTION + ["up_proj", "down_proj"],
         base=dict(num_key_value_heads=2, num_hidden_layers=2, vocab_size=64))
    lora(root, "llama_lora_saved", 610, "rank-stabilised LoRA with patterns of ranks and alphas, beside a replaced head and embedding table",
         r=4, lora_alpha=6, use_rslora=True, rank_pattern={"q_proj": 2}, alpha_pattern={"layers.1.self_attn.v_proj": 3},
         target_modules=ATTENTION, modules_to_save=["embed_tokens", "lm_head"],
         base=dict(num_hidden_layers=2, vocab_size=40, intermediate_size=56))
    greedy(root, "llama_greedy_rows", 620, "greedy tokens of three rows padded left, of which one or two end", lengths=(9, 4, 6), vocab_size=24, count=10,
           num_hidden_layers=2, generation={"bos_token_id": 1, "eos_token_id": [2, 5], "pad_token_id": 0})


def large(root):
    logits(root, "llama_plain", 700, "one row, all positions")
    logits(root, "llama_literal", 705, "ids as literals", literal=True, keep=2)
    logits(root, "llama_gqa_bf16", 710, "grouped queries, bf16, sharded safetensors", dtype=torch.bfloat16, num_key_value_heads=3, layout="sharded safetensors")
    logits(root, "llama_mqa_fp16", 720, "one key head, fp16, sharded .bin", dtype=torch.float16, num_key_value_heads=1, layout="sharded bin")
    logits(root, "llama_tied_bin", 730, "tied head, one .bin", dtype=torch.bfloat16, tie_word_embeddings=True, layout="bin")
    logits(root, "llama_rotary_tables", 735, "with stored rotary tables", rotary_tables=True)
    logits(root, "llama_left", 740, "left padding, mask, no positions", lengths=(11, 3, 7), keep=3)
    logits(root, "llama_left_positions", 750, "left padding, mask and positions", lengths=(11, 3, 7), keep=3, positions="from mask")
    logits(root, "llama_positions_gap", 760, "positions with gaps", positions=torch.tensor([[0, 1, 2, 5, 6, 20, 21, 22, 40]]))
    logits(root, "llama_positions_shared", 765, "positions once for two rows", lengths=(9, 9), positions=torch.tensor([[3, 4, 5, 6, 7, 9, 11, 13, 15]]))
    logits(root, "llama_head_dim", 770, "a head wider than its share", head_dim=16)
    logits(root, "llama_theta", 780, "another base of the rotary frequencies and another eps", rope_theta=500000.0, rms_norm_eps=1e-5)
    logits(root, "llama_long", 790, "240 positions", lengths=(240,), keep=5)
    logits(root, "llama_mask_of_ones", 795, "a mask that hides nothing", mask=True, keep=1)
    greedy(root, "llama_greedy_plain", 800, "one row")
    greedy(root, "llama_greedy_end", 810, "one row that ends", vocab_size=12, generation={"eos_token_id": 2, "pad_token_id": 0, "bos_token_id": 1})
    greedy(root, "llama_greedy_bf16", 820, "64 tokens of two rows", dtype=torch.bfloat16, lengths=(5, 12), count=64)
    lora(root, "lora_bin", 900, "adapter in a .bin", file="bin", r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"])
    lora(root, "lora_all_linear", 910, "every matrix but the head", r=2, lora_alpha=1, target_modules="all-linear", dtype=torch.bfloat16)
    lora(root, "lora_head", 920, "head and feed-forward part", r=2, lora_alpha=3, target_modules=["lm_head", "gate_proj"])
    lora(root, "lora_embedding", 930, "embedding table", r=3, lora_alpha=3, target_modules=["embed_tokens", "q_proj"])
    lora(root, "lora_some_layers", 940, "only the last layer", r=3, lora_alpha=3, target_modules=["k_proj"], layers_to_transform=[2])
    lora(root, "lora_regex", 950, "modules by pattern", r=3, lora_alpha=3, target_modules=r".*layers\.[01]\.self_attn\.[qv]_proj")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--small", action="store_true")
    options = arguments.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for old in options.folder.iterdir():
        if not options.small:
            shutil.rmtree(old)
    for name in ("llama_lora", "llama_lora_saved", "llama_greedy_rows"):
        shutil.rmtree(options.folder / name, ignore_errors=True)
    small(options.folder)
    if not options.small:
        large(options.folder)


if __name__ == "__main__":
    main()

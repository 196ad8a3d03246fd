#!/usr/bin/env python3
"""Writes one small language model in two released layouts: safetensors of a variant, and pickles, both cut into files with an index.

Usage: python3 tools/parity/checkpoints.py   (needs torch and transformers; writes model-shards/src/test/resources/io/kinora/model/checkpoint/)
"""

import collections
import json
import pathlib
import platform

import torch
import transformers
from transformers import LlamaConfig, LlamaForCausalLM

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = ROOT / "model-shards/src/test/resources/io/kinora/model/checkpoint"
SEED = 23
PICKLES = 3


def model():
    torch.manual_seed(SEED)
    config = LlamaConfig(
        vocab_size=24,
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=2,
        tie_word_embeddings=False,
    )
    llama = LlamaForCausalLM(config)
    with torch.no_grad():
        for parameter in llama.parameters():
            parameter.normal_()
    return llama.to(torch.bfloat16)


def save_pickles(state, folder):
    """As transformers did before it wrote safetensors: parts numbered from 1, an index, rotary tables among the weights."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: tensor.float() for name, tensor in state.items()}
    for layer in range(2):
        state[f"model.layers.{layer}.self_attn.rotary_emb.inv_freq"] = 1 / 10000 ** (torch.arange(4) / 4)
    names = sorted(state)
    weight_map = {}
    for part in range(PICKLES):
        file = f"pytorch_model-{part + 1:05d}-of-{PICKLES:05d}.bin"
        mine = names[part::PICKLES]
        torch.save(collections.OrderedDict((name, state[name]) for name in mine), folder / file)
        weight_map |= {name: file for name in mine}
    index = {"metadata": {"total_size": sum(t.nbytes for t in state.values())}, "weight_map": dict(sorted(weight_map.items()))}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index, indent=2) + "\n")


def main():
    llama = model()
    llama.save_pretrained(TARGET / "llama_bf16", variant="bf16", max_shard_size="5KB")
    (TARGET / "llama_bf16/generation_config.json").unlink()
    save_pickles(llama.state_dict(), TARGET / "llama_pickles")
    (TARGET / "ORIGIN.md").write_text(
        "# llama_bf16, llama_pickles\n\n"
        f"The same random weights, written by `tools/parity/checkpoints.py` (seed {SEED}) with Python {platform.python_version()}, torch"
        f" {torch.__version__.split('+')[0]}, transformers {transformers.__version__}: bfloat16 safetensors saved by"
        " `save_pretrained(variant=\"bf16\")`, and the same values in float32 saved by `torch.save`.\n"
    )


if __name__ == "__main__":
    main()

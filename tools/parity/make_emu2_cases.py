#!/usr/bin/env python3
"""Makes the small parity cases of the language model, the visual encoder and Emu2 that the tests of model-shards read.

    pip install torch transformers timm safetensors numpy
    python tools/parity/make_emu2_cases.py model-shards/src/test/resources/cases

The references are transformers' LlamaForCausalLM and timm's EVA with post-norm blocks (the class that loads EVA02-CLIP-E-plus). What
Emu2 puts around them (pooling, projections, splice, regression without a cache) is written here in plain PyTorch. Weights are random,
norms and biases too: a zero or a one would hide a mistake.
"""

import json
import platform
import sys
from pathlib import Path

import numpy
import safetensors.torch
import timm
import torch
import transformers
from timm.models.eva import Eva
from transformers import LlamaConfig, LlamaForCausalLM

from randomness import SEED, generator, randomise, rounded
from reduced import in_stages, reduce_layers

MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073])
DEVIATION = torch.tensor([0.26862954, 0.26130258, 0.27577711])
SPECIALS = 272  # rows that Emu2 adds to the base vocabulary


def write_case(folder, case, tensors, weights=None, config=None, dtype=torch.float32, file="model.safetensors"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n")
    stored = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
    safetensors.torch.save_file(stored, folder / "tensors.safetensors")
    if weights is not None:
        checkpoint = folder / "checkpoint"
        checkpoint.mkdir(exist_ok=True)
        (checkpoint / "config.json").write_text(json.dumps(config, indent=1) + "\n")
        stored = {name: tensor.detach().to(dtype).contiguous().clone() for name, tensor in weights.items()}
        safetensors.torch.save_file(stored, checkpoint / file, metadata={"format": "pt"})
        (checkpoint / file).chmod(0o644)
    (folder / "tensors.safetensors").chmod(0o644)


def output(name, tensor, exact=False):
    if exact:
        return {"tensor": f"output.{name}", "atol": 0, "rtol": 0}
    return {"tensor": f"output.{name}", "atol": 1e-5 * float(tensor.abs().max()), "rtol": 1e-5}


# ---- language model


def llama(offset, dtype=torch.float32, **sizes):
    values = dict(
        vocab_size=120,
        hidden_size=48,
        intermediate_size=88,
        num_hidden_layers=3,
        num_attention_heads=6,
        num_key_value_heads=2,
        max_position_embeddings=256,
        rms_norm_eps=1e-6,
        rope_theta=10000.0,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
        tie_word_embeddings=False,
    )
    values.update(sizes)
    model = LlamaForCausalLM(LlamaConfig(**values, attn_implementation="eager"))
    released = dict(values, architectures=["LlamaForCausalLM"], model_type="llama", hidden_act="silu", rope_scaling=None)
    return rounded(randomise(model.float(), offset), dtype), released


def llama_weights(model, prefix=""):
    tied = model.config.tie_word_embeddings  # then the head is not stored
    return {prefix + name: tensor for name, tensor in model.state_dict().items() if not (tied and name == "lm_head.weight")}


def llama_logits(root, name, offset, lengths, note, bits=None, **sizes):
    model, config = llama(offset, dtype=torch.bfloat16, **sizes)
    stored = {n: t.clone() for n, t in llama_weights(model).items()}
    if bits:
        reduce_layers(model, bits)
    width = max(lengths)
    random = generator(offset + 1)
    ids = torch.randint(3, config["vocab_size"], (len(lengths), width), generator=random)
    mask = torch.tensor([[int(i >= width - n) for i in range(width)] for n in lengths])
    ids = torch.where(mask.bool(), ids, config["pad_token_id"])
    positions = (mask.cumsum(1) - 1).masked_fill(mask == 0, 1)
    keep = min(lengths)
    with torch.no_grad():
        hidden = model.model(input_ids=ids, attention_mask=mask, position_ids=positions).last_hidden_state
        logits = model.lm_head(hidden)
    hidden, logits = hidden[:, -keep:], logits[:, -keep:]
    write_case(
        root / name,
        {
            "component": "llama.logits",
            "checkpoint": "checkpoint",
            "inputs": {
                "input_ids": {"tensor": "input.input_ids"},
                "attention_mask": {"tensor": "input.attention_mask"},
                "position_ids": {"tensor": "input.position_ids"},
                "keep_last": keep,
            },
            "outputs": {"logits": output("logits", logits), "last_hidden_state": output("last_hidden_state", hidden)},
            "note": note,
            **({"config": {"language_weights": bits}} if bits else {}),
        },
        {
            "input.input_ids": ids,
            "input.attention_mask": mask,
            "input.position_ids": positions,
            "output.logits": logits,
            "output.last_hidden_state": hidden,
        },
        stored,
        config,
        dtype=torch.bfloat16,
    )


def greedy(model, embeds, count):
    """Greedy tokens after prompt embeddings, everything computed again for each token."""
    tokens = []
    with torch.no_grad():
        for _ in range(count):
            logits = model(inputs_embeds=embeds).logits[0, -1]
            best = logits.topk(2).values
            if float(best[0] - best[1]) < 1e-3:
                raise SystemExit("two tokens are too close to call: choose another seed")
            tokens.append(int(logits.argmax()))
            embeds = torch.cat([embeds, model.model.embed_tokens(torch.tensor([[tokens[-1]]]))], 1)
    return torch.tensor([tokens])


def llama_greedy(root, name, offset, note, count=64):
    model, config = llama(offset, dtype=torch.float16)
    ids = torch.randint(3, config["vocab_size"], (1, 9), generator=generator(offset + 1))
    tokens = greedy(model, model.model.embed_tokens(ids), count)
    write_case(
        root / name,
        {
            "component": "llama.greedy",
            "checkpoint": "checkpoint",
            "inputs": {"input_ids": {"tensor": "input.input_ids"}, "max_new_tokens": count},
            "outputs": {"token_ids": output("token_ids", tokens, exact=True)},
            "note": note,
        },
        {"input.input_ids": ids, "output.token_ids": tokens},
        llama_weights(model),
        config,
        dtype=torch.float16,
    )


def llama_beam(root, name, offset, note):
    """Without a length penalty, since newer versions of the library count lengths otherwise than the one Emu2 was released with."""
    model, config = llama(offset, dtype=torch.bfloat16, vocab_size=24)
    prompts = torch.randint(3, config["vocab_size"], (6, 5), generator=generator(offset + 1))
    found = [
        model.generate(
            prompt[None],
            attention_mask=torch.ones(1, 5, dtype=torch.long),
            num_beams=4,
            do_sample=False,
            length_penalty=0.0,
            max_new_tokens=10,
        )[0, 5:]
        for prompt in prompts
    ]
    ends = [int(2 in row) for row in found]
    if not 0 < sum(ends) < len(ends):
        raise SystemExit("some answers should end by themselves and some not: choose another seed")
    tokens = torch.stack([torch.nn.functional.pad(row, (0, 10 - len(row)), value=config["pad_token_id"]) for row in found])
    write_case(
        root / name,
        {
            "component": "llama.beam",
            "checkpoint": "checkpoint",
            "inputs": {"input_ids": {"tensor": "input.input_ids"}, "num_beams": 4, "max_new_tokens": 10},
            "outputs": {"token_ids": output("token_ids", tokens, exact=True)},
            "note": note,
        },
        {"input.input_ids": prompts, "output.token_ids": tokens},
        llama_weights(model),
        config,
        dtype=torch.bfloat16,
    )


# ---- visual encoder


def eva(offset, size, width, layers, heads, fused, dtype=torch.float32):
    ratio = 15360 / 1792
    model = Eva(
        img_size=size,
        patch_size=14,
        embed_dim=width,
        depth=layers,
        num_heads=heads,
        mlp_ratio=ratio,
        use_post_norm=True,
        global_pool="",
        num_classes=0,
        norm_layer=lambda dim, **kwargs: torch.nn.LayerNorm(dim, eps=1e-6),
    )
    model.norm = torch.nn.Identity()  # the released encoder ends with its last block
    randomise(model, offset)
    random = generator(offset + 1)
    if fused:  # the Hugging Face form stores a bias for keys too, which need not be zero
        for block in model.blocks:
            block.attn.k_bias.copy_(0.3 * torch.randn(width, generator=random))
    rounded(model, dtype)
    for block in model.blocks:
        block.attn.k_bias.copy_(block.attn.k_bias.to(dtype).float())
    config = dict(
        image_size=size,
        patch_size=14,
        width=width,
        layers=layers,
        head_width=width // heads,
        mlp_ratio=8.571428571428571,
        intermediate_size=int(width * 8.571428571428571),
        layer_norm_eps=1e-6,
        postnorm=True,
        qkv_bias=True,
        xattn=False,
    )
    return model, config


def eva_weights(model, prefix, fused):
    weights = {}
    for name, tensor in model.state_dict().items():
        if name.endswith("k_bias"):
            continue
        if fused and name.endswith(("q_bias", "v_bias")):
            stem = name[: -len("q_bias")]
            block = model.get_submodule(stem[:-1])
            weights[prefix + stem + "qkv.bias"] = torch.cat([block.q_bias, block.k_bias, block.v_bias])
        else:
            weights[prefix + name] = tensor
    return weights


def eva_case(root, name, offset, prefix, fused, note, layers):
    model, config = eva(offset, 42, 24, layers, 3, fused, dtype=torch.bfloat16)
    pixels = torch.randn(2, 3, 42, 42, generator=generator(offset + 2))
    with torch.no_grad():
        tokens = model.forward_features(pixels)
    write_case(
        root / name,
        {
            "component": "eva_clip",
            "checkpoint": "checkpoint",
            "inputs": {"pixel_values": {"tensor": "input.pixel_values"}},
            "outputs": {"tokens": output("tokens", tokens)},
            "note": note,
        },
        {"input.pixel_values": pixels, "output.tokens": tokens},
        eva_weights(model, prefix, fused),
        {"vision_config": config},
        dtype=torch.bfloat16,
    )


# ---- Emu2


class Emu2:
    """Emu2 around the two references: a 4x4 grid of patches, 4 embeddings an image, 1 a frame, a base vocabulary of 48 pieces."""

    def __init__(self, offset, chat):
        self.vision, vision_config = eva(offset, 56, 24, 2, 3, fused=True, dtype=torch.bfloat16)
        self.base = 48
        vocab = self.base + SPECIALS + (2 if chat else 0)
        self.lm, config = llama(
            offset + 10,
            dtype=torch.bfloat16,
            vocab_size=vocab,
            hidden_size=32,
            intermediate_size=56,
            num_hidden_layers=3,
            num_attention_heads=4,
            num_key_value_heads=4,
        )
        random = generator(offset + 20)
        self.up = (torch.randn(32, 24, generator=random) * 0.2).to(torch.bfloat16).float()
        self.down = (torch.randn(24, 32, generator=random) * 0.2).to(torch.bfloat16).float()
        self.config = dict(
            config,
            architectures=["EmuForCausalLM"],
            model_version="chat" if chat else "base",
            d_model=24,
            pad_token_id=self.base,
            vision_config=dict(vision_config, n_query=4, v_query=1, eva_model_name="eva-clip-E-14-plus"),
        )
        self.config.pop("model_type")
        self.image = self.base + 3
        self.frame = self.base + 4
        self.begin = self.base + 1

    def weights(self):
        return {
            **eva_weights(self.vision, "model.visual.", fused=True),
            **llama_weights(self.lm, "model.decoder.lm."),
            "project_up.weight": self.up,
            "project_down.weight": self.down,
        }

    def encode(self, pixels, count):
        values = ((pixels.float() / 255 - MEAN) / DEVIATION).permute(0, 3, 1, 2)
        tokens = self.vision.forward_features(values)[:, 1:]
        side = int(tokens.shape[1] ** 0.5)
        plane = tokens.permute(0, 2, 1).reshape(len(pixels), -1, side, side)
        window = int(side // count**0.5)
        return values, torch.nn.functional.avg_pool2d(plane, window).flatten(2).permute(0, 2, 1)

    def splice(self, ids, images, frames):
        embeds = self.lm.model.embed_tokens(ids).clone()
        for token, visual in ((self.image, images), (self.frame, frames)):
            if visual is not None:
                embeds[ids == token] = (visual @ self.up.T).reshape(-1, embeds.shape[-1])
        return embeds

    def regress(self, embeds, count):
        """As released: everything is computed again for each embedding."""
        found = []
        for _ in range(count):
            hidden = self.lm.model(inputs_embeds=embeds).last_hidden_state[:, -1]
            found.append(hidden @ self.down.T)
            embeds = torch.cat([embeds, (found[-1] @ self.up.T)[:, None]], 1)
        return torch.stack(found, 1)


def emu2_case(root, offset):
    model = Emu2(offset, chat=True)
    random = numpy.random.default_rng(SEED)
    pixels = torch.from_numpy(random.integers(0, 256, (3, 56, 56, 3), dtype=numpy.uint8))
    with torch.no_grad():
        values, image = model.encode(pixels[:1], 4)
        _, frames = model.encode(pixels[1:], 1)
        _, all_frames = model.encode(pixels, 1)
        one = [model.begin] + [model.image] * 4 + [model.begin + 1]
        still = [model.begin] + [model.frame] + [model.begin + 1]
        ids = torch.tensor([[1, 5, 9] + one + [11, 40] + still + still + [7, 2, 30]])
        embeds = model.splice(ids, image, frames)
        logits = model.lm(inputs_embeds=embeds).logits[:, -1]
        tokens = greedy(model.lm, embeds, 12)
        regressed = model.regress(torch.cat([embeds, model.splice(torch.tensor([[model.begin]]), None, None)], 1), 8)
        negative = model.regress(model.splice(torch.tensor([[1, model.begin]]), None, None), 8)
    tensors = {
        "input.pixels": pixels,
        "input.input_ids": ids,
        "output.pixel_values": values,
        "output.image_embeds": image,
        "output.frame_embeds": all_frames,
        "output.projected": image @ model.up.T,
        "output.input_embeds": embeds,
        "output.logits": logits,
        "output.token_ids": tokens,
        "output.embeddings": regressed,
        "output.negative_embeddings": negative,
    }
    exact = {"output.token_ids"}
    write_case(
        root / "emu2_interleaved",
        {
            "component": "emu2.parts",
            "checkpoint": "checkpoint",
            "inputs": {n.removeprefix("input."): {"tensor": n} for n in tensors if n.startswith("input.")},
            "outputs": {
                n.removeprefix("output."): output(n.removeprefix("output."), t, n in exact)
                for n, t in tensors.items()
                if n.startswith("output.")
            },
            "note": "first picture as an image, the other two as frames, with text before, between and after; pixels already"
            " at the encoder's size; token ids, without a tokenizer",
        },
        tensors,
        model.weights(),
        model.config,
        dtype=torch.bfloat16,
    )


def origin(root):
    (root / "ORIGIN.md").write_text(
        "# Where these cases come from\n\n"
        f"Made by `tools/parity/make_emu2_cases.py` with seed {SEED}, Python {platform.python_version()},"
        f" torch {torch.__version__.split('+')[0]}, transformers {transformers.__version__}, timm {timm.__version__}, float32 on CPU."
        " Weights are random; nothing here comes from a released checkpoint.\n"
    )


def main():
    root = Path(sys.argv[1])
    torch.set_num_threads(1)
    llama_logits(root, "llama_layer", 100, [7], "one layer, as many key heads as query heads", num_hidden_layers=1,
                 num_attention_heads=4, num_key_value_heads=4)
    llama_logits(root, "llama_grouped", 200, [19, 11, 4], "rows of three lengths, padded on the left; grouped heads")
    llama_logits(root, "llama_tied", 300, [6], "the head is the embedding table; head width apart from the model's",
                 tie_word_embeddings=True, head_dim=12, rope_theta=500.0, num_hidden_layers=2)
    llama_greedy(root, "llama_greedy", 400, "64 greedy tokens, stored in half precision")
    llama_beam(root, "llama_beam", 450, "six prompts, four beams; the end token and padding behind it stand in the rows")
    for name, stages in (("llama_greedy", 3), ("llama_grouped", 2)):
        in_stages(root, name, stages)
    for bits in ("int8", "int4"):
        llama_logits(root, f"llama_{bits}", 480, [21, 17], f"matrices in {bits}; the reference computes with what the codes stand for", bits,
                     num_hidden_layers=2, hidden_size=64, intermediate_size=96, num_attention_heads=4, num_key_value_heads=2)
    eva_case(root, "eva_block", 500, "model.visual.", True, "one block; fused bias, keys included", layers=1)
    eva_case(root, "eva_native", 600, "visual.", False, "two blocks; the authors' names, no bias on keys", layers=2)
    emu2_case(root, 700)
    origin(root)


if __name__ == "__main__":
    main()

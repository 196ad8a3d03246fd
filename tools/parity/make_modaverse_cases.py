#!/usr/bin/env python3
"""Makes parity cases of ImageBind and ModaVerse: with --small those that the tests read, else many more.

    pip install torch torchaudio torchvision timm iopath ftfy regex einops fvcore parameterized transformers sentencepiece safetensors
    python tools/parity/make_modaverse_cases.py actors/src/test/resources/cases IMAGEBIND PYTORCHVIDEO TOKENIZER --small

IMAGEBIND and PYTORCHVIDEO are checkouts (see official_imagebind.py), TOKENIZER is the folder that tools/tokenizer/train_modaverse.py made.
The language model is transformers' LlamaForCausalLM with PEFT-style factors merged by hand; the prompt around it is written out here.
"""

import argparse
import json
import shutil
from pathlib import Path

import safetensors.torch
import sentencepiece
import torch
from transformers import LlamaConfig, LlamaForCausalLM

import official_imagebind as official
from randomness import generator, randomise, rounded

ADDED = ["<Media>", "</Media>", "[TEXT]", "[IMAGE]", "[AUDIO]", "[VIDEO]"]


def pixels(offset, height, width):
    """Smooth colours with noise on them: noise alone would hide a mistake in resizing."""
    random = generator(offset)
    y = torch.linspace(0, 6, height)[:, None, None]
    x = torch.linspace(0, 9, width)[None, :, None]
    phase = torch.rand(3, generator=random) * 6
    noise = torch.rand(height, width, 3, generator=random) * 60
    return (96 + 90 * torch.sin(x + phase) * torch.cos(y - phase) + noise).clamp(0, 255).to(torch.uint8)


def sound(offset, channels, samples, rate):
    random = generator(offset)
    t = torch.arange(samples) / rate
    tones = [0.3 * torch.sin(2 * torch.pi * (180 + 310 * c) * t * (1 + t / 9)) for c in range(channels)]
    return torch.stack(tones) + 0.05 * torch.randn(channels, samples, generator=random) + 0.02


def clip(offset, frames, height, width):
    still = pixels(offset, height, width).float()
    return torch.stack([torch.roll(still, (3 * i, 5 * i), (0, 1)) * (0.5 + 0.5 * i / frames) for i in range(frames)]).to(torch.uint8)


class Cases:
    def __init__(self, folder):
        self.folder = folder

    def write(self, name, case, inputs=None, outputs=None, tolerance=1e-4):
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        stored = {f"input.{k}": v.contiguous() for k, v in (inputs or {}).items()}
        case["outputs"] = case.get("outputs", {})
        for key, value in (outputs or {}).items():
            stored[f"output.{key}"] = value.detach().contiguous()
            exact = not value.is_floating_point()
            atol = 0 if exact else tolerance * float(value.abs().max())
            case["outputs"][key] = {"tensor": f"output.{key}", "atol": atol, "rtol": 0 if exact else 1e-5}
        if stored:
            safetensors.torch.save_file(stored, folder / "tensors.safetensors")
            (folder / "tensors.safetensors").chmod(0o644)
        (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n")


def encoder(imagebind_model, offset, dtype, **sizes):
    model = rounded(randomise(official.model(imagebind_model, **sizes), offset), dtype)
    for buffer in model.buffers():  # the scale of sounds, the logarithm of 20, is one
        buffer.copy_(buffer.to(dtype).float())
    return model


def wanted(model, all_modalities):
    """Vision and audio; of the other four what is small, to show that it is left alone."""
    keep = lambda name, tensor: any(f".{m}." in name for m in ("vision", "audio")) or (all_modalities and tensor.numel() < 300)
    return {name: tensor for name, tensor in model.state_dict().items() if keep(name, tensor)}


def store(tensors, path, dtype):
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {k: v.to(dtype).contiguous().clone() if v.is_floating_point() else v for k, v in tensors.items()}
    if path.suffix == ".safetensors":
        safetensors.torch.save_file(tensors, path, metadata={"format": "pt"})
        path.chmod(0o644)
    else:
        torch.save(tensors, path)


def imagebind_cases(cases, args, data, imagebind_model):
    config = {"vision_heads": official.VISION_HEADS, "audio_heads": official.AUDIO_HEADS}
    dtype = torch.float16
    model = encoder(imagebind_model, 1, dtype)
    store(wanted(model, True), cases.folder / "imagebind_pictures" / "checkpoint" / "imagebind_huge.pth", dtype)
    shared = {"checkpoint": "../imagebind_pictures/checkpoint", "config": config}
    vision = lambda x: model({"vision": x})["vision"]
    hearing = lambda x: model({"audio": x})["audio"]

    def pictures(name, sizes, checkpoint=None, with_pixels=True):
        raw = [pixels(10 + i, *size) for i, size in enumerate(sizes)]
        values = [official.image(data, p) for p in raw]
        outputs = {"embeddings": vision(torch.cat(values))}
        if with_pixels:
            outputs |= {f"pixel_values_{i}": v for i, v in enumerate(values)}
        inputs = {f"pixels_{i}": p for i, p in enumerate(raw)}
        case = {"component": "imagebind.vision", **shared, "inputs": {k: {"tensor": f"input.{k}"} for k in inputs}}
        cases.write(name, case | ({"checkpoint": "checkpoint"} if checkpoint else {}), inputs, outputs)

    def moving(name, offset, frames, height, width, fps, with_views=False):
        raw = clip(offset, frames, height, width)
        views, indices = official.clip(data, raw, fps)
        each = torch.cat([vision(v[None]) for v in views[0][:, None]])
        outputs = {"embeddings": vision(views), "view_embeddings": each, "frame_indices": indices}
        if with_views:
            outputs["pixel_values_0"] = views
        case = {"component": "imagebind.vision", **shared, "inputs": {"frames": {"tensor": "input.frames"}, "fps": fps}}
        cases.write(name, case, {"frames": raw}, outputs)

    def heard(name, offset, channels, samples, rate, with_mel=True, silent=False):
        raw = torch.zeros(channels, samples) if silent else sound(offset, channels, samples, rate)
        mel = official.audio(data, raw, rate)
        outputs = {"embeddings": hearing(mel)} | ({"mel": mel} if with_mel else {})
        case = {"component": "imagebind.audio", **shared, "inputs": {"waveform": {"tensor": "input.waveform"}, "sampling_rate": rate}}
        cases.write(name, case, {"waveform": raw}, outputs, tolerance=1e-3)

    pictures("imagebind_pictures", [(33, 50), (51, 22), (1, 1)], checkpoint=True, with_pixels=False)
    moving("imagebind_clip_upright", 30, 11, 24, 14, 4.0)
    heard("imagebind_sound_44100", 40, 2, 13000, 44100, with_mel=False)
    if args.small:
        return
    pictures("picture_pixels", [(90, 141), (300, 51), (224, 224), (225, 224), (1080, 607)])
    moving("clip_10s", 31, 50, 36, 64, 5.0, with_views=True)
    moving("clip_3s", 32, 75, 20, 20, 25.0)
    moving("clip_short", 33, 7, 30, 17, 12.5)
    moving("clip_one_frame", 34, 1, 30, 47, 30.0)
    moving("clip_ntsc", 35, 121, 18, 31, 30000 / 1001)
    moving("clip_odd_rate", 36, 97, 19, 32, 23.976023976023978)
    moving("clip_slow", 37, 31, 19, 32, 7.3)
    for i, (channels, samples, rate) in enumerate(
        [(1, 16000, 16000), (1, 400, 16000), (1, 500, 16000), (2, 31999, 16000), (1, 32001, 16000), (1, 95000, 16000), (2, 44100, 44100),
         (2, 350400, 48000), (1, 30000, 22050), (1, 9000, 8000), (6, 33000, 11025), (1, 70001, 32000), (2, 120000, 96000)]):
        heard(f"sound_{rate}_{channels}_{samples}", 50 + i, channels, samples, rate)
    heard("sound_silence", 0, 1, 40000, 16000, silent=True)
    # the same weights in another format and type
    for name, suffix, dtype in [("bf16", ".safetensors", torch.bfloat16), ("f32", ".pth", torch.float32)]:
        other = encoder(imagebind_model, 2, dtype)
        store(wanted(other, False), cases.folder / f"picture_{name}" / "checkpoint" / ("imagebind_huge" + suffix), dtype)
        raw = pixels(70, 60, 80)
        value = official.image(data, raw)
        cases.write(f"picture_{name}",
                    {"component": "imagebind.vision", "checkpoint": "checkpoint", "config": config, "inputs": {"pixels_0": {"tensor": "input.p"}}},
                    {"p": raw}, {"embeddings": other({"vision": value})["vision"]})
    views, _ = official.clip(data, clip(80, 9, 16, 16), 3.0)
    cases.write("views_given", {"component": "imagebind.vision", **shared, "inputs": {"pixel_values": {"tensor": "input.v"}}},
                {"v": views.half()}, {"embeddings": vision(views.half().float())})
    mel = official.audio(data, sound(90, 1, 40000, 16000), 16000)
    cases.write("mel_given", {"component": "imagebind.audio", **shared, "inputs": {"mel": {"tensor": "input.m"}}},
                {"m": torch.cat([mel, mel * 0.5])}, {"embeddings": hearing(torch.cat([mel, mel * 0.5]))})


# ---- the language model


def trained_names(model):
    return {f"LLM.base_model.model.model.layers.{i}.self_attn.{p}_proj": layer.self_attn.get_submodule(f"{p}_proj")
            for i, layer in enumerate(model.model.layers) for p in "qkvo"}


def language_model(offset, vocabulary, dtype, rank, hidden=8):
    sizes = dict(vocab_size=vocabulary + 1, hidden_size=hidden, intermediate_size=24, num_hidden_layers=3, num_attention_heads=2,
                 num_key_value_heads=2, max_position_embeddings=512, rms_norm_eps=1e-6, bos_token_id=1, eos_token_id=2, pad_token_id=0,
                 tie_word_embeddings=False, hidden_act="silu")
    base = rounded(randomise(LlamaForCausalLM(LlamaConfig(**sizes, attn_implementation="eager")).float(), offset), dtype)
    stored = {name: tensor.clone() for name, tensor in base.state_dict().items()}
    random = generator(offset + 500)
    noise = lambda *shape: torch.randn(*shape, generator=random).to(dtype).float()
    trained = {}
    with torch.no_grad():
        for name, linear in trained_names(base).items():
            down, up = noise(rank, hidden) / hidden**0.5, noise(hidden, rank) / rank**0.5 * 0.5
            down, up = down.to(dtype).float(), up.to(dtype).float()
            trained[f"{name}.lora_A.default.weight"], trained[f"{name}.lora_B.default.weight"] = down, up
            linear.weight += 32 / rank * (up @ down)
        rows = vocabulary + len(ADDED)
        base.resize_token_embeddings(rows)
        for name, tensor in [("model.embed_tokens", base.model.embed_tokens.weight), ("lm_head", base.lm_head.weight)]:
            tensor.copy_(noise(rows, hidden))
            trained[f"LLM.base_model.model.{name}.weight"] = tensor.clone()
    config = dict(sizes, architectures=["LlamaForCausalLM"], model_type="llama")
    return base, stored, trained, config


def shards(tensors, folder, count, dtype):
    names = list(tensors)
    index = {}
    for i in range(count):
        file = f"model-{i + 1:05d}-of-{count:05d}.safetensors"
        part = names[i * len(names) // count:(i + 1) * len(names) // count]
        index |= {name: file for name in part}
        store({name: tensors[name] for name in part}, folder / file, dtype)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": index}, indent=1))


class Prompt:
    def __init__(self, folder):
        self.sp = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
        self.size = self.sp.get_piece_size()
        self.end = self.sp.piece_to_id("\u2581###")
        assert self.end > 2, "the vocabulary needs the piece ###"

    def ids(self, instruction, media):
        if not media:
            return [1] + self.sp.encode(f"### Human:  {instruction}\n### Assistant:".strip())
        held = [self.size, -1, self.size + 1] * media
        return [1] + self.sp.encode("### Human:") + held + self.sp.encode(f" {instruction}\n### Assistant:".strip())


def respond(model, rows, end, most):
    tokens, logits, cache = [], None, None
    step = rows[None]
    while len(tokens) < most:
        out = model(inputs_embeds=step, past_key_values=cache, use_cache=True)
        cache = out.past_key_values
        logits = out.logits[:, -1] if logits is None else logits
        tokens.append(int(out.logits[0, -1].argmax()))
        if tokens[-1] in (end, 2):
            break
        step = model.model.embed_tokens(torch.tensor([[tokens[-1]]]))
    return tokens, logits


def modaverse_cases(cases, args, data, imagebind_model):
    prompt = Prompt(args.tokenizer)
    config = {"vision_heads": official.VISION_HEADS, "audio_heads": official.AUDIO_HEADS}
    kinds = {
        "image": lambda i: {"pixels": pixels(110 + i, 40, 31)},
        "video": lambda i: {"frames": clip(120 + i, 6, 16, 20), "fps": 2.5},
        "audio": lambda i: {"waveform": sound(130 + i, 2, 9000, 22050), "sampling_rate": 22050},
    }

    def checkpoint(name, offset, dtype, rank, suffix, count):
        folder = cases.folder / name / "checkpoint"
        binder = encoder(imagebind_model, offset, dtype)
        store(wanted(binder, False), folder / "imagebind_huge.pth", dtype)
        model, base, trained, sizes = language_model(offset, prompt.size, dtype, rank)
        projection = rounded(randomise(torch.nn.Linear(20, 8), offset + 900), dtype)
        trained |= {"linear_proj.weight": projection.weight.detach(), "linear_proj.bias": projection.bias.detach()}
        base_folder = folder / "7b_v0"
        base_folder.mkdir(parents=True, exist_ok=True)
        (base_folder / "config.json").write_text(json.dumps(sizes, indent=1))
        for file in ("tokenizer.model", "tokenizer_config.json", "special_tokens_map.json"):
            shutil.copy(args.tokenizer / file, base_folder / file)
        if count > 1:
            shards(base, base_folder, count, dtype)
        else:
            store(base, base_folder / "pytorch_model.bin", dtype)
        store(trained, folder / "ModaVerse-7b" / f"pytorch_model{suffix}", dtype)
        return binder, model, projection

    def answer(name, parts, instruction, media, where, most=14):
        binder, model, projection = parts
        rows, given, inputs = [], [], {}
        for i, kind in enumerate(media):
            raw = kinds[kind](i)
            if kind == "image":
                e = binder({"vision": official.image(data, raw["pixels"])})["vision"]
            elif kind == "video":
                e = binder({"vision": official.clip(data, raw["frames"], raw["fps"])[0]})["vision"]
            else:
                e = binder({"audio": official.audio(data, raw["waveform"], raw["sampling_rate"])})["audio"]
            rows.append(projection(e)[0])
            entry = {"type": kind}
            for key, value in raw.items():
                entry[key] = {"tensor": f"input.{key}_{i}"} if torch.is_tensor(value) else value
                if torch.is_tensor(value):
                    inputs[f"{key}_{i}"] = value
            given.append(entry)
        ids = prompt.ids(instruction, len(media))
        waiting = iter(rows)
        embedded = torch.stack([next(waiting) if i < 0 else model.model.embed_tokens.weight[i] for i in ids])
        tokens, logits = respond(model, embedded, prompt.end, most)
        case = {"component": "modaverse.meta_response", "checkpoint": where, "config": config,
                "inputs": {"instruction": instruction, "media": given, "max_new_tokens": most}}
        if all(t < prompt.size for t in tokens):
            case["outputs"] = {"meta_response": {"value": prompt.sp.decode([t for t in tokens if t > 2])}}
        cases.write(name, case, inputs, {"input_embeds": embedded[None], "logits": logits, "token_ids": torch.tensor(tokens)})

    with torch.no_grad():
        parts = checkpoint("modaverse_mix", 201, torch.float16, 4, ".pt", 3)
        answer("modaverse_mix", parts, "Make a picture of  this.", ["video", "audio", "image"], "checkpoint")
        answer("modaverse_text", parts, " What is a boat? ", [], "../modaverse_mix/checkpoint")
        if args.small:
            return
        for i, media in enumerate([["image"], ["audio"], ["video"], ["audio", "image"], ["image", "image"], ["audio", "audio", "video"]]):
            answer(f"mix_{'_'.join(media)}", parts, f"Say {i} things\nabout this ", media, "../modaverse_mix/checkpoint", 40)
        for name, dtype, suffix, count in [("bf16", torch.bfloat16, ".bin", 1), ("f32", torch.float32, ".safetensors", 2)]:
            parts = checkpoint(f"modaverse_{name}", 210, dtype, 32, suffix, count)
            answer(f"modaverse_{name}", parts, "Sing of it", ["image", "audio"], "checkpoint", 60)


def main():
    arguments = argparse.ArgumentParser()
    for name in ("folder", "imagebind", "pytorchvideo", "tokenizer"):
        arguments.add_argument(name, type=Path)
    arguments.add_argument("--small", action="store_true")
    args = arguments.parse_args()
    torch.set_num_threads(1)
    data, imagebind_model = official.load(args.imagebind, args.pytorchvideo)
    cases = Cases(args.folder)
    with torch.no_grad():
        imagebind_cases(cases, args, data, imagebind_model)
        modaverse_cases(cases, args, data, imagebind_model)


if __name__ == "__main__":
    main()

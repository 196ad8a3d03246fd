#!/usr/bin/env python3
"""Runs whole pipelines of diffusers on tiny checkpoints and writes configurations, inputs and outputs.

No weights are written: each is a function of its name (the fill rule of FillRule.java), which the Java tests repeat.

Usage: python3 tools/parity/pipelines.py   (needs diffusers, transformers, tokenizers and torch;
writes decoder-3d/src/test/resources/io/kinora/decoder/pipeline/)
"""

import json
import math
import pathlib
import platform
import shutil
import warnings

import diffusers
import numpy as np
import PIL.Image
import tokenizers
import torch
import transformers
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    PNDMScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    TextToVideoSDPipeline,
    UNet2DConditionModel,
    UNet3DConditionModel,
    VideoToVideoSDPipeline,
)
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

warnings.filterwarnings("ignore")
diffusers.utils.logging.set_verbosity_error()

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = ROOT / "decoder-3d/src/test/resources/io/kinora/decoder/pipeline"
CONTEXT = 12
CORPUS = ["a cat rides a red bicycle", "an astronaut on a horse", "blurry", "a quiet street in the rain at night", "surfing"]

BETAS = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
DDIM = dict(**BETAS, clip_sample=False, set_alpha_to_one=False, steps_offset=1)
PNDM = dict(**BETAS, skip_prk_steps=True, set_alpha_to_one=False, steps_offset=1)
EULER = dict(**BETAS, timestep_spacing="leading", steps_offset=1)


def fill(module, prefix=""):
    """Every parameter by the fill rule, the CLIP prefix put where the released files have it."""
    for key, tensor in module.state_dict().items():
        if not tensor.is_floating_point():
            continue
        name = key if key.startswith("text_") or not prefix else prefix + key
        s = sum(name.encode()) % 1000
        vector = tensor.dim() == 1
        base = 1.0 if vector and name.endswith(".weight") else 0.0
        amp = 0.1 if vector else 0.5 / math.sqrt(tensor.numel() / tensor.shape[0])
        i = torch.arange(tensor.numel(), dtype=torch.float64)
        tensor.copy_((base + amp * torch.sin(0.37 * i + 0.11 * s + 1.0)).to(torch.float32).reshape(tensor.shape))
    return module.eval()


def unet3d():
    return fill(
        UNet3DConditionModel(
            sample_size=4, block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4, cross_attention_dim=CONTEXT,
            attention_head_dim=4, down_block_types=("CrossAttnDownBlock3D", "DownBlock3D"),
            up_block_types=("UpBlock3D", "CrossAttnUpBlock3D"),
        )
    )


def unet2d(context=CONTEXT, **extra):
    return fill(
        UNet2DConditionModel(
            sample_size=4, block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4, cross_attention_dim=context,
            attention_head_dim=(2, 4), down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), use_linear_projection=True, **extra,
        )
    )


def vae(scaling):
    return fill(
        AutoencoderKL(
            block_out_channels=(4, 4, 8, 8), norm_num_groups=2, layers_per_block=1, latent_channels=4, sample_size=64,
            down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4, scaling_factor=scaling,
        )
    )


def text_encoder(vocabulary, width, projection=None):
    config = CLIPTextConfig(
        vocab_size=vocabulary, hidden_size=width, intermediate_size=2 * width, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=24, hidden_act="quick_gelu" if projection else "gelu", eos_token_id=2, projection_dim=projection or 8,
    )
    model = CLIPTextModelWithProjection(config) if projection else CLIPTextModel(config)
    return fill(model, prefix="text_model.")


def tokenizer(folder):
    """A byte-level BPE of a few merges, in CLIP's layout: bytes, bytes that end a word, merges, two special tokens."""
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet(), key=lambda c: (ord(c) > 255, ord(c)))
    merges, vocabulary = [], alphabet + [c + "</w>" for c in alphabet]
    words = [list(w[:-1]) + [w[-1] + "</w>"] for text in CORPUS for w in text.split()]
    for _ in range(40):
        pairs = {}
        for word in words:
            for pair in zip(word, word[1:]):
                pairs[pair] = pairs.get(pair, 0) + 1
        if not pairs:
            break
        best = min(pairs, key=lambda p: (-pairs[p], p))
        merges.append(best)
        vocabulary.append("".join(best))
        for word in words:
            i = 0
            while i < len(word) - 1:
                if (word[i], word[i + 1]) == best:
                    word[i : i + 2] = ["".join(best)]
                else:
                    i += 1
    vocabulary += ["<|startoftext|>", "<|endoftext|>"]
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(vocabulary)}, ensure_ascii=False, separators=(",", ":")))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    special = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>", "pad_token": "!"}
    (folder / "special_tokens_map.json").write_text(json.dumps(special))
    config = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 24, "do_lower_case": True, "add_prefix_space": False, "errors": "replace", **special, "pad_token": "<|endoftext|>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return CLIPTokenizer.from_pretrained(folder, pad_token="!"), len(vocabulary)


def write(name, pipeline_class, parts, case, tensors):
    """model_index.json, each component's configuration, and the case itself."""
    folder = TARGET / name
    index = {"_class_name": pipeline_class, "_diffusers_version": diffusers.__version__}
    for component, part in parts.items():
        index[component] = [type(part).__module__.split(".")[0], type(part).__name__]
        target = folder / component
        target.mkdir(parents=True, exist_ok=True)
        if component == "scheduler":
            # As released files are: without the settings that are the class's defaults.
            defaults = part.config.get("_use_default_values", [])
            given = {k: v for k, v in part.config.items() if k not in defaults and not k.startswith("_")}
            (target / "scheduler_config.json").write_text(json.dumps({"_class_name": type(part).__name__, **given}, indent=1) + "\n")
        elif component.startswith("text_encoder"):
            config = {**part.config.to_dict(), "architectures": [type(part).__name__]}
            (target / "config.json").write_text(slim(json.dumps(config, indent=1)))
        elif not component.startswith("tokenizer"):
            (target / "config.json").write_text(slim(json.dumps({"_class_name": type(part).__name__, **dict(part.config)}, indent=1)))
    (folder / "model_index.json").write_text(json.dumps(index, indent=1) + "\n")
    (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n")
    save_file({k: v.contiguous() for k, v in tensors.items()}, folder / "tensors.safetensors")


def slim(text):
    kept = {k: v for k, v in json.loads(text).items() if v is not None and k not in ("_use_default_values", "id2label", "label2id")}
    return json.dumps(kept, indent=1) + "\n"


def generator(seed):
    return torch.Generator().manual_seed(seed)


def frames_of(video):
    return torch.from_numpy(np.asarray(video)).squeeze(0).to(torch.float32)


class Kept:
    """Keeps the latents of the last step."""

    def __call__(self, step, timestep, latents):
        self.latents = latents.clone()


def clips(tok, vocabulary):
    parts = dict(vae=vae(0.18215), text_encoder=text_encoder(vocabulary, CONTEXT), tokenizer=tok, unet=unet3d(), scheduler=DDIMScheduler(**DDIM))

    def run(name, cls=TextToVideoSDPipeline, scheduler=None, video=None, note="", **arguments):
        pipe = cls(**{**parts, "scheduler": scheduler.from_config(parts["scheduler"].config) if scheduler else parts["scheduler"]})
        pipe.set_progress_bar_config(disable=True)
        kept = Kept()
        seed = arguments.pop("seed")
        extra = {} if video is None else {"video": video}
        out = pipe(**arguments, **extra, generator=generator(seed), callback=kept, output_type="np").frames
        tensors = {"output.latents": kept.latents, "output.frames": frames_of(out)}
        if video is not None:
            tensors["input.video"] = torch.from_numpy(np.stack([np.asarray(f) for f in video]))
        case = {**arguments, "seed": seed, "scheduler_class": scheduler.__name__ if scheduler else None, "note": note}
        write(name, "TextToVideoSDPipeline", parts, case, tensors)

    run(
        "text_to_video", scheduler=DPMSolverMultistepScheduler, seed=7, prompt="A cat rides a red bicycle!", negative_prompt="blurry",
        num_frames=2, height=24, width=40, num_inference_steps=6, guidance_scale=9.0,
        note="as ModaVerse runs it: DPM-Solver++ from the DDIM file; odd latents",
    )
    run(
        "text_to_video_eta", seed=11, prompt="surfing", num_frames=1, height=16, width=16, num_inference_steps=4, guidance_scale=1.0, eta=0.6,
        note="one frame, no guidance, noise in every DDIM step",
    )
    pixels = (np.arange(3 * 24 * 16 * 3) * 37 % 251).reshape(3, 24, 16, 3).astype(np.uint8)
    run(
        "video_to_video", cls=VideoToVideoSDPipeline, video=[PIL.Image.fromarray(f) for f in pixels], seed=5, prompt="a quiet street in the rain",
        negative_prompt="", strength=0.6, num_inference_steps=6, guidance_scale=15.0,
        note="source frames encoded, noised to 0.6 of the schedule",
    )
    embeds = dict(
        prompt_embeds=torch.sin(0.3 * torch.arange(8 * CONTEXT, dtype=torch.float32)).reshape(1, 8, CONTEXT),
        negative_prompt_embeds=torch.cos(0.2 * torch.arange(8 * CONTEXT, dtype=torch.float32)).reshape(1, 8, CONTEXT),
    )
    pipe = TextToVideoSDPipeline(**{**parts, "scheduler": EulerDiscreteScheduler(**EULER)})
    pipe.set_progress_bar_config(disable=True)
    kept = Kept()
    case = dict(num_frames=5, height=16, width=16, num_inference_steps=5, guidance_scale=3.0)
    out = pipe(**case, **embeds, generator=generator(3), callback=kept, output_type="np").frames
    tensors = {"output.latents": kept.latents, "output.frames": frames_of(out)}
    tensors |= {"input." + k.removesuffix("_embeds"): v[0] for k, v in embeds.items()}
    without_text = dict(vae=parts["vae"], unet=parts["unet"], scheduler=pipe.scheduler)
    write("embeddings_to_video", "EmbeddingsToVideo", without_text, {**case, "seed": 3, "note": "a 3D U-Net fed with embeddings; five frames"}, tensors)


def image_tensors(images):
    return torch.from_numpy(np.asarray(images)).to(torch.float32)


def stills(tok, vocabulary):
    parts = dict(vae=vae(0.18215), text_encoder=text_encoder(vocabulary, CONTEXT), tokenizer=tok, unet=unet2d(), scheduler=PNDMScheduler(**PNDM))
    pipe = StableDiffusionPipeline(**parts, safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    pipe.set_progress_bar_config(disable=True)
    case = dict(prompt="an astronaut on a horse", negative_prompt="blurry", height=24, width=32, num_inference_steps=5, guidance_scale=7.5, guidance_rescale=0.7)
    latents = []
    keep = lambda pipe, i, t, values: latents.append(values["latents"].clone()) or {}
    out = pipe(**case, num_images_per_prompt=2, generator=generator(21), output_type="np", callback_on_step_end=keep).images
    write(
        "text_to_image", "StableDiffusionPipeline", parts, {**case, "num_frames": 2, "seed": 21, "note": "PNDM, two stills, guidance rescale"},
        {"output.latents": latents[-1], "output.frames": image_tensors(out)},
    )

    encoders = text_encoder(vocabulary, 8), text_encoder(vocabulary, 12, projection=10)
    xl = dict(addition_embed_type="text_time", addition_time_embed_dim=8, projection_class_embeddings_input_dim=10 + 6 * 8, transformer_layers_per_block=(1, 2))
    parts = dict(
        vae=vae(0.13025), text_encoder=encoders[0], text_encoder_2=encoders[1], tokenizer=tok, tokenizer_2=tok, unet=unet2d(context=20, **xl),
        scheduler=EulerDiscreteScheduler(**EULER),
    )
    pipe = StableDiffusionXLPipeline(**parts, add_watermarker=False)
    pipe.set_progress_bar_config(disable=True)
    case = dict(prompt="a quiet street at night", height=32, width=24, num_inference_steps=4, guidance_scale=5.0)
    latents = []
    out = pipe(**case, generator=generator(22), output_type="np", callback_on_step_end=keep).images
    write(
        "text_to_image_xl", "StableDiffusionXLPipeline", parts, {**case, "num_frames": 1, "seed": 22, "note": "SDXL: two encoders, no negative prompt"},
        {"output.latents": latents[-1], "output.frames": image_tensors(out)},
    )


def emu2_stills():
    """Emu2-Gen's own loop has no class in diffusers: U-Net, Euler and VAE of diffusers, put together as the authors do."""
    width, ids = 14, 8
    extra = dict(addition_embed_type="text_time", addition_time_embed_dim=ids, projection_class_embeddings_input_dim=width + 6 * ids)
    net, decoder, scheduler = unet2d(context=width, **extra), vae(0.13025), EulerDiscreteScheduler(**EULER)
    height, columns, steps, guidance = 24, 32, 5, 3.0
    positive = torch.sin(0.31 * torch.arange(9 * width, dtype=torch.float32)).reshape(1, 9, width)
    negative = torch.cos(0.17 * torch.arange(9 * width, dtype=torch.float32)).reshape(1, 9, width)
    context = torch.cat([positive, negative])
    added = {"text_embeds": context.mean(1), "time_ids": torch.tensor([[1024, 1024, 0, 0, height, columns]] * 2)}
    scheduler.set_timesteps(steps)
    latents = torch.randn((1, 4, height // 8, columns // 8), generator=generator(31)) * scheduler.init_noise_sigma
    for t in scheduler.timesteps:
        given = scheduler.scale_model_input(torch.cat([latents] * 2), t)
        conditional, unconditional = net(given, t, encoder_hidden_states=context, added_cond_kwargs=added).sample.chunk(2)
        latents = scheduler.step(unconditional + guidance * (conditional - unconditional), t, latents).prev_sample
    image = (decoder.decode(latents / decoder.config.scaling_factor).sample / 2 + 0.5).clamp(0, 1)
    write(
        "embeddings_to_image", "EmuVisualGenerationPipeline", dict(unet=net, vae=decoder, scheduler=scheduler),
        dict(height=height, width=columns, num_frames=1, num_inference_steps=steps, guidance_scale=guidance, seed=31, note="Emu2-Gen's decoder"),
        {"output.latents": latents, "output.frames": image.permute(0, 2, 3, 1), "input.prompt": positive[0], "input.negative_prompt": negative[0]},
    )


def emu2_clips():
    """Emu2's video decoder was never released: configurations only, for tests that need no expected values."""
    config = dict(unet2d().config, temporal_convolutions=True, embeddings_per_frame=4, key_frames_with_time=True)
    folder = TARGET / "emu2_video"
    write("emu2_video", "Emu2VideoPipeline", dict(vae=vae(0.18215), scheduler=DDIMScheduler(**DDIM)), {}, {})
    (folder / "unet").mkdir()
    (folder / "unet/config.json").write_text(slim(json.dumps({**config, "_class_name": "Emu2VideoUNet"})))
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps({**index, "unet": ["kinora", "Emu2VideoUNet"]}, indent=1) + "\n")
    for unused in ("case.json", "tensors.safetensors"):
        (folder / unused).unlink()


@torch.no_grad()
def main():
    shutil.rmtree(TARGET, ignore_errors=True)
    tok, vocabulary = tokenizer(TARGET / "tokenizer")
    clips(tok, vocabulary)
    stills(tok, vocabulary)
    emu2_stills()
    emu2_clips()
    (TARGET / "ORIGIN.md").write_text(
        "# Whole pipelines\n\n"
        "Written by `tools/parity/pipelines.py`, in float32 on CPU, with "
        f"Python {platform.python_version()}, torch {torch.__version__.split('+')[0]}, diffusers {diffusers.__version__}, "
        f"transformers {transformers.__version__}, tokenizers {tokenizers.__version__}. Each folder is a checkpoint without weights and "
        "tokenizer: weights follow the fill rule of `FillRule.java`, all cases share `tokenizer/` (trained by the script on its five "
        "lines of text). `case.json` has the arguments of the official pipeline, `tensors.safetensors` its inputs, the latents after the last "
        "step, and the frames in 0 to 1.\n"
    )


if __name__ == "__main__":
    main()

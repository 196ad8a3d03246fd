#!/usr/bin/env python3
"""Makes parity cases of the diffusion components: checkpoints in released layouts, inputs, and what diffusers and transformers give.

    python3 tools/parity/diffusion_cases.py FOLDER [PATTERN]      every case (about 300), or those whose name matches
    python3 tools/parity/diffusion_cases.py --fixtures            the few that the tests of decoder-3d read
    python3 tools/parity/diffusion_cases.py --emu2 CASES          a decoder for the Emu2 of CASES/emu2_embeddings, and CASES/emu2_image

A tolerance is ten times the largest difference between the official code in float32 and in float64, at least 1e-5 of the peak. Weights are
random, with norms, biases and zero-initialised layers too: a zero or a one would hide a mistake.
"""

import copy
import fnmatch
import json
import math
import pathlib
import platform
import shutil
import sys
import tempfile
import warnings

import diffusers
import numpy as np
import PIL.Image
import torch
import transformers
from diffusers import AutoencoderKL, UNet2DConditionModel, UNet3DConditionModel
from diffusers.models.autoencoders import vae as autoencoder_module
from diffusers.pipelines.deprecated.text_to_video_synthesis import pipeline_text_to_video_synth_img2img as video_module
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

import pipelines
from schedulers import MODELSCOPE, SD15, SDXL, SVD

warnings.filterwarnings("ignore")
diffusers.utils.logging.set_verbosity_error()
transformers.utils.logging.set_verbosity_error()
torch.set_num_threads(1)

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "decoder-3d/src/test/resources/parity/cases"
SEED = 7411

V = {"prediction_type": "v_prediction"}
X0 = {"prediction_type": "sample"}
DDIM, PNDM, DPM = "DDIMScheduler", "PNDMScheduler", "DPMSolverMultistepScheduler"
EULER, ANCESTRAL = "EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler"

# SD 2.1 for 768 x 768 pixels, and the models that were tuned to end in pure noise.
SD21 = {**{k: v for k, v in MODELSCOPE.items() if k not in ("skip_prk_steps",)}, **V}
ZERO_SNR = {**SD21, "rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}


def generator(offset=0):
    return torch.Generator().manual_seed(SEED + offset)


def randn(*shape, offset=1):
    return torch.randn(*shape, generator=generator(offset))


@torch.no_grad()
def randomise(module, offset=0, gain=1.2, dtype=torch.float32):
    """Weights that keep activations near one (or, with a small gain, small before the norms), rounded to the stored type."""
    random = generator(offset)
    for name, parameter in module.named_parameters():
        noise = torch.randn(parameter.shape, generator=random)
        if "norm" in name and name.endswith("weight"):
            noise = 1 + 0.3 * noise
        elif parameter.dim() == 1:
            noise = 0.2 * gain * noise
        else:
            noise = noise * gain / math.sqrt(parameter[0].numel())
        parameter.copy_(noise.to(dtype).float())
    return module.eval()


class Cases:
    def __init__(self, folder, pattern):
        self.folder, self.pattern, self.names = folder, pattern, []

    def wanted(self, name):
        return fnmatch.fnmatch(name, self.pattern)

    def add(self, name, component, inputs, exact, single, double, checkpoint=None, subfolder=None, note="", **fields):
        """`single` and `double`: outputs in float32 and float64; `exact`: those that must be equal; `checkpoint`: writes it into a folder."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        tensors, outputs = {}, {}

        def stored(path, value):
            if isinstance(value, torch.Tensor):
                tensors[path] = value.detach().contiguous().clone()
                return {"tensor": path}
            return value

        described = {key: stored("input." + key, value) for key, value in inputs.items()}
        for key, value in exact.items():
            outputs[key] = {**stored("output." + key, value), "atol": 0, "rtol": 0}
        for key, value in single.items():
            peak = float(value.abs().max())
            noise = float((value.double() - double[key].double()).abs().max()) if key in double else 0.0
            outputs[key] = {
                **stored("output." + key, value.float()), "rtol": 1e-5, "atol": max(10 * noise, 1e-5 * peak, 1e-9), "noise": noise, "peak": peak,
            }
        case = {"component": component, **fields}
        if checkpoint:
            case["checkpoint"] = "checkpoint"
            checkpoint(folder / "checkpoint" / (subfolder or ""))
        if subfolder:
            case["subfolder"] = subfolder
        case |= {"inputs": described, "outputs": outputs, "note": note}
        (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n")
        save_file(tensors, folder / "tensors.safetensors")
        (folder / "tensors.safetensors").chmod(0o644)
        self.names.append(name)


# ---- checkpoints


def released(config):
    """As released configurations are: no nulls, no private keys but the class name."""
    return {k: v for k, v in config.items() if v is not None and (not k.startswith("_") or k == "_class_name")}


def save(model, layout="safetensors", drop=(), rename=lambda name: name, dtype=torch.float32, extra=None):
    """Writes a model as one of the layouts that releases have: a type of file, a variant, one file or shards."""

    def write(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if isinstance(model, transformers.PreTrainedModel):
            config = {**model.config.to_dict(), "architectures": [type(model).__name__]}
            file, index = "model", "model"
            prefix = "" if isinstance(model, CLIPTextModelWithProjection) else "text_model."
        else:
            config = {"_class_name": type(model).__name__, **dict(model.config)}
            file = index = "diffusion_pytorch_model"
            prefix = ""
        config = {k: v for k, v in released(config).items() if k not in drop and k not in ("id2label", "label2id")}
        (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
        state = {rename((prefix if not key.startswith("text_") else "") + key): value.to(dtype) if value.is_floating_point() else value
                 for key, value in model.state_dict().items() if "position_ids" not in key}
        state |= extra or {}
        variant = ".fp16" if "fp16" in layout else ""
        if "bin" in layout:
            name = "pytorch_model" if file == "model" else file
            torch.save(state, folder / f"{name}{variant}.bin")
        elif "shards" in layout:
            names, parts, weight_map = sorted(state), 3, {}
            for part in range(parts):
                shard = f"{file}{variant}-{part + 1:05d}-of-{parts:05d}.safetensors"
                save_file({n: state[n].contiguous() for n in names[part::parts]}, folder / shard, metadata={"format": "pt"})
                weight_map |= {n: shard for n in names[part::parts]}
            total = sum(t.nbytes for t in state.values())
            suffix = variant.replace(".", ".", 1)
            (folder / f"{index}.safetensors.index{suffix}.json").write_text(
                json.dumps({"metadata": {"total_size": total}, "weight_map": weight_map}, indent=1) + "\n")
        else:
            save_file({n: t.contiguous() for n, t in state.items()}, folder / f"{file}{variant}.safetensors", metadata={"format": "pt"})
        for written in folder.iterdir():
            written.chmod(0o644)

    return write


def old_attention_names(name):
    for new, old in (("to_q.", "query."), ("to_k.", "key."), ("to_v.", "value."), ("to_out.0.", "proj_attn.")):
        if ".attentions." in name:
            name = name.replace(new, old)
    return name


# ---- U-Nets

CROSS3, PLAIN3, UPCROSS3, UP3 = "CrossAttnDownBlock3D", "DownBlock3D", "CrossAttnUpBlock3D", "UpBlock3D"
CROSS2, PLAIN2, UPCROSS2, UP2 = "CrossAttnDownBlock2D", "DownBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"
CLIP3 = dict(
    block_out_channels=(8, 8, 16, 16), layers_per_block=2, norm_num_groups=4, cross_attention_dim=12, attention_head_dim=4, sample_size=32,
    down_block_types=(CROSS3, CROSS3, CROSS3, PLAIN3), up_block_types=(UP3, UPCROSS3, UPCROSS3, UPCROSS3),
)
TWO3 = dict(
    block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4, cross_attention_dim=10, attention_head_dim=4,
    down_block_types=(CROSS3, PLAIN3), up_block_types=(UP3, UPCROSS3),
)
TINY3 = dict(TWO3, block_out_channels=(4, 8), norm_num_groups=2, cross_attention_dim=6, attention_head_dim=2)
STILL = dict(norm_num_groups=4, layers_per_block=1, cross_attention_dim=12, block_out_channels=(8, 16))
ENDS = dict(down_block_types=(CROSS2, PLAIN2), up_block_types=(UP2, UPCROSS2))
XL = dict(
    block_out_channels=(8, 16, 16), attention_head_dim=(1, 2, 4), use_linear_projection=True, transformer_layers_per_block=(1, 2, 3),
    down_block_types=(PLAIN2, CROSS2, CROSS2), up_block_types=(UPCROSS2, UPCROSS2, UP2), addition_embed_type="text_time",
    addition_time_embed_dim=8, projection_class_embeddings_input_dim=58,
)
TINY_XL = dict(block_out_channels=(4, 8, 8), norm_num_groups=2, cross_attention_dim=10, transformer_layers_per_block=(1, 1, 2))


def unets(cases):
    tall = dict(TWO3, block_out_channels=(12, 24, 24, 36), down_block_types=(PLAIN3, CROSS3, PLAIN3, CROSS3),
                up_block_types=(UPCROSS3, UP3, UPCROSS3, UP3), attention_head_dim=12, norm_num_groups=6)
    for name, config, shape, time, kwargs in [
        ("unet3d_released_layout", CLIP3, (1, 4, 3, 8, 16), 981, {}),
        ("unet3d_one_frame", CLIP3, (1, 4, 1, 8, 8), 1, {}),
        ("unet3d_five_frames", TWO3, (1, 4, 5, 4, 6), 321, {}),
        ("unet3d_seventeen_frames", TWO3, (1, 4, 17, 2, 4), 640, {}),
        ("unet3d_batch", TWO3, (2, 4, 3, 6, 4), 250, {}),
        ("unet3d_batch_times", TWO3, (3, 4, 2, 6, 4), [999, 0, 517], {}),
        ("unet3d_fraction_of_a_step", TWO3, (1, 4, 2, 6, 4), 249.75, {}),
        ("unet3d_odd_sizes", CLIP3, (1, 4, 2, 9, 13), 500, {}),
        ("unet3d_odd_height", CLIP3, (2, 4, 2, 5, 8), 500, {}),
        ("unet3d_smallest", TWO3, (1, 4, 1, 1, 1), 500, {}),
        ("unet3d_one_row", TWO3, (1, 4, 2, 1, 7), 20, {}),
        ("unet3d_emu_width", dict(TWO3, cross_attention_dim=14), (1, 4, 2, 4, 4), 20, {"tokens": 64}),
        ("unet3d_other_blocks", tall, (1, 4, 2, 8, 8), 20, {}),
        ("unet3d_one_level", dict(TWO3, block_out_channels=(8,), down_block_types=(CROSS3,), up_block_types=(UPCROSS3,)), (1, 4, 2, 3, 4), 20, {}),
        ("unet3d_channels", dict(TWO3, in_channels=9, out_channels=5), (1, 9, 2, 4, 4), 20, {}),
        ("unet3d_small_activations", CLIP3, (1, 4, 3, 16, 8), 519, {"gain": 0.02}),
        ("unet3d_large_activations", TWO3, (1, 4, 3, 8, 8), 519, {"gain": 3.0}),
        ("unet3d_eps", dict(TWO3, norm_eps=1e-3), (1, 4, 2, 4, 4), 519, {"gain": 0.1}),
        ("unet3d_bin", TINY3, (1, 4, 2, 4, 4), 77, {"layout": "bin"}),
        ("unet3d_fp16", TINY3, (1, 4, 2, 4, 4), 77, {"layout": "fp16", "dtype": torch.float16}),
        ("unet3d_fp16_bin", TINY3, (1, 4, 2, 4, 4), 77, {"layout": "fp16 bin", "dtype": torch.float16}),
        ("unet3d_shards", TINY3, (1, 4, 2, 4, 4), 77, {"layout": "shards"}),
        ("unet3d_fp16_shards", TINY3, (1, 4, 2, 4, 4), 77, {"layout": "fp16 shards", "dtype": torch.float16}),
        ("unet3d_bf16", TINY3, (1, 4, 2, 4, 4), 77, {"dtype": torch.bfloat16}),
        ("unet3d_defaults_absent", dict(TWO3, block_out_channels=(32, 64), norm_num_groups=32, layers_per_block=2),
         (1, 4, 2, 4, 4), 77, {"drop": ("norm_num_groups", "layers_per_block", "in_channels", "out_channels", "norm_eps", "downsample_padding", "mid_block_scale_factor", "act_fn")}),
    ]:
        unet(cases, "unet3d", UNet3DConditionModel, name, config, shape, time, **kwargs)

    sd15 = dict(STILL, attention_head_dim=2, **ENDS)
    sd21 = dict(STILL, attention_head_dim=(2, 4), use_linear_projection=True, **ENDS)
    four = dict(
        block_out_channels=(8, 8, 16, 16), layers_per_block=2, norm_num_groups=4, cross_attention_dim=12, attention_head_dim=2,
        down_block_types=(CROSS2, CROSS2, CROSS2, PLAIN2), up_block_types=(UP2, UPCROSS2, UPCROSS2, UPCROSS2))
    tiny = dict(sd15, block_out_channels=(4, 8), norm_num_groups=2, cross_attention_dim=6)
    for name, config, shape, time, kwargs in [
        ("unet2d_sd15", four, (1, 4, 8, 16), 951, {}),
        ("unet2d_sd15_odd", four, (1, 4, 9, 13), 951, {}),
        ("unet2d_sd15_batch", sd15, (2, 4, 6, 4), [951, 3], {}),
        ("unet2d_sd15_one_row", sd15, (1, 4, 1, 5), 951, {}),
        ("unet2d_sd15_heads_of_three", dict(STILL, block_out_channels=(12, 24), attention_head_dim=3, **ENDS), (1, 4, 4, 4), 5, {}),
        ("unet2d_sd21", dict(four, attention_head_dim=(1, 2, 4, 4), use_linear_projection=True), (1, 4, 8, 8), 1, {}),
        ("unet2d_sd21_batch", sd21, (3, 4, 4, 6), 400, {}),
        ("unet2d_upcast", dict(sd21, upcast_attention=True), (1, 4, 4, 6), 400, {}),
        ("unet2d_layers_per_level", dict(sd15, layers_per_block=(1, 2)), (1, 4, 4, 6), 400, {}),
        ("unet2d_deep", dict(sd15, transformer_layers_per_block=2), (1, 4, 4, 6), 400, {}),
        ("unet2d_inpainting_channels", dict(sd15, in_channels=9), (1, 9, 4, 6), 400, {}),
        ("unet2d_sdxl", dict(STILL, **XL), (1, 4, 8, 4), 500, {}),
        ("unet2d_sdxl_batch", dict(STILL, **XL), (2, 4, 5, 6), [500, 20], {}),
        ("unet2d_sdxl_refiner", dict(STILL, **{**XL, "projection_class_embeddings_input_dim": 50, "transformer_layers_per_block": 2}), (1, 4, 4, 4), 500, {"ids": 5}),
        ("unet2d_emu2", dict(STILL, **{**XL, "cross_attention_dim": 14, "projection_class_embeddings_input_dim": 62}), (2, 4, 4, 8), 981, {"tokens": 64}),
        ("unet2d_small_activations", four, (1, 4, 8, 16), 951, {"gain": 0.02}),
        ("unet2d_bin", tiny, (1, 4, 4, 4), 951, {"layout": "bin"}),
        ("unet2d_fp16_shards", tiny, (1, 4, 4, 4), 951, {"layout": "fp16 shards", "dtype": torch.float16}),
        ("unet2d_defaults_absent", dict(STILL, attention_head_dim=8, block_out_channels=(32, 64), norm_num_groups=32, layers_per_block=2, **ENDS), (1, 4, 4, 4), 951,
         {"drop": ("norm_num_groups", "layers_per_block", "attention_head_dim", "use_linear_projection", "transformer_layers_per_block", "sample_size", "act_fn")}),
    ]:
        unet(cases, "unet2d", UNet2DConditionModel, name, config, shape, time, **kwargs)


@torch.no_grad()
def unet(cases, component, cls, name, config, shape, time, tokens=7, gain=1.2, layout="safetensors", dtype=torch.float32, drop=(), ids=6):
    if not cases.wanted(name):
        return
    net = randomise(cls(**config), len(name), gain, dtype)
    inputs = {
        "sample": randn(*shape), "timestep": torch.tensor(time) if isinstance(time, list) else time,
        "encoder_hidden_states": randn(shape[0], tokens, config["cross_attention_dim"], offset=2),
    }
    if "addition_embed_type" in config:
        pooled = config["projection_class_embeddings_input_dim"] - ids * config["addition_time_embed_dim"]
        inputs["text_embeds"] = randn(shape[0], pooled, offset=3)
        inputs["time_ids"] = torch.tensor([[1024.0, 768, 0, 8, 64, 96][:ids], [32.0, 32, 1, 2, 48, 40][:ids]])[: shape[0]]

    def forward(net, dtype):
        given = {k: v.to(dtype) if isinstance(v, torch.Tensor) and v.is_floating_point() else v for k, v in inputs.items()}
        extra = {}
        if "text_embeds" in given:
            extra["added_cond_kwargs"] = {"text_embeds": given["text_embeds"], "time_ids": given["time_ids"]}
        return {"sample": net(given["sample"], given["timestep"], given["encoder_hidden_states"], **extra).sample}

    single = forward(net, torch.float32)
    write = save(copy.deepcopy(net), layout, drop, dtype=dtype)
    cases.add(name, component, inputs, {}, single, forward(net.double(), torch.float64), write, "unet")


# ---- autoencoder


@torch.no_grad()
def autoencoders(cases):
    def config(channels=(8, 16), layers=1, **more):
        levels = len(channels)
        return dict(block_out_channels=channels, layers_per_block=layers, norm_num_groups=4, latent_channels=4, sample_size=32,
                    down_block_types=("DownEncoderBlock2D",) * levels, up_block_types=("UpDecoderBlock2D",) * levels, **more)

    four = config((8, 8, 12, 16), 2)
    for name, c, latent, image, kwargs in [
        ("released_layout", four, (1, 4, 4, 6), (1, 3, 32, 48), {}),
        ("batch", config(), (3, 4, 3, 5), (2, 3, 6, 10), {}),
        ("one_pixel", config(), (1, 4, 1, 1), (1, 3, 2, 2), {}),
        ("odd", four, (1, 4, 5, 3), (1, 3, 37, 29), {}),
        ("one_level", config((8,)), (1, 4, 5, 3), (1, 3, 5, 7), {}),
        ("small_activations", four, (1, 4, 4, 4), (1, 3, 16, 16), {"gain": 0.02}),
        ("large_activations", four, (1, 4, 4, 4), (1, 3, 16, 16), {"gain": 3.0}),
        ("tiled", config(), (1, 4, 40, 21), (1, 3, 70, 50), {"tiled": True}),
        ("tiled_one_direction", config(), (2, 4, 8, 37), (1, 3, 20, 90), {"tiled": True}),
        ("tiled_exactly", config(), (1, 4, 16, 16), (1, 3, 32, 32), {"tiled": True}),
        ("tiled_just_over", config(), (1, 4, 17, 16), (1, 3, 33, 32), {"tiled": True}),
        ("tiled_four_levels", dict(four, sample_size=64), (1, 4, 13, 19), (1, 3, 88, 120), {"tiled": True}),
        ("tiled_odd_tile", dict(config(), sample_size=30), (1, 4, 33, 19), (1, 3, 61, 47), {"tiled": True}),
        ("old_names", four, (1, 4, 3, 4), (1, 3, 16, 24), {"rename": old_attention_names}),
        ("old_names_bin", dict(config((4, 8)), norm_num_groups=2), (1, 4, 3, 4), (1, 3, 6, 8), {"rename": old_attention_names, "layout": "bin"}),
        ("fp16_variant", config(), (1, 4, 3, 4), (1, 3, 6, 8), {"layout": "fp16", "dtype": torch.float16}),
        ("shards", config(), (1, 4, 3, 4), (1, 3, 6, 8), {"layout": "shards"}),
        ("sdxl", config(force_upcast=True, scaling_factor=0.13025), (1, 4, 3, 4), (1, 3, 6, 8), {}),
        ("no_quant_conv", config(use_quant_conv=False, use_post_quant_conv=False), (1, 4, 3, 4), (1, 3, 6, 8), {}),
        ("sixteen_channels", dict(config(), latent_channels=16), (1, 16, 3, 4), (1, 3, 6, 8), {}),
        ("defaults_absent", dict(config((32, 64), 1), norm_num_groups=32), (1, 4, 3, 4), (1, 3, 6, 8),
         {"drop": ("norm_num_groups", "layers_per_block", "latent_channels", "in_channels", "out_channels", "act_fn", "scaling_factor", "force_upcast", "use_quant_conv", "use_post_quant_conv", "mid_block_add_attention")}),
    ]:
        autoencoder(cases, name, c, latent, image, **kwargs)


def autoencoder(cases, name, config, latent, image, gain=1.2, tiled=False, rename=lambda n: n, layout="safetensors", dtype=torch.float32, drop=()):
    if not cases.wanted("vae_decode_" + name) and not cases.wanted("vae_encode_" + name):
        return
    net = randomise(AutoencoderKL(**config), len(name), gain, dtype)
    net.use_tiling = tiled
    write = save(copy.deepcopy(net), layout, drop, rename, dtype)
    given, pixels = randn(*latent), randn(*image, offset=2).clamp(-1, 1)
    moments = net.encode(pixels).latent_dist
    noise = randn(*moments.mean.shape, offset=3)

    def decode(net, dtype):
        return {"sample": net.decode(given.to(dtype)).sample}

    def encode(net, dtype):
        d = net.encode(pixels.to(dtype)).latent_dist
        return {"mean": d.mean, "logvar": d.logvar, "latent": d.mean + d.std * noise.to(dtype)}

    decoded, encoded = decode(net, torch.float32), encode(net, torch.float32)
    net = net.double()
    extra = {"tiled": True} if tiled else {}
    if cases.wanted("vae_decode_" + name):
        cases.add("vae_decode_" + name, "vae.decode", {"latent": given, **extra}, {}, decoded, decode(net, torch.float64), write, "vae")
    if cases.wanted("vae_encode_" + name):
        cases.add("vae_encode_" + name, "vae.encode", {"image": pixels, "noise": noise, **extra}, {}, encoded, encode(net, torch.float64), write, "vae")


# ---- text encoders


@torch.no_grad()
def texts(cases):
    base = dict(vocab_size=60, hidden_size=32, intermediate_size=64, num_hidden_layers=3, num_attention_heads=4, max_position_embeddings=77, bos_token_id=58)
    rows = torch.randint(1, 50, (3, 77), generator=generator(9))
    rows[:, 0] = 58
    for row, end in enumerate((5, 76, 1)):
        rows[row, end:] = 59
    zeros = rows.clone()
    zeros[0, 6:], zeros[2, 2:] = 0, 0
    for name, cls, more, ids, kwargs in [
        ("clip_l", CLIPTextModel, dict(hidden_act="quick_gelu", eos_token_id=2), rows, {}),
        ("open_clip_h", CLIPTextModel, dict(hidden_act="gelu", eos_token_id=2), zeros, {}),
        ("eos_id", CLIPTextModel, dict(hidden_act="gelu", eos_token_id=59), zeros, {}),
        ("big_g", CLIPTextModelWithProjection, dict(hidden_act="gelu", eos_token_id=2, projection_dim=20), zeros, {}),
        ("clip_l_projection", CLIPTextModelWithProjection, dict(hidden_act="quick_gelu", eos_token_id=59, projection_dim=12), rows, {}),
        ("one_layer", CLIPTextModel, dict(hidden_act="gelu", eos_token_id=2, num_hidden_layers=1), rows[:1], {}),
        ("short_rows", CLIPTextModel, dict(hidden_act="gelu", eos_token_id=2), rows[:2, :9], {}),
        ("eps", CLIPTextModel, dict(hidden_act="gelu", eos_token_id=2, layer_norm_eps=1e-3), rows[:1], {"gain": 0.05}),
        ("bin_position_ids", CLIPTextModel, dict(hidden_act="gelu", eos_token_id=2), rows[:1],
         {"layout": "bin", "extra": {"text_model.embeddings.position_ids": torch.arange(77)[None]}}),
        ("fp16", CLIPTextModel, dict(hidden_act="quick_gelu", eos_token_id=2), rows[:1],
         {"layout": "fp16", "dtype": torch.float16, "extra": {"text_model.embeddings.position_ids": torch.arange(77)[None]}}),
        ("shards", CLIPTextModelWithProjection, dict(hidden_act="gelu", eos_token_id=2, projection_dim=8), rows[:1], {"layout": "shards"}),
        ("without_prefix", CLIPTextModel, dict(hidden_act="gelu", eos_token_id=2), rows[:1], {"rename": lambda n: n.removeprefix("text_model.")}),
    ]:
        text(cases, "clip_text_" + name, cls, base | more, ids, **kwargs)


def text(cases, name, cls, config, ids, gain=1.2, layout="safetensors", dtype=torch.float32, **kwargs):
    if not cases.wanted(name):
        return
    net = randomise(cls(CLIPTextConfig(**config)), len(name), gain, dtype)
    write = save(copy.deepcopy(net), layout, dtype=dtype, **kwargs)

    def forward(net):
        out = net(ids, output_hidden_states=True)
        states = {"last_hidden_state": out.last_hidden_state, "penultimate_hidden_state": out.hidden_states[-2]}
        return {**states, **({"text_embeds": out.text_embeds} if hasattr(out, "text_embeds") else {"pooled": out.pooler_output})}

    single = forward(net)
    cases.add(name, "clip_text", {"input_ids": ids}, {}, single, forward(net.double()), write, "text_encoder")


# ---- samplers


def samplers(cases):
    n = 0

    def case(name, base, steps, cls=None, eta=0.0, **changes):
        nonlocal n
        n += 1
        if cases.wanted("sched_" + name):
            try:
                trajectory(cases, "sched_" + name, {**base, **changes}, steps, cls, eta, n)
            except (NotImplementedError, ValueError, IndexError) as error:
                print(f"sched_{name}: refused by the official class: {error}")

    spacings = ("leading", "linspace", "trailing")
    kinds = {"epsilon": {}, "v": V, "sample": X0}
    for cls, short in ((DDIM, "ddim"), (DPM, "dpmpp"), (EULER, "euler"), (ANCESTRAL, "ancestral"), (PNDM, "pndm")):
        for spacing in spacings:
            for kind, prediction in kinds.items():
                if cls == PNDM and kind == "sample":
                    prediction = {}
                case(f"{short}_{spacing}_{kind}", MODELSCOPE, 7, cls, timestep_spacing=spacing, **prediction)
        for steps in (1, 2, 3, 10, 33, 50):
            case(f"{short}_{steps}_steps", MODELSCOPE, steps, cls)
        for origin, base in (("sdxl", SDXL), ("sd15", SD15), ("sd21", SD21)):
            case(f"{short}_from_{origin}", base, 6, cls)
        case(f"{short}_linear_betas", {"_class_name": cls}, 6)
        case(f"{short}_cosine_betas", MODELSCOPE, 6, cls, beta_schedule="squaredcos_cap_v2")
        case(f"{short}_trained_betas", MODELSCOPE, 5, cls, trained_betas=[0.002 * (i + 1) for i in range(40)], num_train_timesteps=40)
        case(f"{short}_offset", MODELSCOPE, 6, cls, steps_offset=0, timestep_spacing="leading")
    for cls, short in ((DDIM, "ddim"), (DPM, "dpmpp"), (EULER, "euler"), (ANCESTRAL, "ancestral")):
        case(f"{short}_zero_snr", ZERO_SNR, 6, cls)
        case(f"{short}_zero_snr_linspace", ZERO_SNR, 6, cls, timestep_spacing="linspace")
        case(f"{short}_zero_snr_20", ZERO_SNR, 20, cls)
    for eta in (0.3, 1.0):
        for spacing in spacings:
            case(f"ddim_eta_{eta}_{spacing}", MODELSCOPE, 6, DDIM, eta, timestep_spacing=spacing)
    case("ddim_eta_zero_snr", ZERO_SNR, 6, DDIM, 0.5)
    case("ddim_alpha_to_one", MODELSCOPE, 6, DDIM, set_alpha_to_one=True)
    case("ddim_clipped", MODELSCOPE, 6, DDIM, clip_sample=True, clip_sample_range=2.0)
    case("ddim_clipped_eta", MODELSCOPE, 6, DDIM, 0.7, clip_sample=True)
    case("ddim_clipped_v", MODELSCOPE, 6, DDIM, clip_sample=True, **V)
    case("ddim_thresholding", MODELSCOPE, 6, DDIM, thresholding=True, dynamic_thresholding_ratio=0.8, sample_max_value=1.5)
    for curve in ("karras", "exponential"):
        for cls, short in ((DPM, "dpmpp"), (EULER, "euler")):
            for steps in (2, 8, 25):
                case(f"{short}_{curve}_{steps}", MODELSCOPE, steps, cls, **{f"use_{curve}_sigmas": True})
            case(f"{short}_{curve}_v", MODELSCOPE, 6, cls, **{f"use_{curve}_sigmas": True}, **V)
            case(f"{short}_{curve}_trailing", MODELSCOPE, 6, cls, timestep_spacing="trailing", **{f"use_{curve}_sigmas": True})
    case("dpmpp_lu", MODELSCOPE, 8, DPM, use_lu_lambdas=True)
    for order in (1, 2, 3):
        for solver in ("midpoint", "heun"):
            for steps in (4, 16):
                case(f"dpmpp_order_{order}_{solver}_{steps}", MODELSCOPE, steps, DPM, solver_order=order, solver_type=solver)
            case(f"dpm_order_{order}_{solver}", MODELSCOPE, 8, DPM, solver_order=order, solver_type=solver, algorithm_type="dpmsolver", final_sigmas_type="sigma_min")
    for algorithm in ("sde-dpmsolver", "sde-dpmsolver++"):
        for solver in ("midpoint", "heun"):
            case(f"{algorithm}_{solver}", MODELSCOPE, 8, DPM, solver_type=solver, algorithm_type=algorithm, **({} if "++" in algorithm else {"final_sigmas_type": "sigma_min"}))
    case("sde-dpmsolver++_karras_v", MODELSCOPE, 8, DPM, algorithm_type="sde-dpmsolver++", use_karras_sigmas=True, **V)
    case("dpmpp_final_sigma_min", MODELSCOPE, 8, DPM, final_sigmas_type="sigma_min")
    case("dpmpp_euler_at_final", MODELSCOPE, 20, DPM, euler_at_final=True)
    case("dpmpp_no_lower_order_final", MODELSCOPE, 20, DPM, lower_order_final=False)
    case("dpmpp_thresholding", MODELSCOPE, 8, DPM, thresholding=True, dynamic_thresholding_ratio=0.9, sample_max_value=2.0)
    case("dpmpp_lambda_min_clipped", MODELSCOPE, 8, DPM, beta_schedule="squaredcos_cap_v2", lambda_min_clipped=-5.1)
    case("dpmpp_variance_learned", MODELSCOPE, 6, DPM, variance_type="fixed_small")
    case("euler_log_linear", SDXL, 8, EULER, interpolation_type="log_linear", timestep_spacing="linspace")
    case("euler_log_linear_leading", SDXL, 8, EULER, interpolation_type="log_linear")
    case("euler_final_sigma_min", SDXL, 8, EULER, final_sigmas_type="sigma_min")
    case("euler_svd", SVD, 8)
    case("euler_svd_25", SVD, 25)
    case("pndm_runge_kutta", SD15, 9, PNDM, skip_prk_steps=False)
    case("pndm_runge_kutta_20", SD15, 20, PNDM, skip_prk_steps=False)
    case("pndm_alpha_to_one", SD15, 9, PNDM, set_alpha_to_one=True)
    case("pndm_defaults", {"_class_name": PNDM, **{k: SD15[k] for k in ("beta_start", "beta_end", "beta_schedule")}}, 9)


def trajectory(cases, name, config, steps, cls, eta, offset):
    official = getattr(diffusers, cls or config["_class_name"])

    def fresh():
        scheduler = official.from_config(dict(config))
        scheduler.set_timesteps(steps)
        return scheduler

    count, shape = len(fresh().timesteps), (2, 4, 3, 5)
    stochastic = eta > 0 or official.__name__ == ANCESTRAL or "sde" in config.get("algorithm_type", "")
    inputs = {"num_inference_steps": steps, "sample": randn(*shape, offset=offset), "model_outputs": randn(count, *shape, offset=offset + 1000)}
    inputs |= {"noise": randn(*shape, offset=offset + 2000), "noise_index": count // 3}
    if cls:
        inputs["scheduler_class"] = cls
    if stochastic:
        inputs["variance_noise"] = randn(count, *shape, offset=offset + 3000)
    if eta:
        inputs["eta"] = eta

    def walk(dtype):
        scheduler = fresh()
        sample = inputs["sample"].to(dtype) * torch.as_tensor(scheduler.init_noise_sigma).to(dtype)
        given, samples = [], []
        for i, t in enumerate(scheduler.timesteps):
            given.append(scheduler.scale_model_input(sample, t))
            extra = {}
            if official.__name__ == DDIM and eta:
                extra = {"eta": eta, "variance_noise": inputs["variance_noise"][i].to(dtype)}
            with drawn(inputs["variance_noise"][i].to(dtype) if stochastic else None):
                sample = scheduler.step(inputs["model_outputs"][i].to(dtype), t, sample, **extra).prev_sample
            samples.append(sample)
        again = fresh()
        at = again.timesteps[inputs["noise_index"]].reshape(1).repeat(shape[0])
        noised = again.add_noise(inputs["sample"].to(dtype), inputs["noise"].to(dtype), at)
        return {"model_inputs": torch.stack(given), "samples": torch.stack(samples), "noised": noised}

    scheduler = fresh()
    single = walk(torch.float32)
    single["timesteps"] = scheduler.timesteps.float()
    single["init_noise_sigma"] = torch.as_tensor(scheduler.init_noise_sigma).float().reshape(1)
    double = walk(torch.float64)
    double = {k: torch.where(v.isfinite(), v, single[k].double()) for k, v in double.items()}

    def write(folder):
        folder.mkdir(parents=True)
        (folder / "scheduler_config.json").write_text(json.dumps(config, indent=1) + "\n")

    cases.add(name, "scheduler", inputs, {}, single, double, write, "scheduler")


class drawn:
    """Lets the official code draw tensors that are given."""

    MODULES = [
        diffusers.schedulers.scheduling_ddim, diffusers.schedulers.scheduling_euler_ancestral_discrete,
        diffusers.schedulers.scheduling_dpmsolver_multistep, autoencoder_module, video_module,
    ]

    def __init__(self, *tensors):
        self.tensors = [t for t in tensors if t is not None]

    def __enter__(self):
        self.kept = [m.randn_tensor for m in self.MODULES]
        queue = list(self.tensors)
        for module, official in zip(self.MODULES, self.kept):
            module.randn_tensor = lambda shape, official=official, **k: queue.pop(0).to(k.get("dtype") or torch.float32) if queue else official(shape, **k)

    def __exit__(self, *_):
        for module, official in zip(self.MODULES, self.kept):
            module.randn_tensor = official


# ---- pipelines


class Folder:
    """A whole checkpoint folder of tiny parts."""

    def __init__(self, kind, scratch, pad="!", words=77, dtype=torch.float16):
        self.kind, self.dtype = kind, dtype
        self.tokenizer_folder = scratch / f"tokenizer_{kind}"
        shutil.rmtree(self.tokenizer_folder, ignore_errors=True)
        _, vocabulary = pipelines.tokenizer(self.tokenizer_folder)
        for file in ("tokenizer_config.json", "special_tokens_map.json"):
            path = self.tokenizer_folder / file
            config = json.loads(path.read_text())
            if file == "tokenizer_config.json":
                config["model_max_length"] = words
            else:
                config["pad_token"] = pad
            path.write_text(json.dumps(config, indent=1) + "\n")
        tok = CLIPTokenizer.from_pretrained(self.tokenizer_folder, pad_token=pad)

        def encoder(width, projection=None, act="gelu", offset=0):
            config = CLIPTextConfig(
                vocab_size=vocabulary, hidden_size=width, intermediate_size=2 * width, num_hidden_layers=2, num_attention_heads=2, max_position_embeddings=77,
                hidden_act=act, eos_token_id=2, projection_dim=projection or 8)
            return randomise((CLIPTextModelWithProjection if projection else CLIPTextModel)(config), 40 + offset, dtype=dtype)

        vae = AutoencoderKL(
            block_out_channels=(4, 4, 4, 8), norm_num_groups=2, layers_per_block=1, latent_channels=4, sample_size=64,
            down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4, scaling_factor=0.13025 if kind == "sdxl" else 0.18215)
        self.parts = {"vae": randomise(vae, 50, 0.8, dtype), "tokenizer": tok}
        if kind == "clip":
            self.parts |= {"unet": UNet3DConditionModel(**dict(TINY3, sample_size=4)), "text_encoder": encoder(6)}
        elif kind == "sdxl":
            self.parts |= {
                "unet": UNet2DConditionModel(**dict(STILL, sample_size=4, **{**XL, **TINY_XL})), "text_encoder": encoder(4, act="quick_gelu"),
                "text_encoder_2": encoder(6, 10, offset=1), "tokenizer_2": tok,
            }
        else:
            more = dict(attention_head_dim=(2, 4), use_linear_projection=True) if kind == "sd21" else dict(attention_head_dim=2)
            self.parts |= {"unet": UNet2DConditionModel(**dict(STILL, sample_size=4, **ENDS, **more)), "text_encoder": encoder(12, act="gelu" if kind == "sd21" else "quick_gelu")}
        randomise(self.parts["unet"], 60, 0.7, dtype)

    def write(self, scheduler):
        def write(folder):
            index = {"_class_name": "Pipeline", "_diffusers_version": diffusers.__version__, "scheduler": ["diffusers", scheduler["_class_name"]]}
            for component, part in self.parts.items():
                library = "diffusers" if hasattr(part, "config") and not hasattr(part.config, "to_dict") else "transformers"
                index[component] = [library, type(part).__name__]
                if component.startswith("tokenizer"):
                    shutil.copytree(self.tokenizer_folder, folder / component)
                else:
                    save(part, dtype=self.dtype, rename=old_attention_names if component == "vae" else lambda n: n)(folder / component)
            (folder / "scheduler").mkdir()
            (folder / "scheduler/scheduler_config.json").write_text(json.dumps(scheduler, indent=1) + "\n")
            (folder / "model_index.json").write_text(json.dumps(index, indent=1) + "\n")

        return write

    def double(self):
        return {k: copy.deepcopy(v).double() if isinstance(v, torch.nn.Module) else v for k, v in self.parts.items()}

    def ids(self, prompt):
        tok = self.parts["tokenizer"]
        return tok(prompt, padding="max_length", max_length=tok.model_max_length, truncation=True, return_tensors="pt").input_ids


PIPES = {
    "clip": diffusers.TextToVideoSDPipeline, "sd15": diffusers.StableDiffusionPipeline, "sd21": diffusers.StableDiffusionPipeline,
    "sdxl": diffusers.StableDiffusionXLPipeline,
}


def whole(cases, scratch):
    folders = {}

    def folder(kind, **kwargs):
        key = (kind, *kwargs.items())
        if key not in folders:
            folders[key] = Folder(kind, scratch, **kwargs)
        return folders[key]

    def run(name, kind, scheduler, prompt="a cat rides a red bicycle!", folder_arguments=None, cls=None, seed=None, video=None, strength=None, noise_shape=None, **arguments):
        if not cases.wanted(name):
            return
        made = folder(kind, **(folder_arguments or {}))
        inputs = {"prompt": prompt, **arguments}
        kept = {}

        def go(parts, dtype):
            sampler = getattr(diffusers, cls or scheduler["_class_name"]).from_config(dict(scheduler))
            pipe_class = diffusers.VideoToVideoSDPipeline if video is not None else PIPES[kind]
            extra = dict(safety_checker=None, feature_extractor=None, requires_safety_checker=False) if kind in ("sd15", "sd21") else {}
            extra |= dict(add_watermarker=False) if kind == "sdxl" else {}
            pipe = pipe_class(**parts, scheduler=sampler, **extra)
            pipe.set_progress_bar_config(disable=True)
            call = {k: v for k, v in arguments.items()}
            call["prompt"] = prompt
            draws = []
            if video is not None:
                call |= {"video": [PIL.Image.fromarray(f) for f in video], "strength": strength}
                draws = [kept["vae_noise"].to(dtype), kept["noise"].to(dtype)]
            elif seed is None:
                call["latents"] = kept["latents"].to(dtype)
            call["generator"] = torch.Generator().manual_seed(seed or 0)
            steps = []
            if kind == "clip":
                call["callback"] = lambda i, t, latents: steps.append(latents.clone())
            else:
                call["callback_on_step_end"] = lambda pipe, i, t, values: steps.append(values["latents"].clone()) or {}
            with drawn(*draws):
                out = pipe(**call, output_type="np")
            pixels = torch.from_numpy(np.asarray(out.frames if kind == "clip" else out.images))
            return {"latents": steps[-1], ("frames" if kind == "clip" else "image"): pixels.float() if dtype == torch.float32 else pixels}

        if video is not None:
            count, height, width = video.shape[:3]
            kept["vae_noise"], kept["noise"] = randn(count, 4, height // 8, width // 8, offset=5), randn(count, 4, height // 8, width // 8, offset=6)
            inputs |= {"video": torch.from_numpy(video), "strength": strength, **kept}
        elif seed is None:
            frames = (arguments["num_frames"],) if kind == "clip" else ()
            batch = arguments.get("num_images_per_prompt", 1)
            kept["latents"] = randn(batch, 4, *frames, arguments["height"] // 8, arguments["width"] // 8, offset=5)
            inputs["latents"] = kept["latents"]
        if seed is not None:
            inputs["seed"] = seed
        if cls:
            inputs["scheduler_class"] = cls
        single = go(made.parts, torch.float32)
        double = go(made.double(), torch.float64) if seed is None or video is not None else {}
        component = "video_to_video" if video is not None else "text_to_video" if kind == "clip" else "text_to_image"
        if not double:  # drawn with a seed, the noise in float64 is another: the tolerance of the same case with given noise
            double = {k: v.double() + 1e-5 * v.abs().max() for k, v in single.items()}
        cases.add(name, component, inputs, {"input_ids": made.ids(prompt)}, single, double, made.write(scheduler))

    small = dict(num_frames=3, height=16, width=24, num_inference_steps=5, guidance_scale=9.0)
    for short, cls in (("ddim", None), ("dpm", DPM), ("euler", EULER), ("ancestral", ANCESTRAL), ("pndm", PNDM)):
        run(f"text_to_video_{short}", "clip", MODELSCOPE, cls=cls, negative_prompt="blurry", **small, **({"seed": 3} if short == "ancestral" else {}))
    run("text_to_video_no_negative", "clip", MODELSCOPE, **small)
    run("text_to_video_no_guidance", "clip", MODELSCOPE, **dict(small, guidance_scale=1.0))
    run("text_to_video_empty_prompt", "clip", MODELSCOPE, prompt="", **small)
    run("text_to_video_long_prompt", "clip", MODELSCOPE, prompt="a quiet street in the rain at night " * 12, negative_prompt="surfing! " * 40, **small)
    run("text_to_video_one_frame", "clip", MODELSCOPE, cls=DPM, **dict(small, num_frames=1, height=40, width=8))
    run("text_to_video_odd_latents", "clip", MODELSCOPE, cls=DPM, **dict(small, num_frames=5, height=24, width=40))
    run("text_to_video_25", "clip", MODELSCOPE, cls=DPM, **dict(small, num_inference_steps=25))
    run("text_to_video_seed", "clip", MODELSCOPE, cls=DPM, seed=123456789, **small)
    run("text_to_video_eta", "clip", MODELSCOPE, seed=17, **dict(small, eta=0.4))
    run("text_to_video_fp32", "clip", MODELSCOPE, folder_arguments={"dtype": torch.float32}, **small)
    run("text_to_video_short_tokenizer", "clip", MODELSCOPE, folder_arguments={"words": 20}, prompt="surfing at night in the rain, a cat on a horse, an astronaut, a red bicycle", **small)
    pixels = np.random.RandomState(3).randint(0, 256, (3, 24, 16, 3)).astype(np.uint8)
    for strength, steps, cls in ((0.6, 6, None), (0.6, 6, DPM), (1.0, 4, DPM), (0.31, 10, EULER), (0.5, 5, PNDM)):
        run(f"video_to_video_{strength}_{cls or 'ddim'}", "clip", MODELSCOPE, cls=cls, video=pixels, strength=strength, negative_prompt="blurry", num_inference_steps=steps, guidance_scale=15.0)
    still = dict(height=24, width=32, num_inference_steps=5, guidance_scale=7.5)
    end = {"pad": "<|endoftext|>"}
    run("text_to_image_sd15", "sd15", SD15, folder_arguments=end, negative_prompt="blurry", **still)
    run("text_to_image_sd15_plain", "sd15", SD15, folder_arguments=end, **still)
    run("text_to_image_sd15_two", "sd15", SD15, folder_arguments=end, **dict(still, num_images_per_prompt=2))
    run("text_to_image_sd15_rescale", "sd15", SD15, folder_arguments=end, **dict(still, guidance_rescale=0.7))
    run("text_to_image_sd15_dpm_karras", "sd15", {**SD15, "use_karras_sigmas": True}, folder_arguments=end, cls=DPM, **still)
    run("text_to_image_sd15_no_guidance", "sd15", SD15, folder_arguments=end, **dict(still, guidance_scale=1.0))
    run("text_to_image_sd21", "sd21", SD21, **still)
    run("text_to_image_sd21_zero_snr", "sd21", ZERO_SNR, **dict(still, guidance_rescale=0.7))
    run("text_to_image_sd21_seed", "sd21", SD21, cls=EULER, seed=99, **still)
    run("text_to_image_sdxl", "sdxl", SDXL, **dict(still, guidance_scale=5.0))
    run("text_to_image_sdxl_negative", "sdxl", SDXL, negative_prompt="blurry", **dict(still, guidance_scale=5.0))
    run("text_to_image_sdxl_dpm", "sdxl", SDXL, cls=DPM, negative_prompt="", **dict(still, guidance_scale=5.0))
    run("text_to_image_sdxl_no_guidance", "sdxl", SDXL, **dict(still, guidance_scale=1.0))


@torch.no_grad()
def emu2_image(folder):
    """Emu2-Gen's loop around diffusers' U-Net, Euler and VAE, from the embeddings that the authors' code regressed in another case."""
    source, name = folder / "emu2_embeddings", "emu2_image"
    regressed, case = load_file(source / "tensors.safetensors"), json.loads((source / "case.json").read_text())
    context = torch.cat([regressed["output.embeddings"], regressed["output.negative_embeddings"]]).float()
    width, stored = context.shape[-1], torch.bfloat16
    sizes = {**XL, **TINY_XL, "cross_attention_dim": width, "projection_class_embeddings_input_dim": width + 48}
    net = randomise(UNet2DConditionModel(**dict(STILL, sample_size=4, **sizes)), 70, 0.7, stored)
    levels = dict(down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4)
    decoder = randomise(AutoencoderKL(block_out_channels=(4, 4, 4, 8), norm_num_groups=2, scaling_factor=0.13025, force_upcast=True, **levels), 71, 0.8, stored)
    for component, part in (("unet", net), ("vae", decoder)):
        shutil.rmtree(source / "checkpoint" / component, ignore_errors=True)
        save(copy.deepcopy(part), "fp16", dtype=stored)(source / "checkpoint" / component)
        weights = source / "checkpoint" / component / "diffusion_pytorch_model.fp16.safetensors"
        weights.rename(weights.with_name("diffusion_pytorch_model.bf16.safetensors"))
    (source / "checkpoint/scheduler").mkdir(exist_ok=True)
    (source / "checkpoint/scheduler/scheduler_config.json").write_text(json.dumps(SDXL, indent=1) + "\n")
    index = {"_class_name": "EmuVisualGenerationPipeline", "_diffusers_version": "0.21.2", "multimodal_encoder": ["modeling_emu", "EmuForCausalLM"]}
    index |= {"safety_checker": [None, None], "scheduler": ["diffusers", EULER], "tokenizer": ["transformers", "LlamaTokenizer"]}
    index |= {"unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"]}
    (source / "checkpoint/model_index.json").write_text(json.dumps(index, indent=1) + "\n")

    height, columns, steps, scale, framing = 24, 32, 4, 3.0, ([300, 400], [10, 20])
    first = randn(1, 4, height // 8, columns // 8)

    def go(net, decoder, dtype):
        scheduler = diffusers.EulerDiscreteScheduler.from_config(SDXL)
        scheduler.set_timesteps(steps)
        given = context.to(dtype)
        added = {"text_embeds": given.mean(1), "time_ids": torch.tensor([[*framing[0], *framing[1], height, columns]] * 2)}
        latents = first.to(dtype) * scheduler.init_noise_sigma.to(dtype)
        for t in scheduler.timesteps:
            sample = scheduler.scale_model_input(torch.cat([latents] * 2), t)
            conditional, unconditional = net(sample, t, encoder_hidden_states=given, added_cond_kwargs=added).sample.chunk(2)
            latents = scheduler.step(unconditional + scale * (conditional - unconditional), t, latents).prev_sample
        image = (decoder.decode(latents / decoder.config.scaling_factor).sample / 2 + 0.5).clamp(0, 1)
        return {"latents": latents, "image": image.permute(0, 2, 3, 1)}

    single = go(net, decoder, torch.float32)
    # Regressing the embeddings here adds an error of about 1e-5 to theirs: ten times what that makes of the picture is allowed for.
    noisy = {k: v.double() + 5e-6 * v.abs().max() for k, v in single.items()}
    inputs = {"height": height, "width": columns, "num_inference_steps": steps, "guidance_scale": scale, "original_size": framing[0], "crop_info": framing[1], "latents": first}
    cases = Cases(folder, name)
    cases.add(name, "emu2.generate_image", inputs, {}, single, noisy, note="an Emu2-Gen folder: a grounded prompt to a picture")
    target = folder / name
    written, tensors = json.loads((target / "case.json").read_text()), load_file(target / "tensors.safetensors")
    pixels = {k: v for k, v in regressed.items() if k.startswith("input.")}
    save_file({**tensors, **pixels}, target / "tensors.safetensors")
    written = {**{k: v for k, v in case.items() if k in ("config", "subfolder")}, **written, "checkpoint": "../emu2_embeddings/checkpoint"}
    written["inputs"]["prompt"] = case["inputs"]["prompt"]
    (target / "case.json").write_text(json.dumps(written, indent=1) + "\n")
    (target / "tensors.safetensors").chmod(0o644)


# What the tests read: small, and each for something that no fixture of diffusion_nets.py, schedulers.py or pipelines.py has.
KEPT = [
    "unet3d_fp16_shards", "unet2d_bin", "vae_decode_tiled_just_over", "vae_encode_old_names_bin", "clip_text_fp16", "sched_dpmpp_karras_8", "sched_ddim_eta_0.3_leading",
    "text_to_video_dpm", "video_to_video_0.6_ddim", "text_to_image_sdxl",
]


def main():
    if sys.argv[1] == "--emu2":
        emu2_image(pathlib.Path(sys.argv[2]))
        return
    fixtures = sys.argv[1] == "--fixtures"
    folder = FIXTURES if fixtures else pathlib.Path(sys.argv[1])
    patterns = KEPT if fixtures else sys.argv[2:] or ["*"]
    if fixtures:
        shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch:
        for pattern in patterns:
            cases = Cases(folder, pattern)
            unets(cases)
            autoencoders(cases)
            texts(cases)
            samplers(cases)
            whole(cases, pathlib.Path(scratch))
            print(pattern, len(cases.names), "cases")
    if fixtures:
        (folder / "ORIGIN.md").write_text(
            "# Parity cases of the diffusion components\n\n"
            f"`python3 tools/parity/diffusion_cases.py --fixtures` with Python {platform.python_version()}, torch {torch.__version__.split('+')[0]}, "
            f"diffusers {diffusers.__version__}, transformers {transformers.__version__}, in float32 on one CPU thread, seed {SEED}. The same script "
            "with a folder instead writes all of some 300 cases. The tokenizer is trained by `pipelines.py` on its five lines of text.\n")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Makes the parity fixtures of decoder-3d's networks: what diffusers and transformers compute, in float32 on the CPU.

No weights are stored. Both sides fill every parameter from its name (see `fill`), norms, biases and zero-initialised layers too, so a
fixture holds inputs and outputs only.

    python3 tools/parity/diffusion_nets.py decoder-3d/src/test/resources/parity
"""

import hashlib
import json
import math
import pathlib
import sys

import diffusers
import numpy as np
import torch
import transformers
from diffusers import AutoencoderKL, UNet2DConditionModel, UNet3DConditionModel
from diffusers.models.attention import BasicTransformerBlock
from diffusers.models.attention_processor import Attention
from diffusers.models.downsampling import Downsample2D
from diffusers.models.embeddings import TimestepEmbedding
from diffusers.models.resnet import ResnetBlock2D, TemporalConvLayer
from diffusers.models.transformers.transformer_2d import Transformer2DModel
from diffusers.models.transformers.transformer_temporal import TransformerTemporalModel
from diffusers.models.unets.unet_3d_blocks import CrossAttnDownBlock3D, CrossAttnUpBlock3D, UNetMidBlock3DCrossAttn
from diffusers.models.upsampling import Upsample2D
from safetensors.numpy import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

SEED = 20261122


def fnv1a(text):
    h = 0xCBF29CE484222325
    for byte in text.encode():
        h = ((h ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return h


def unit(name, count):
    """`count` numbers of variance 1, uniform, from the name: splitmix64 of (FNV-1a of the name) + i."""
    with np.errstate(over="ignore"):
        z = np.uint64(fnv1a(name)) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    u = (z >> np.uint64(11)).astype(np.float64) / float(1 << 53)
    return (2 * u - 1) * math.sqrt(3)


def fill(module, prefix=""):
    """Norm weights around 1, vectors around 0, matrices and kernels with gain about 1."""
    for name, p in module.named_parameters():
        v = unit(prefix + name, p.numel()).reshape(p.shape)
        if p.dim() == 1:
            v = 1 + 0.3 * v if name.endswith(".weight") else 0.1 * v
        else:
            v = v * math.sqrt(p.shape[0] / p.numel())
        p.data = torch.from_numpy(v.astype(np.float32))
    return module.eval()


class Fixture:
    def __init__(self, name):
        self.name, self.cases, self.tensors = name, {}, {}
        self.generator = torch.Generator().manual_seed(SEED)

    def randn(self, *shape):
        return torch.randn(*shape, generator=self.generator)

    def case(self, name, config=None, **tensors):
        self.cases[name] = config or {}
        for key, value in tensors.items():
            self.tensors[f"{name}.{key}"] = value.detach().contiguous().numpy()

    def save(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        save_file(self.tensors, str(folder / f"{self.name}.safetensors"))
        (folder / f"{self.name}.json").write_text(json.dumps(self.cases, indent=1) + "\n")
        size = (folder / f"{self.name}.safetensors").stat().st_size
        print(f"{self.name}: {len(self.cases)} cases, {size / 1024:.1f} KiB")


def blocks():
    f = Fixture("blocks")
    x, emb = f.randn(4, 8, 5, 6), f.randn(2, 32)
    net = fill(ResnetBlock2D(in_channels=8, out_channels=16, temb_channels=32, groups=4, eps=1e-5))
    f.case("resnet", x=x, emb=emb, y=net(x, emb.repeat_interleave(2, 0)))

    for frames in (1, 5):
        x = f.randn(2 * frames, 16, 3, 5)
        net = fill(TemporalConvLayer(16, 16, dropout=0.1, norm_num_groups=4))
        f.case(f"temporal_conv_{frames}", {"frames": frames}, x=x, y=net(x, num_frames=frames))

    x, e = f.randn(6, 16, 3, 5), f.randn(2, 7, 12)
    net = fill(Transformer2DModel(4, 4, in_channels=16, cross_attention_dim=12, norm_num_groups=4, use_linear_projection=True))
    f.case("transformer2d_linear", x=x, context=e, y=net(x, e.repeat_interleave(3, 0)).sample)
    net = fill(Transformer2DModel(2, 8, in_channels=16, num_layers=2, cross_attention_dim=12, norm_num_groups=4))
    f.case("transformer2d_conv", x=x, context=e, y=net(x, e.repeat_interleave(3, 0)).sample)

    for frames in (1, 5):
        x = f.randn(2 * frames, 16, 3, 4)
        net = fill(TransformerTemporalModel(3, 8, in_channels=16, norm_num_groups=4))
        f.case(f"transformer_temporal_{frames}", {"frames": frames}, x=x, y=net(x, num_frames=frames).sample)

    x, e = f.randn(2, 9, 16), f.randn(2, 7, 12)
    net = fill(BasicTransformerBlock(16, 2, 8, cross_attention_dim=12))
    f.case("basic_transformer_block", x=x, context=e, y=net(x, encoder_hidden_states=e))

    x = f.randn(2, 8, 5, 7)
    f.case("downsample", x=x, y=fill(Downsample2D(8, use_conv=True, padding=1, name="op"))(x))
    f.case("downsample_pad_end", x=x, y=fill(Downsample2D(8, use_conv=True, padding=0, name="op"))(x))
    f.case("upsample", x=x, y=fill(Upsample2D(8, use_conv=True))(x))
    f.case("upsample_to_9x13", x=x, y=fill(Upsample2D(8, use_conv=True))(x, (9, 13)))

    x = f.randn(3, 8)
    f.case("timestep_embedding", x=x, y=fill(TimestepEmbedding(8, 32))(x))

    x = f.randn(2, 16, 3, 5)
    net = fill(Attention(16, heads=1, dim_head=16, norm_num_groups=4, eps=1e-6, bias=True, residual_connection=True))
    f.case("vae_attention", x=x, y=net(x))

    emb, e, frames = f.randn(2, 32), f.randn(2, 7, 12), 3
    rows = {"temb": emb.repeat_interleave(frames, 0), "encoder_hidden_states": e.repeat_interleave(frames, 0), "num_frames": frames}
    common = {"temb_channels": 32, "resnet_eps": 1e-5, "resnet_groups": 4, "num_attention_heads": 4, "cross_attention_dim": 12}
    x = f.randn(6, 8, 5, 6)
    net = fill(CrossAttnDownBlock3D(in_channels=8, out_channels=16, num_layers=1, **common), "down_blocks.1.")
    y, skips = net(x, **rows)
    f.case("cross_attn_down_block", {"frames": frames}, x=x, emb=emb, context=e, y=y, skip0=skips[0])
    x = f.randn(6, 16, 2, 3)
    net = fill(UNetMidBlock3DCrossAttn(in_channels=16, **common), "mid_block.")
    f.case("mid_block", {"frames": frames}, x=x, emb=emb, context=e, y=net(x, **rows))
    net = fill(CrossAttnUpBlock3D(in_channels=8, out_channels=16, prev_output_channel=16, num_layers=2, **common), "up_blocks.1.")
    skips = (f.randn(6, 8, 2, 3), f.randn(6, 16, 2, 3))
    f.case(
        "cross_attn_up_block", {"frames": frames}, x=x, emb=emb, context=e, skip0=skips[0], skip1=skips[1],
        y=net(x, res_hidden_states_tuple=skips, upsample_size=(3, 5), **rows),
    )
    return f


def unet3d():
    f = Fixture("unet3d")
    base = {
        "block_out_channels": [8, 16, 16], "layers_per_block": 1, "norm_num_groups": 4, "cross_attention_dim": 12,
        "attention_head_dim": 4, "down_block_types": ["CrossAttnDownBlock3D", "CrossAttnDownBlock3D", "DownBlock3D"],
        "up_block_types": ["UpBlock3D", "CrossAttnUpBlock3D", "CrossAttnUpBlock3D"],
    }
    ragged = base | {
        "block_out_channels": [8, 12], "attention_head_dim": 5, "layers_per_block": 2,
        "down_block_types": ["DownBlock3D", "CrossAttnDownBlock3D"], "up_block_types": ["CrossAttnUpBlock3D", "UpBlock3D"],
    }
    for name, config, shape, time in [
        ("one_frame", base, (1, 4, 1, 4, 4), [7.0]),
        ("five_frames_not_square", base, (1, 4, 5, 8, 4), [981.0]),
        ("odd_sizes", base, (1, 4, 2, 5, 7), [500.0]),
        ("batch_of_two", base, (2, 4, 3, 4, 8), [321.0]),
        ("a_time_for_each_sample", base, (2, 4, 3, 4, 4), [1.0, 999.0]),
        ("heads_that_do_not_divide", ragged, (1, 4, 2, 4, 6), [250.5]),
    ]:
        net = fill(UNet3DConditionModel(**config))
        x, e, t = f.randn(*shape), f.randn(shape[0], 7, 12), torch.tensor(time)
        y = net(x, t if len(time) > 1 else t[0], e).sample
        f.case(name, {"config": config, "timesteps": time}, sample=x, context=e, y=y)
    return f


def unet2d():
    f = Fixture("unet2d")
    base = {"norm_num_groups": 4, "layers_per_block": 1, "cross_attention_dim": 12}
    sd15 = base | {
        "block_out_channels": [8, 16], "attention_head_dim": 2,
        "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"], "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
    }
    sd21 = sd15 | {"attention_head_dim": [2, 4], "use_linear_projection": True, "layers_per_block": 2}
    sdxl = base | {
        "block_out_channels": [8, 16, 16], "attention_head_dim": [1, 2, 4], "use_linear_projection": True,
        "transformer_layers_per_block": [1, 2, 3],
        "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
        "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
        "addition_embed_type": "text_time", "addition_time_embed_dim": 8, "projection_class_embeddings_input_dim": 58,
    }
    emu2 = sdxl | {"cross_attention_dim": 14, "projection_class_embeddings_input_dim": 62}
    audio = {
        "in_channels": 8, "out_channels": 8, "block_out_channels": [8, 16], "norm_num_groups": 4, "layers_per_block": 1,
        "attention_head_dim": 2, "cross_attention_dim": [8, 16], "class_embed_type": "simple_projection",
        "projection_class_embeddings_input_dim": 10, "class_embeddings_concat": True,
        "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"], "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
    }
    for name, config, shape, time in [
        ("stable_diffusion_15", sd15, (2, 4, 4, 6), 951.0),
        ("stable_diffusion_15_odd_size", sd15, (1, 4, 5, 7), 951.0),
        ("stable_diffusion_21", sd21, (1, 4, 6, 4), 1.0),
        ("sdxl", sdxl, (2, 4, 8, 4), 500.0),
        ("emu2_image_decoder", emu2, (1, 4, 4, 8), 981.0),
        ("audioldm", audio, (2, 8, 5, 4), 901.0),
    ]:
        net = fill(UNet2DConditionModel(**config))
        x, b = f.randn(*shape), shape[0]
        tensors, kwargs = {}, {}
        if name == "audioldm":
            tensors["labels"] = kwargs["class_labels"] = f.randn(b, 10)
            e = None
        else:
            tensors["context"] = e = f.randn(b, 7, config["cross_attention_dim"])
        if "addition_embed_type" in config:
            pooled = config["projection_class_embeddings_input_dim"] - 48
            tensors["text_embeds"] = f.randn(b, pooled)
            tensors["time_ids"] = torch.tensor([[64.0, 96, 0, 8, 64, 96], [32, 32, 1, 2, 48, 40]][:b])
            kwargs["added_cond_kwargs"] = {"text_embeds": tensors["text_embeds"], "time_ids": tensors["time_ids"]}
        y = net(x, time, e, **kwargs).sample
        f.case(name, {"config": config, "timesteps": [time]}, sample=x, y=y, **tensors)
    return f


def vae():
    f = Fixture("vae")
    config = {
        "block_out_channels": [8, 16], "layers_per_block": 2, "norm_num_groups": 4, "latent_channels": 4, "sample_size": 16,
        "down_block_types": ["DownEncoderBlock2D"] * 2, "up_block_types": ["UpDecoderBlock2D"] * 2,
    }
    plain = config | {"use_quant_conv": False, "use_post_quant_conv": False, "mid_block_add_attention": False}
    for name, c, tiled, image, latent in [
        ("plain", config, False, (2, 3, 8, 12), (2, 4, 4, 6)),
        ("odd_sizes", config, False, (1, 3, 7, 9), (1, 4, 3, 5)),
        ("without_quantisation_convolutions", plain, False, (1, 3, 8, 8), (1, 4, 4, 4)),
        ("tiled", config, True, (1, 3, 30, 21), (1, 4, 15, 9)),
        ("smaller_than_a_tile", config, True, (1, 3, 16, 12), (1, 4, 8, 6)),
    ]:
        net = fill(AutoencoderKL(**c))
        net.enable_tiling() if tiled else net.disable_tiling()
        x, z, noise = f.randn(*image), f.randn(*latent), None
        d = net.encode(x).latent_dist
        noise = f.randn(*d.mean.shape)
        f.case(
            name, {"config": c, "tiled": tiled}, image=x, mean=d.mean, logvar=d.logvar, noise=noise,
            sample=d.mean + d.std * noise, latent=z, decoded=net.decode(z).sample,
        )
    return f


def clip():
    f = Fixture("clip")
    base = {
        "vocab_size": 60, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4,
        "max_position_embeddings": 10, "bos_token_id": 58, "pad_token_id": 0,
    }
    ids = torch.tensor([[58, 3, 7, 11, 59, 0, 0, 0, 0, 0], [58, 59, 59, 59, 59, 59, 59, 59, 59, 59], [58, 1, 2, 3, 4, 5, 6, 7, 8, 59]])
    for name, cls, config in [
        ("clip_l", CLIPTextModel, base | {"hidden_act": "quick_gelu", "eos_token_id": 2}),
        ("open_clip_h", CLIPTextModel, base | {"hidden_act": "gelu", "eos_token_id": 59}),
        ("open_clip_big_g", CLIPTextModelWithProjection, base | {"hidden_act": "gelu", "eos_token_id": 2, "projection_dim": 12}),
    ]:
        torch.manual_seed(SEED)
        net = cls(CLIPTextConfig(**config))
        # transformers 5 drops the prefix of a model without a projection in memory; released files have it.
        fill(net, "text_model." if cls is CLIPTextModel else "")
        out = net(ids, output_hidden_states=True)
        tensors = {"last": out.last_hidden_state, "penultimate": out.hidden_states[-2]}
        if cls is CLIPTextModelWithProjection:
            tensors["text_embeds"] = out.text_embeds
        else:
            tensors["pooled"] = out.pooler_output
        f.case(name, {"config": config | {"architectures": [cls.__name__]}}, ids=ids, **tensors)
    return f


def inventories():
    """What the released checkpoints hold, by name and shape, from the official classes at full size (without memory)."""
    levels = {"block_out_channels": [320, 640, 1280, 1280], "layers_per_block": 2}
    sdxl = {
        "block_out_channels": [320, 640, 1280], "layers_per_block": 2, "attention_head_dim": [5, 10, 20], "use_linear_projection": True,
        "transformer_layers_per_block": [1, 2, 10], "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
        "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
        "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
    }
    audio = {
        "in_channels": 8, "out_channels": 8, "block_out_channels": [256, 512, 768, 1280], "attention_head_dim": 8,
        "cross_attention_dim": [256, 512, 768, 1280], "class_embed_type": "simple_projection",
        "projection_class_embeddings_input_dim": 512, "class_embeddings_concat": True,
        "down_block_types": ["DownBlock2D"] + ["CrossAttnDownBlock2D"] * 3, "up_block_types": ["CrossAttnUpBlock2D"] * 3 + ["UpBlock2D"],
    }
    autoencoder = {
        "block_out_channels": [128, 256, 512, 512], "layers_per_block": 2, "down_block_types": ["DownEncoderBlock2D"] * 4,
        "up_block_types": ["UpDecoderBlock2D"] * 4,
    }
    text = {"vocab_size": 49408, "max_position_embeddings": 77, "eos_token_id": 2}
    wide = {"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 23, "num_attention_heads": 16, "hidden_act": "gelu"}
    large = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12}
    giant = {
        "hidden_size": 1280, "intermediate_size": 5120, "num_hidden_layers": 32, "num_attention_heads": 20, "hidden_act": "gelu",
        "projection_dim": 1280,
    }
    listings = {}
    for name, cls, config in [
        ("modelscope_unet", UNet3DConditionModel, levels | {"cross_attention_dim": 1024, "attention_head_dim": 64}),
        ("stable_diffusion_15_unet", UNet2DConditionModel, levels | {"cross_attention_dim": 768, "attention_head_dim": 8}),
        ("stable_diffusion_21_unet", UNet2DConditionModel, levels | {
            "cross_attention_dim": 1024, "attention_head_dim": [5, 10, 20, 20], "use_linear_projection": True}),
        ("sdxl_unet", UNet2DConditionModel, sdxl | {"cross_attention_dim": 2048, "projection_class_embeddings_input_dim": 2816}),
        ("emu2_unet", UNet2DConditionModel, sdxl | {"cross_attention_dim": 1792, "projection_class_embeddings_input_dim": 3328}),
        ("audioldm_unet", UNet2DConditionModel, audio),
        ("autoencoder_kl", AutoencoderKL, autoencoder),
        ("clip_l", CLIPTextModel, text | large),
        ("open_clip_h", CLIPTextModel, text | wide),
        ("open_clip_big_g", CLIPTextModelWithProjection, text | giant),
    ]:
        with torch.device("meta"):
            net = cls(CLIPTextConfig(**config)) if issubclass(cls, transformers.PreTrainedModel) else cls(**config)
        prefix = "text_model." if cls is CLIPTextModel else ""
        lines = sorted(f"{prefix}{key} {list(p.shape)}" for key, p in net.named_parameters())
        listings[name] = {
            "class": cls.__name__, "config": config | {"architectures": [cls.__name__]}, "tensors": len(lines),
            "parameters": sum(p.numel() for p in net.parameters()),
            "sha256": hashlib.sha256("".join(line + "\n" for line in lines).encode()).hexdigest(),
        }
        print(name, listings[name]["tensors"], listings[name]["parameters"])
    return listings


@torch.no_grad()
def main():
    folder = pathlib.Path(sys.argv[1])
    torch.set_num_threads(2)
    for make in (blocks, unet3d, unet2d, vae, clip):
        make().save(folder)
    (folder / "inventories.json").write_text(json.dumps(inventories(), indent=1) + "\n")
    (folder / "ORIGIN.md").write_text(
        "# Where these fixtures come from\n\n"
        "`python3 tools/parity/diffusion_nets.py decoder-3d/src/test/resources/parity` with "
        f"diffusers {diffusers.__version__}, transformers {transformers.__version__}, torch {torch.__version__}, "
        f"float32 on the CPU, seed {SEED}.\n\n"
        "Each `.json` lists cases with their configurations; the `.safetensors` beside it holds `CASE.NAME`. There are no weights: both "
        "sides fill every parameter from its name, by the rule in the script's `unit` and `fill`.\n\n"
        "`inventories.json` has, for each released network, the SHA-256 of the sorted lines `NAME [SHAPE]` of its tensors.\n"
    )


if __name__ == "__main__":
    main()

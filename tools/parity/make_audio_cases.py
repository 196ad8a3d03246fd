#!/usr/bin/env python3
"""Makes parity cases of AudioLDM's parts and of its whole pipeline, in the forms that released folders and their inputs can have.

    pip install torch transformers diffusers safetensors
    python tools/parity/make_audio_cases.py FOLDER          # all of them
    python tools/parity/make_audio_cases.py FOLDER --small  # those that the tests of decoder-3d read

The references are transformers' ClapTextModelWithProjection and SpeechT5HifiGan, and diffusers' UNet2DConditionModel, AutoencoderKL and
AudioLDMPipeline. Tolerances are ten times the distance between the reference in single and in double precision, at least 1e-5 of the
largest value. The tokenizer is the small one of model-shards' tests.
"""

import argparse
import copy
import json
import shutil
from pathlib import Path

import safetensors.torch
import torch
from diffusers import AudioLDMPipeline, AutoencoderKL, DDIMScheduler, PNDMScheduler, UNet2DConditionModel
from transformers import ClapTextConfig, ClapTextModelWithProjection, RobertaTokenizer, SpeechT5HifiGan, SpeechT5HifiGanConfig

from make_language_cases import close, write
from randomness import generator, randomise, rounded

torch.set_num_threads(1)

TOKENIZER = Path(__file__).resolve().parents[2] / "model-shards/src/test/resources/io/kinora/model/text/roberta-tiny"

TEXT = dict(
    vocab_size=90, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=3, max_position_embeddings=20, projection_dim=12,
    layer_norm_eps=1e-12, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
)
UNET = dict(
    sample_size=8, in_channels=4, out_channels=4, block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4,
    down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), cross_attention_dim=(8, 16),
    attention_head_dim=2, class_embed_type="simple_projection", projection_class_embeddings_input_dim=12, class_embeddings_concat=True,
)
VAE = dict(
    in_channels=1, out_channels=1, latent_channels=4, block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4, sample_size=16,
    down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2, scaling_factor=0.9,
)
VOCODER = dict(
    model_in_dim=8, sampling_rate=1000, upsample_initial_channel=16, upsample_rates=[5, 2], upsample_kernel_sizes=[16, 4],
    resblock_kernel_sizes=[3, 7], resblock_dilation_sizes=[[1, 3], [1, 5]], leaky_relu_slope=0.1, normalize_before=False,
)
SCHEDULER = dict(
    beta_start=0.0015, beta_end=0.0195, beta_schedule="scaled_linear", num_train_timesteps=1000, clip_sample=False, set_alpha_to_one=False, steps_offset=1,
)


def make(kind, offset, dtype, sizes, **changes):
    values = dict(sizes, **changes)
    module = {
        "text_encoder": lambda: ClapTextModelWithProjection(ClapTextConfig(**values)),
        "unet": lambda: UNet2DConditionModel(**values),
        "vae": lambda: AutoencoderKL(**values),
        "vocoder": lambda: SpeechT5HifiGan(SpeechT5HifiGanConfig(**values)),
    }[kind]().float()
    randomise(module, offset)
    if kind == "vocoder":
        random = generator(offset + 7)
        module.mean.copy_(torch.randn(module.mean.shape, generator=random))
        module.scale.copy_(1 + 0.3 * torch.randn(module.scale.shape, generator=random).abs())
    return rounded(module, dtype)


def save(module, folder, dtype, file=None):
    """As the official classes save; with a file, its state alone in torch's own format or safetensors under that name."""
    stored = copy.deepcopy(module).to(dtype)
    stored.save_pretrained(folder, safe_serialization=True)
    for path in folder.iterdir():
        path.chmod(0o644)
    if file:
        for old in folder.glob("*.safetensors"):
            old.unlink()
        state = stored.state_dict()
        if file.endswith(".bin"):
            torch.save(state, folder / file)
        else:
            safetensors.torch.save_file({n: t.contiguous() for n, t in state.items()}, folder / file)


def outputs_of(run, module):
    """Named outputs in single precision, what the case says of each, and the tensors."""
    with torch.no_grad():
        single, double = run(copy.deepcopy(module).float(), torch.float32), run(copy.deepcopy(module).double(), torch.float64)
    return {n: close(n, single[n], double[n]) for n in single}, {f"output.{n}": t.float() for n, t in single.items()}


def case(root, name, component, module, note, run, inputs, dtype=torch.float32, file=None, literals=None, save_with=save):
    """``inputs`` are tensors; ``run`` takes a module and the type to widen to."""
    save_with(module, root / name / "checkpoint", dtype, file)
    outputs, tensors = outputs_of(run, module)
    described = {n: {"tensor": f"input.{n}"} for n in inputs} | (literals or {})
    write(root / name, component, described, outputs, tensors | {f"input.{n}": t for n, t in inputs.items()}, note)


def normal(offset, *shape):
    return torch.randn(shape, generator=generator(offset))


def text(root, name, offset, note, lengths=(9, 5), width=None, masked=True, **more):
    options = {n: more.pop(n) for n in ("dtype", "file") if n in more}
    module = make("text_encoder", offset, options.get("dtype", torch.float32), TEXT, **more)
    width = width or max(lengths)
    ids = torch.randint(4, module.config.vocab_size, (len(lengths), width), generator=generator(offset + 1))
    mask = torch.tensor([[int(i < n) for i in range(width)] for n in lengths])
    ids = torch.where(mask.bool(), ids, module.config.pad_token_id)
    inputs = {"input_ids": ids} | ({"attention_mask": mask} if masked else {})

    def run(model, _):
        embeds = model(**inputs).text_embeds
        return {"text_embeds": embeds, "normalized": torch.nn.functional.normalize(embeds, dim=-1)}

    case(root, name, "audioldm.clap_text", module, note, run, inputs, **options)


def unet(root, name, offset, note, shape=(2, 4, 8, 4), timestep=601, labels=None, **more):
    options = {n: more.pop(n) for n in ("dtype", "file") if n in more}
    module = make("unet", offset, options.get("dtype", torch.float32), UNET, **more)
    inputs = {
        "sample": normal(offset + 1, *shape),
        "class_labels": torch.nn.functional.normalize(normal(offset + 2, shape[0], module.config.projection_class_embeddings_input_dim), dim=-1),
    }
    literals = {}
    if isinstance(timestep, int):
        literals["timestep"] = timestep
    else:
        inputs["timestep"] = torch.tensor(timestep)

    def run(model, wide):
        step = torch.tensor(timestep)
        return {"sample": model(inputs["sample"].to(wide), step, None, class_labels=inputs["class_labels"].to(wide)).sample}

    case(root, name, "audioldm.unet", module, note, run, inputs, literals=literals, **options)


def vae(root, name, offset, note, shape=(1, 4, 5, 4), **more):
    options = {n: more.pop(n) for n in ("dtype", "file") if n in more}
    module = make("vae", offset, options.get("dtype", torch.float32), VAE, **more)
    inputs = {"latent": normal(offset + 1, *shape)}
    case(root, name, "audioldm.vae", module, note, lambda model, wide: {"mel": model.decode(inputs["latent"].to(wide)).sample}, inputs, **options)


def vocoder(root, name, offset, note, shape=(2, 11, 8), norm=None, **more):
    """``norm``: weight normalisation left apart, under the "old" names of torch or the "new" ones."""
    options = {n: more.pop(n) for n in ("dtype", "file") if n in more}
    module = make("vocoder", offset, options.get("dtype", torch.float32), VOCODER, **more)
    inputs = {"mel": normal(offset + 1, *shape)}

    def save_apart(whole, folder, dtype, file):
        save(whole, folder, dtype)
        state, apart = whole.state_dict(), {}
        names = ("weight_g", "weight_v") if norm == "old" else ("parametrizations.weight.original0", "parametrizations.weight.original1")
        for key, tensor in state.items():
            stem, _, last = key.rpartition(".")
            if last != "weight":
                apart[key] = tensor.to(dtype)
                continue
            length = tensor.norm(dim=(1, 2), keepdim=True)
            apart[f"{stem}.{names[0]}"] = length.to(dtype)
            apart[f"{stem}.{names[1]}"] = (tensor * (0.5 + torch.rand(tensor.shape[0], 1, 1, generator=generator(offset + 3)))).to(dtype)
        for old in folder.glob("*.safetensors"):
            old.unlink()
        torch.save(apart, folder / (file or "pytorch_model.bin"))

    case(root, name, "audioldm.vocoder", module, note, lambda model, wide: {"waveform": model(inputs["mel"].to(wide))}, inputs,
         save_with=save_apart if norm else save, **options)


def pipeline(root, name, offset, note, seconds=0.23, steps=4, guidance=2.5, batch=1, prompt=None, negative=None, negative_embeds=True, eta=None, seed=None,
             scheduler=DDIMScheduler, dtype=torch.float32, tiny=False, give_latents=True, file=None):
    tokenizer = RobertaTokenizer.from_pretrained(TOKENIZER)
    sizes = dict(vocab_size=len(tokenizer), max_position_embeddings=514, hidden_size=12, intermediate_size=16)
    sizes |= dict(max_position_embeddings=80) if tiny else {}
    narrow = dict(block_out_channels=(4, 8), norm_num_groups=2) if tiny else {}
    parts = {
        "text_encoder": make("text_encoder", offset, dtype, TEXT, **sizes),
        "unet": make("unet", offset + 1, dtype, UNET, **narrow, **(dict(cross_attention_dim=(4, 8)) if tiny else {})),
        "vae": make("vae", offset + 2, dtype, VAE, **narrow),
        "vocoder": make("vocoder", offset + 3, dtype, VOCODER),
    }
    released = scheduler(**{k: v for k, v in SCHEDULER.items() if k in scheduler.__init__.__wrapped__.__code__.co_varnames or k == "beta_start"})
    checkpoint = root / name / "checkpoint"
    for part, module in parts.items():
        save(module, checkpoint / part, dtype, file=("pytorch_model.bin" if part in ("text_encoder", "vocoder") else "diffusion_pytorch_model.bin") if file else None)
    released.save_pretrained(checkpoint / "scheduler")
    shutil.copytree(TOKENIZER, checkpoint / "tokenizer")
    index = {
        "_class_name": "AudioLDMPipeline", "_diffusers_version": "0.15.0.dev0",
        "scheduler": ["diffusers", scheduler.__name__], "text_encoder": ["transformers", "ClapTextModelWithProjection"],
        "tokenizer": ["transformers", "RobertaTokenizer"], "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"], "vocoder": ["transformers", "SpeechT5HifiGan"],
    }
    (checkpoint / "model_index.json").write_text(json.dumps(index, indent=1) + "\n")
    height = -(-int(seconds / (10 / 1000)) // 2)
    inputs, literals = {}, {"audio_length_in_s": seconds, "num_inference_steps": steps, "guidance_scale": guidance}
    if give_latents:
        inputs["latents"] = normal(offset + 5, batch, 4, height, 4)
    if prompt is None:
        inputs["prompt_embeds"] = torch.nn.functional.normalize(normal(offset + 6, batch, 12), dim=-1)
        if negative_embeds:
            inputs["negative_prompt_embeds"] = torch.nn.functional.normalize(normal(offset + 7, batch, 12), dim=-1)
    else:
        literals["prompt"] = prompt
    if negative is not None:
        literals["negative_prompt"] = negative
    if eta is not None:
        literals |= {"eta": eta, "seed": seed}

    def run(modules, wide):
        pipe = AudioLDMPipeline(tokenizer=tokenizer, scheduler=copy.deepcopy(released), **dict(modules))
        pipe.set_progress_bar_config(disable=True)
        seen = {}
        inner = modules["vocoder"].forward
        modules["vocoder"].forward = lambda mel: (seen.update(mel=mel), inner(mel))[1]
        given = {k: v.to(wide) for k, v in inputs.items()}
        more = {k: literals[k] for k in ("prompt", "negative_prompt", "eta") if k in literals}
        if seed is not None:
            more["generator"] = torch.Generator().manual_seed(seed)
        waveform = pipe(audio_length_in_s=seconds, num_inference_steps=steps, guidance_scale=guidance, output_type="pt", **given, **more).audios
        return {"mel": seen["mel"], "waveform": torch.as_tensor(waveform)}

    outputs, tensors = outputs_of(run, torch.nn.ModuleDict(parts)) if eta is None and give_latents else single_only(run, parts)
    described = {n: {"tensor": f"input.{n}"} for n in inputs} | literals
    write(root / name, "audioldm.pipeline", described, outputs, tensors | {f"input.{n}": t for n, t in inputs.items()}, note)


def single_only(run, parts):
    """Noise that is drawn inside comes out otherwise in double precision: the tolerance is a thousandth of the peak instead."""
    with torch.no_grad():
        single = run(torch.nn.ModuleDict(copy.deepcopy(parts)), torch.float32)
    peaks = {n: float(t.abs().max()) for n, t in single.items()}
    described = {n: {"tensor": f"output.{n}", "rtol": 1e-5, "atol": 1e-3 * peaks[n], "peak": peaks[n]} for n in single}
    return described, {f"output.{n}": t.float() for n, t in single.items()}


def small(root):
    text(root, "audioldm_text", 2000, "two texts, the second padded and masked", hidden_size=12, intermediate_size=16, num_attention_heads=2, dtype=torch.float16)
    unet(root, "audioldm_unet", 2010, "two samples with their own timesteps, an odd height", shape=(2, 4, 5, 4), timestep=[901, 1], dtype=torch.float16,
         block_out_channels=(4, 8), cross_attention_dim=(4, 8), norm_num_groups=2)
    vae(root, "audioldm_vae", 2020, "an odd height", shape=(2, 4, 3, 4), dtype=torch.float16, block_out_channels=(4, 8), norm_num_groups=2)
    vocoder(root, "audioldm_vocoder", 2030, "normalised spectrograms, weight norm apart under the names of torch 2", norm="new", normalize_before=True,
            upsample_initial_channel=8)
    pipeline(root, "audioldm_pipeline", 2040, "words and their opposite, an odd length", prompt="a red circle", negative="blue", seconds=0.15, steps=3,
             dtype=torch.float16, tiny=True)


def large(root):
    text(root, "text_ids_alone", 2100, "no mask", lengths=(7,), masked=False)
    text(root, "text_padding_seen", 2105, "padding that is not masked", lengths=(3,), width=8, masked=False)
    text(root, "text_fp16_bin", 2110, "fp16 in a .bin, other activations", dtype=torch.float16, file="pytorch_model.bin", hidden_act="relu", projection_hidden_act="gelu")
    text(root, "text_full", 2120, "as many tokens as there are positions", lengths=(18, 1))
    text(root, "text_gelu_new", 2130, "GELU by tanh, silu", hidden_act="gelu_new", projection_hidden_act="silu", layer_norm_eps=1e-5)
    text(root, "text_pad_0", 2140, "another padding id, two token types, bf16", pad_token_id=0, type_vocab_size=2, dtype=torch.bfloat16)
    text(root, "text_quick", 2150, "quick gelu, tanh, one head", hidden_act="quick_gelu", projection_hidden_act="tanh", num_attention_heads=1)
    unet(root, "unet_one", 2200, "one sample, one timestep")
    deep = dict(
        block_out_channels=(8, 12, 16, 20), cross_attention_dim=(8, 12, 16, 20), layers_per_block=2, norm_num_groups=2,
        down_block_types=("DownBlock2D",) + ("CrossAttnDownBlock2D",) * 3, up_block_types=("CrossAttnUpBlock2D",) * 3 + ("UpBlock2D",),
    )
    unet(root, "unet_four_levels", 2210, "four levels as released; 25 divides by nothing", shape=(1, 4, 25, 16), **deep)
    unet(root, "unet_fp16", 2220, "fp16 in a .bin", dtype=torch.float16, file="diffusion_pytorch_model.bin")
    unet(root, "unet_heads", 2230, "heads for each level, linear projections", attention_head_dim=(1, 4), use_linear_projection=True, transformer_layers_per_block=2)
    unet(root, "unet_width_3", 2240, "odd height and width, three samples", shape=(3, 4, 7, 3))
    vae(root, "vae_three_levels", 2300, "three levels as released", shape=(1, 4, 5, 3), block_out_channels=(8, 8, 16), down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3, layers_per_block=2)
    vae(root, "vae_bf16", 2310, "bf16", dtype=torch.bfloat16)
    vae(root, "vae_bin", 2320, "fp16 in a .bin", dtype=torch.float16, file="diffusion_pytorch_model.bin")
    vocoder(root, "vocoder_plain", 2400, "as released")
    vocoder(root, "vocoder_single", 2410, "one spectrogram without a batch", shape=(9, 8))
    vocoder(root, "vocoder_old_norm", 2420, "weight norm apart under its old names", norm="old")
    vocoder(root, "vocoder_fp16", 2430, "fp16, another slope, three up-samplings", dtype=torch.float16, leaky_relu_slope=0.2, upsample_rates=[4, 2, 3], upsample_kernel_sizes=[8, 4, 6])
    vocoder(root, "vocoder_odd", 2440, "kernels and rates that differ by odd numbers, one residual kernel", upsample_rates=[3, 2], upsample_kernel_sizes=[8, 5],
            resblock_kernel_sizes=[5], resblock_dilation_sizes=[[1, 2, 4]])
    vocoder(root, "vocoder_one_frame", 2450, "one frame, normalised", shape=(1, 1, 8), normalize_before=True)
    pipeline(root, "pipeline_embeds", 2500, "embeddings and their opposites", batch=2)
    pipeline(root, "pipeline_no_guidance", 2510, "guidance 1 is off", guidance=1.0, negative_embeds=False)
    pipeline(root, "pipeline_no_opposite", 2520, "embeddings whose opposite is the empty text", negative_embeds=False, batch=2)
    pipeline(root, "pipeline_words", 2530, "words without an opposite", prompt="a blue square moves left and right", seconds=0.31)
    pipeline(root, "pipeline_long_opposite", 2540, "an opposite of more tokens than the embedding is wide", prompt="rain", negative="red circle " * 12)
    pipeline(root, "pipeline_pndm", 2550, "another scheduler", scheduler=PNDMScheduler, steps=5)
    pipeline(root, "pipeline_fp16", 2560, "fp16 in .bin files", dtype=torch.float16, file=True)
    pipeline(root, "pipeline_eta", 2570, "noise in every step", eta=0.5, seed=11)
    pipeline(root, "pipeline_seed", 2580, "noise from a seed", eta=0.0, seed=12, give_latents=False)
    pipeline(root, "pipeline_ten_steps", 2590, "the default number of steps, strong guidance", steps=10, guidance=6.0, seconds=0.4, prompt="a dog barks")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--small", action="store_true")
    options = arguments.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for old in options.folder.iterdir():
        if old.name.startswith("audioldm_") or not options.small:
            shutil.rmtree(old)
    small(options.folder)
    if not options.small:
        large(options.folder)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""The diffusers side of io.kinora.benchmarks.DiffusionVsDiffusers: does what it is told on standard input, one line at a time.

    prepare CASE FOLDER    makes the case's network with random weights, saves it as released, with inputs and output
    run CASE               computes once
    memory CASE            computes once, and tells what that adds to the process at its peak

Answers each line with a line of JSON.
"""

import argparse
import ctypes
import json
import os
import pathlib
import sys
import time

import torch
from diffusers import AutoencoderKL, UNet3DConditionModel
from diffusers.models.embeddings import TimestepEmbedding, Timesteps
from diffusers.models.unets.unet_3d_blocks import CrossAttnDownBlock3D
from safetensors.torch import save_file
from torch.utils.flop_counter import FlopCounterMode

FULL = {"block_out_channels": [320, 640, 1280, 1280], "attention_head_dim": 64, "norm_num_groups": 32, "cross_attention_dim": 1024}
QUARTER = {"block_out_channels": [80, 160, 320, 320], "attention_head_dim": 16, "norm_num_groups": 16, "cross_attention_dim": 1024}
TIMESTEP = 501


class LevelZero(torch.nn.Module):
    """The first down block at full width, with the time embedding before it."""

    def __init__(self):
        super().__init__()
        self.time_proj = Timesteps(320, True, 0)
        self.time_embedding = TimestepEmbedding(320, 1280)
        block = CrossAttnDownBlock3D(
            in_channels=320, out_channels=320, temb_channels=1280, num_layers=2, resnet_eps=1e-5, resnet_groups=32,
            cross_attention_dim=1024, num_attention_heads=64, use_linear_projection=True,
        )
        self.down_blocks = torch.nn.ModuleList([block])

    def forward(self, x, context):
        frames = x.shape[0] // context.shape[0]
        emb = self.time_embedding(self.time_proj(torch.tensor([TIMESTEP]))).expand(context.shape[0], -1)
        return self.down_blocks[0](
            x, temb=emb.repeat_interleave(frames, 0), encoder_hidden_states=context.repeat_interleave(frames, 0), num_frames=frames
        )[0]


def guided_step(folder):
    net = UNet3DConditionModel(**QUARTER)
    inputs = {"sample": torch.randn(2, 4, 16, 32, 32), "context": torch.randn(2, 77, 1024)}
    return net, inputs, lambda: net(inputs["sample"], TIMESTEP, inputs["context"]).sample, QUARTER


def level_zero(folder):
    net = LevelZero()
    inputs = {"sample": torch.randn(16, 320, 32, 32), "context": torch.randn(1, 77, 1024)}
    return net, inputs, lambda: net(inputs["sample"], inputs["context"]), FULL


def vae_frame(folder):
    config = {
        "block_out_channels": [128, 256, 512, 512], "layers_per_block": 2, "down_block_types": ["DownEncoderBlock2D"] * 4,
        "up_block_types": ["UpDecoderBlock2D"] * 4, "sample_size": 512,
    }
    net = AutoencoderKL(**config)
    inputs = {"sample": torch.randn(1, 4, 32, 32)}
    return net, inputs, lambda: net.decode(inputs["sample"]).sample, config


CASES = {"guided_step": guided_step, "level_zero": level_zero, "vae_frame": vae_frame}


def prepare(case, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(7)
    net, inputs, run, config = CASES[case](folder)
    for name, p in net.named_parameters():
        if p.dim() == 1:
            torch.nn.init.normal_(p, mean=1.0 if name.endswith(".weight") else 0.0, std=0.1)
        elif ".conv4." in name:
            torch.nn.init.kaiming_uniform_(p, a=5**0.5)
    net.eval()
    with FlopCounterMode(display=False) as counter:
        output = run()
    save_file(dict(net.state_dict()), str(folder / "diffusion_pytorch_model.safetensors"))
    (folder / "config.json").write_text(json.dumps(config))
    save_file({**inputs, "output": output.contiguous()}, str(folder / "case.bin"))
    return run, counter.get_total_flops()


def memory(field):
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    return 0.0


def measure(run):
    cpu, start = time.process_time(), time.perf_counter()
    run()
    return {"seconds": time.perf_counter() - start, "cpu_seconds": time.process_time() - cpu}


def working_memory(run):
    ctypes.CDLL(None).malloc_trim(0)
    pathlib.Path("/proc/self/clear_refs").write_text("5")
    before = memory("VmRSS")
    run()
    return {"working_mib": memory("VmHWM") - before}


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    torch.set_num_threads(parser.parse_args().threads)
    runs = {}
    for line in sys.stdin:
        command, case, *rest = line.split()
        if command == "prepare":
            runs[case], flops = prepare(case, rest[0])
            answer = {"flops": flops, "torch": torch.__version__}
        elif command == "forget":
            del runs[case]
            answer = {}
        elif command == "memory":
            answer = working_memory(runs[case])
        else:
            answer = measure(runs[case])
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

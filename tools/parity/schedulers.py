#!/usr/bin/env python3
"""Walks every sampler of diffusers, with every setting Kinora reads, over a small made-up model, and writes the trajectories.

Usage: python3 tools/parity/schedulers.py   (needs diffusers and torch; writes decoder-3d/src/test/resources/io/kinora/decoder/schedule/)
"""

import json
import pathlib
import platform

import diffusers
import numpy as np
import torch

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = ROOT / "decoder-3d/src/test/resources/io/kinora/decoder/schedule"
NOISE_SEED = 5

MODELSCOPE = {
    "_class_name": "DDIMScheduler",
    "_diffusers_version": "0.15.0.dev0",
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "clip_sample": False,
    "clip_sample_range": 1.0,
    "dynamic_thresholding_ratio": 0.995,
    "num_train_timesteps": 1000,
    "prediction_type": "epsilon",
    "sample_max_value": 1.0,
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
    "steps_offset": 1,
    "thresholding": False,
    "trained_betas": None,
}
SDXL = {
    "_class_name": "EulerDiscreteScheduler",
    "_diffusers_version": "0.19.0.dev0",
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "clip_sample": False,
    "interpolation_type": "linear",
    "num_train_timesteps": 1000,
    "prediction_type": "epsilon",
    "sample_max_value": 1.0,
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
    "steps_offset": 1,
    "timestep_spacing": "leading",
    "trained_betas": None,
    "use_karras_sigmas": False,
}
SD15 = {
    "_class_name": "PNDMScheduler",
    "_diffusers_version": "0.6.0",
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "num_train_timesteps": 1000,
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
    "steps_offset": 1,
    "trained_betas": None,
    "clip_sample": False,
}
SVD = {
    "_class_name": "EulerDiscreteScheduler",
    "_diffusers_version": "0.24.0.dev0",
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "clip_sample": False,
    "interpolation_type": "linear",
    "num_train_timesteps": 1000,
    "prediction_type": "v_prediction",
    "set_alpha_to_one": False,
    "sigma_max": 700.0,
    "sigma_min": 0.002,
    "skip_prk_steps": True,
    "steps_offset": 1,
    "timestep_spacing": "leading",
    "timestep_type": "continuous",
    "trained_betas": None,
    "use_karras_sigmas": True,
}
DPM = "DPMSolverMultistepScheduler"
EULER = "EulerDiscreteScheduler"
ANCESTRAL = "EulerAncestralDiscreteScheduler"
PNDM = "PNDMScheduler"
DDIM = "DDIMScheduler"


def case(name, base, steps, cls=None, start=0, eta=0.0, scale=1.0, **changes):
    return {"name": name, "config": {**base, **changes}, "class": cls, "steps": steps, "start": start, "eta": eta, "scale": scale}


V = {"prediction_type": "v_prediction"}
X0 = {"prediction_type": "sample"}
CASES = [
    case("ddim modelscope 5", MODELSCOPE, 5),
    case("ddim modelscope 30", MODELSCOPE, 30),
    case("ddim one step", MODELSCOPE, 1),
    case("ddim from the middle", MODELSCOPE, 6, start=2),
    case("ddim v, trailing, zero snr, alpha to one", MODELSCOPE, 5, timestep_spacing="trailing", rescale_betas_zero_snr=True, set_alpha_to_one=True, **V),
    case("ddim sample, linspace, clipped", MODELSCOPE, 5, timestep_spacing="linspace", clip_sample=True, clip_sample_range=1.5, **X0),
    case("ddim epsilon, thresholding", MODELSCOPE, 5, thresholding=True, dynamic_thresholding_ratio=0.7, sample_max_value=1.8),
    case("ddim eta 0.6", MODELSCOPE, 5, eta=0.6),
    case("ddim eta 1, trailing 7", MODELSCOPE, 7, eta=1.0, timestep_spacing="trailing"),
    case("ddim linear betas, defaults of the class", {"_class_name": DDIM}, 5),
    case("ddim cosine betas", MODELSCOPE, 5, beta_schedule="squaredcos_cap_v2"),
    case("ddim trained betas", MODELSCOPE, 4, trained_betas=[0.01 * (i + 1) for i in range(20)], num_train_timesteps=20),
    case("ddim from sdxl's euler file", SDXL, 5, cls=DDIM),
    case("dpm++ from modelscope's ddim file, 5", MODELSCOPE, 5, cls=DPM),
    case("dpm++ from modelscope's ddim file, 25", MODELSCOPE, 25, cls=DPM),
    case("dpm++ 16", MODELSCOPE, 16, cls=DPM),
    case("dpm++ one step", MODELSCOPE, 1, cls=DPM),
    case("dpm++ from the middle", MODELSCOPE, 8, cls=DPM, start=3),
    case("dpm++ order 1", MODELSCOPE, 5, cls=DPM, solver_order=1),
    case("dpm++ order 3", MODELSCOPE, 7, cls=DPM, solver_order=3),
    case("dpm++ order 3, 16 steps, sigma_min", MODELSCOPE, 16, cls=DPM, solver_order=3, final_sigmas_type="sigma_min"),
    case("dpm++ heun, leading", MODELSCOPE, 6, cls=DPM, solver_type="heun", timestep_spacing="leading"),
    case("dpm++ trailing, euler at final", MODELSCOPE, 6, cls=DPM, timestep_spacing="trailing", euler_at_final=True, lower_order_final=False, final_sigmas_type="sigma_min"),
    case("dpm++ no lower order", MODELSCOPE, 6, cls=DPM, lower_order_final=False, final_sigmas_type="sigma_min"),
    case("dpm++ karras", MODELSCOPE, 10, cls=DPM, use_karras_sigmas=True),
    case("dpm++ karras with sigma limits of another class", SDXL, 6, cls=DPM, use_karras_sigmas=True, sigma_min=0.05, sigma_max=12.0),
    case("dpm++ lu", MODELSCOPE, 8, cls=DPM, use_lu_lambdas=True),
    case("dpm++ exponential", MODELSCOPE, 8, cls=DPM, use_exponential_sigmas=True),
    case("dpm++ v, zero snr, trailing", MODELSCOPE, 6, cls=DPM, rescale_betas_zero_snr=True, timestep_spacing="trailing", **V),
    case("dpm++ sample", MODELSCOPE, 6, cls=DPM, **X0),
    case("dpm++ thresholding", MODELSCOPE, 6, cls=DPM, thresholding=True, dynamic_thresholding_ratio=0.8, sample_max_value=2.0),
    case("dpm++ cosine, lambda clipped, karras", MODELSCOPE, 6, cls=DPM, beta_schedule="squaredcos_cap_v2", lambda_min_clipped=-5.1, use_karras_sigmas=True),
    case("dpm++ cosine, lambda clipped, linspace", MODELSCOPE, 6, cls=DPM, beta_schedule="squaredcos_cap_v2", lambda_min_clipped=-5.1),
    case("dpm midpoint", MODELSCOPE, 6, cls=DPM, algorithm_type="dpmsolver", final_sigmas_type="sigma_min"),
    case("dpm heun, v", MODELSCOPE, 6, cls=DPM, algorithm_type="dpmsolver", final_sigmas_type="sigma_min", solver_type="heun", **V),
    case("dpm order 3, sample, thresholding", MODELSCOPE, 16, cls=DPM, algorithm_type="dpmsolver", final_sigmas_type="sigma_min", solver_order=3, thresholding=True, sample_max_value=3.0, **X0),
    case("sde-dpm++ midpoint", MODELSCOPE, 6, cls=DPM, algorithm_type="sde-dpmsolver++"),
    case("sde-dpm++ heun", MODELSCOPE, 6, cls=DPM, algorithm_type="sde-dpmsolver++", solver_type="heun"),
    case("sde-dpm++ order 3", MODELSCOPE, 16, cls=DPM, algorithm_type="sde-dpmsolver++", solver_order=3),
    case("sde-dpm midpoint", MODELSCOPE, 6, cls=DPM, algorithm_type="sde-dpmsolver", final_sigmas_type="sigma_min"),
    case("sde-dpm heun", MODELSCOPE, 6, cls=DPM, algorithm_type="sde-dpmsolver", final_sigmas_type="sigma_min", solver_type="heun"),
    case("euler sdxl 5", SDXL, 5),
    case("euler sdxl 20", SDXL, 20),
    case("euler from the middle", SDXL, 5, start=2),
    case("euler linspace, log linear", SDXL, 6, timestep_spacing="linspace", interpolation_type="log_linear"),
    case("euler linspace", SDXL, 6, timestep_spacing="linspace"),
    case("euler trailing, sigma_min, v", SDXL, 6, timestep_spacing="trailing", final_sigmas_type="sigma_min", **V),
    case("euler karras", SDXL, 6, use_karras_sigmas=True),
    case("euler exponential, sample", SDXL, 6, use_exponential_sigmas=True, **X0),
    case("euler stable video diffusion", SVD, 6),
    case("euler zero snr, v, trailing", SDXL, 5, rescale_betas_zero_snr=True, timestep_spacing="trailing", **V),
    case("euler from modelscope's ddim file", MODELSCOPE, 5, cls=EULER),
    case("ancestral from modelscope's ddim file", MODELSCOPE, 5, cls=ANCESTRAL),
    case("ancestral leading, v", SDXL, 6, cls=ANCESTRAL, **V),
    case("pndm sd 1.5", SD15, 7),
    case("pndm sd 1.5, 20", SD15, 20),
    case("pndm one step", SD15, 1),
    case("pndm two steps", SD15, 2),
    case("pndm from the middle", SD15, 8, start=3),
    case("pndm v, linspace", SD15, 7, timestep_spacing="linspace", **V),
    case("pndm trailing, alpha to one", SD15, 7, timestep_spacing="trailing", set_alpha_to_one=True),
    case("pndm runge-kutta", SD15, 9, skip_prk_steps=False),
    case("pndm runge-kutta, v, four steps", SD15, 4, skip_prk_steps=False, **V),
    case("pndm from modelscope's ddim file", MODELSCOPE, 6, cls=PNDM),
]


def model(sample, i):
    k = torch.arange(1, sample.numel() + 1, dtype=torch.float64).reshape(sample.shape)
    return 0.3 * sample + (0.1 * torch.sin(k + i)).to(torch.float32)


def run(c):
    cls = getattr(diffusers, c["class"] or c["config"]["_class_name"])
    scheduler = cls.from_config(dict(c["config"]))
    scheduler.set_timesteps(c["steps"])
    timesteps = scheduler.timesteps
    clean = torch.tensor([[0.5, -1.0, 0.25], [2.0, -0.125, 0.75]]).unsqueeze(-1) * c["scale"]
    noise = torch.tensor([[0.3, 0.9, -1.4], [-0.2, 1.1, 0.6]]).unsqueeze(-1)
    start = c["start"]
    generator = torch.Generator().manual_seed(NOISE_SEED)
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(start)
    if start:
        sample = scheduler.add_noise(clean, noise, timesteps[start : start + 1].repeat(2))
        first = sample
    else:
        sample = clean * scheduler.init_noise_sigma
        first = sample
    inputs, samples = [], []
    for i, t in enumerate(timesteps[start:], start):
        given = scheduler.scale_model_input(sample, t)
        extra = {}
        if cls.__name__ == DDIM:
            extra["eta"] = c["eta"]
        if cls.__name__ in (DDIM, DPM, ANCESTRAL, EULER):
            extra["generator"] = generator
        sample = scheduler.step(model(given, i), t, sample, **extra).prev_sample
        inputs.append(given)
        samples.append(sample)
    sigma = scheduler.init_noise_sigma
    return {
        **{k: v for k, v in c.items() if k != "scale"},
        "timesteps": numbers(timesteps),
        "init_noise_sigma": round9(float(sigma)),
        "first": numbers(first),
        "inputs": [numbers(x) for x in inputs] if "Euler" in cls.__name__ else [],
        "samples": [numbers(x) for x in samples],
    }


def round9(x):
    return float(f"{x:.8g}")


def numbers(tensor):
    return [round9(float(x)) for x in tensor.flatten().tolist()]


def main():
    TARGET.mkdir(parents=True, exist_ok=True)
    results = [run(c) for c in CASES]
    lines = ",\n".join(json.dumps(r, separators=(",", ":")) for r in results)
    (TARGET / "trajectories.json").write_text(f"[\n{lines}\n]\n")
    (TARGET / "ORIGIN.md").write_text(
        "# trajectories.json\n\n"
        "Written by `tools/parity/schedulers.py` (which lists the cases and the made-up model), in float32 on CPU, with "
        f"Python {platform.python_version()}, torch {torch.__version__.split('+')[0]}, diffusers {diffusers.__version__}, "
        f"numpy {np.__version__}. Noise of stochastic samplers: `torch.Generator().manual_seed({NOISE_SEED})`.\n\n"
        "Each line: the configuration file, the class built from it (null: its own), steps asked for, first evaluation, eta; then the timesteps, "
        "the standard deviation of the first sample, the first sample, the model's inputs (where they are scaled) and the sample after "
        "each evaluation, of shape [2, 3, 1].\n"
    )


if __name__ == "__main__":
    main()

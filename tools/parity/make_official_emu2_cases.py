#!/usr/bin/env python3
"""Makes parity cases of Emu2 with the authors' own code, in every form that a released folder and a prompt can have.

    pip install torch torchvision safetensors sentencepiece pillow==10.4.0 transformers==4.31.0 tokenizers==0.13.3
    python tools/parity/make_official_emu2_cases.py FOLDER --emu PATH/TO/Emu/Emu2 --tokenizer FOLDER_OF_A_tokenizer.model [--small]

`--emu` is a checkout of github.com/baaivision/Emu. Pillow 13 resizes in another order than Pillow of the authors' time where one side grows
and the other shrinks. `--small` makes the few that the tests read. Tolerances are ten times the distance
between the authors' code in single and in double precision, at least 1e-5 of the largest value.
"""

import argparse
import copy
import json
import shutil
import sys
from pathlib import Path

import numpy
import safetensors.torch
import torch
from PIL import Image

from randomness import SEED, generator, randomise, rounded
from reduced import in_stages, reduce_layers

torch.set_num_threads(1)


def in_own_type(call):
    """The library of that time makes its masks in torch's default type."""

    def wrapped(self, *arguments, **named):
        torch.set_default_dtype(self.model.dtype())
        try:
            return call(self, *arguments, **named)
        finally:
            torch.set_default_dtype(torch.float32)

    return wrapped


class Official:
    """The authors' model at a small size with random weights, and its released form on disk."""

    def __init__(self, work, tokenizer, offset, chat=False, dtype=torch.bfloat16, image_size=56, patch=14, width=24, head_width=8,
                 layers=2, n_query=4, v_query=1, hidden=32, heads=4, kv_heads=None, depth=3, intermediate=56, spread=1.0):
        from emu.chat import EmuChatGeneration
        from emu.conf.emu_conf import CLIPVisionCfg, TextDecoderCfg
        from emu.diffusion import EmuVisualGeneration
        from emu.emu import EmuModel

        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        shutil.copy(tokenizer / "tokenizer.model", work)
        (work / "tokenizer_config.json").write_text(json.dumps(dict(
            add_bos_token=True, add_eos_token=False, bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token=None,
            clean_up_tokenization_spaces=False, model_max_length=2048, legacy=True, tokenizer_class="LlamaTokenizer")))
        language = dict(
            vocab_size=64, hidden_size=hidden, intermediate_size=intermediate, num_hidden_layers=depth, num_attention_heads=heads,
            num_key_value_heads=kv_heads or heads, max_position_embeddings=2048, rms_norm_eps=1e-6, hidden_act="silu",
            bos_token_id=1, eos_token_id=2, tie_word_embeddings=False, pretraining_tp=1, model_type="llama", use_cache=True,
            architectures=["LlamaForCausalLM"])
        (work / "config.json").write_text(json.dumps(language))
        vision = CLIPVisionCfg(image_size=image_size, patch_size=patch, width=width, layers=layers, head_width=head_width,
                               n_query=n_query, v_query=v_query)
        model = EmuModel(vision_cfg=vision, text_decoder_cfg=TextDecoderCfg(llama_config_path=str(work), instruct=chat)).float()
        self.model = rounded(randomise(model, offset), dtype)
        with torch.no_grad():  # answers that say different things
            self.model.decoder.lm.lm_head.weight.mul_(spread)
        rounded(self.model, dtype)
        self.dtype = dtype
        self.chat = chat
        self.tokenizer = self.model.decoder.tokenizer
        self.image_size = image_size
        self.runner = EmuChatGeneration(self.model, eva_size=image_size)
        self.pipeline = EmuVisualGeneration
        self.config = dict(
            language, architectures=["EmuForCausalLM"], model_version="chat" if chat else "base", d_model=width,
            vocab_size=len(self.tokenizer), pad_token_id=self.tokenizer.pad_token_id, rope_scaling=None, torch_dtype=str(dtype)[6:],
            vision_config=dict(
                drop_path_rate=0, eva_model_name="eva-clip-E-14-plus", head_width=head_width, image_size=image_size,
                intermediate_size=int(width * vision.mlp_ratio), layer_norm_eps=1e-6, layers=layers, mlp_ratio=vision.mlp_ratio,
                n_query=n_query, patch_size=patch, postnorm=True, qkv_bias=True, v_query=v_query, width=width, xattn=False))
        self.config.pop("model_type")

    # ---- released forms

    def state(self, form):
        state = {n: t.detach().to(self.dtype).contiguous().clone() for n, t in self.model.state_dict().items()}
        if form == "native":
            return state
        fused = {}
        for name, tensor in state.items():
            if name.endswith("attn.v_bias"):
                continue
            if name.endswith("attn.q_bias"):
                value = state[name.replace("q_bias", "v_bias")]
                name, tensor = name.replace("q_bias", "qkv.bias"), torch.cat([tensor, torch.zeros_like(tensor), value])
            fused[name if name.startswith("project_") else "model." + name] = tensor
        return fused

    def save(self, folder, layout):
        """Layouts: hf bin, hf sharded, native bin, native pth, gen, native gen."""
        folder.mkdir(parents=True)
        inner = folder / "multimodal_encoder" if layout == "gen" else folder
        inner.mkdir(exist_ok=True)
        (inner / "config.json").write_text(json.dumps(self.config, indent=1) + "\n")
        self.tokenizer.save_pretrained(folder / "tokenizer" if layout == "gen" else folder)
        state = self.state("native" if layout.startswith("native") else "hf")
        if layout == "hf bin":
            torch.save(state, folder / "pytorch_model.bin")
        elif layout == "native bin":
            torch.save(state, folder / "Emu2_pytorch_model.bf16.bin")
        elif layout == "native pth":
            torch.save(state, folder / "Emu2-Chat_pytorch_model.bf16.pth")
        elif layout == "native gen":
            whole = {"multimodal_encoder." + n: t for n, t in state.items()}
            whole["unet.conv_in.weight"] = torch.zeros(2)
            whole["vae.post_quant_conv.bias"] = torch.zeros(2)
            whole["safety_checker.concept_embeds"] = torch.zeros(2)
            safetensors.torch.save_file(whole, folder / "Emu2-Gen_pytorch_model.bf16.safetensors", metadata={"format": "pt"})
        elif layout == "hf safetensors":
            safetensors.torch.save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
        else:
            names = sorted(state)
            files = {}
            for i in range(3):
                part = {n: state[n] for n in names[i::3]}
                if layout == "gen":
                    file = f"model.bf16-{i + 1:05}-of-00003.safetensors"
                    safetensors.torch.save_file(part, inner / file, metadata={"format": "pt"})
                else:
                    file = f"pytorch_model-{i + 1:05}-of-00003.bin"
                    torch.save(part, inner / file)
                files.update(dict.fromkeys(part, file))
            index = {"metadata": {"total_size": sum(t.numel() * t.element_size() for t in state.values())}, "weight_map": files}
            name = "model.safetensors.index.bf16.json" if layout == "gen" else "pytorch_model.bin.index.json"
            (inner / name).write_text(json.dumps(index, indent=1) + "\n")
        for file in folder.rglob("*"):
            if file.is_file():
                file.chmod(0o644)

    def double(self):
        other = copy.copy(self)
        other.model = copy.deepcopy(self.model).double()
        other.runner = copy.copy(self.runner)
        object.__setattr__(other.runner, "_modules", dict(self.runner._modules, emu_model=other.model))
        return other

    # ---- what it computes

    def pixel_values(self, pictures):
        return torch.stack([self.runner.transform(p) for p in pictures]).to(self.model.dtype())

    @torch.no_grad()
    def encode_image(self, picture):
        values = self.pixel_values([picture])
        image = self.model.encode_image(values)
        frames = self.model.encode_image(values, n_query=self.model.v_query)
        return dict(pixel_values=values, image_embeds=image, frame_embeds=frames, projected=self.model.project_up(image))

    def prompt(self, inputs, grounding):
        if isinstance(inputs[0], list):
            return self.runner._prepare_chat_inputs(inputs, grounding, dtype=self.model.dtype())
        return self.runner._prepare_inputs(inputs, dtype=self.model.dtype())

    def listen(self, call):
        """Ids, rows and logits that the authors' code gives to, and gets from, the language model in a call."""
        seen = {}
        lm, tokenizer = self.model.decoder.lm, self.model.decoder.tokenizer
        generate, forward = lm.generate, tokenizer.__class__.__call__

        def listening(**arguments):
            seen.setdefault("input_embeds", arguments["inputs_embeds"].clone())
            seen["logits"] = lm(inputs_embeds=arguments["inputs_embeds"], attention_mask=arguments["attention_mask"]).logits[:, -1]
            seen["tokens"] = generate(**arguments)
            return seen["tokens"]

        def tokenizing(self, *arguments, **named):
            found = forward(self, *arguments, **named)
            seen.setdefault("input_ids", found["input_ids"])
            return found

        lm.generate, tokenizer.__class__.__call__ = listening, tokenizing
        try:
            with torch.no_grad():
                seen["result"] = call()
        finally:
            lm.generate, tokenizer.__class__.__call__ = generate, forward
            del lm.generate
        return seen

    @in_own_type
    def answer(self, inputs, grounding=False, skip=True, count=10):
        found = self.listen(lambda: self.runner(
            inputs, is_grounding=grounding, num_beams=1, max_new_tokens=count, skip_special_tokens=skip))
        tokens = found["tokens"]
        if tokens[0, 0] == 1:  # the generation of that time begins with one made-up token
            tokens = tokens[:, 1:]
        text = self.tokenizer.batch_decode(tokens, skip_special_tokens=skip)[0]
        return dict(input_ids=found["input_ids"], input_embeds=found["input_embeds"], logits=found["logits"], token_ids=tokens,
                    text=text)

    @in_own_type
    def embeddings(self, prompt):
        transform = self.runner.transform
        texts = "".join(part if isinstance(part, str) else "[<IMG_PLH>]" for part in prompt)
        pictures = [part for part in prompt if not isinstance(part, str)]
        values = self.pixel_values(pictures) if pictures else None
        if pictures and len(pictures) == len(prompt):
            with torch.no_grad():
                return dict(embeddings=self.model.encode_image(values), negative_embeddings=self.model.encode_image(values * 0))
        found = self.listen(lambda: self.model.generate_image(text=[texts], image=values))
        with torch.no_grad():
            negative = self.model.generate_image(text=[""])
        return dict(input_ids=found["input_ids"], embeddings=found["result"], negative_embeddings=negative)


def compare(name, single, double):
    if not single.is_floating_point():
        return {"tensor": f"output.{name}", "atol": 0, "rtol": 0}
    noise = float((single.double() - double).abs().max())
    peak = float(single.abs().max())
    return {"tensor": f"output.{name}", "rtol": 1e-5, "atol": max(10 * noise, 1e-5 * peak), "noise": noise, "peak": peak}


class Cases:
    def __init__(self, root, tokenizer, work):
        self.root, self.tokenizer, self.work = root, tokenizer, work
        self.random = numpy.random.default_rng(SEED)

    def picture(self, width, height):
        """A picture with edges and gradients and noise, so that resizing is seen."""
        y, x = numpy.mgrid[0:height, 0:width]
        waves = 127 + 80 * numpy.sin(x[..., None] / (3 + numpy.arange(3))) + 40 * numpy.cos(y[..., None] / 5)
        noise = self.random.integers(-30, 31, (height, width, 3))
        return Image.fromarray(numpy.clip(waves + noise, 0, 255).astype(numpy.uint8))

    def write(self, name, component, inputs, single, double, note, **more):
        folder = self.root / name
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {}

        def described(value):
            if isinstance(value, Image.Image):
                key = f"pixels_{len(tensors)}"
                tensors["input." + key] = torch.from_numpy(numpy.array(value))
                return {"tensor": "input." + key}
            return [described(v) for v in value] if isinstance(value, list) else value

        inputs = {n: described(v) for n, v in inputs.items()}
        outputs = {}
        for key, value in single.items():
            if isinstance(value, torch.Tensor):
                tensors["output." + key] = value.detach().contiguous()
                outputs[key] = compare(key, value, double[key])
            else:
                outputs[key] = {"value": value}
        case = {"component": component, "checkpoint": "checkpoint", **more, "inputs": inputs, "outputs": outputs, "note": note}
        (folder / "case.json").write_text(json.dumps(case, indent=1, ensure_ascii=False) + "\n")
        safetensors.torch.save_file(tensors, folder / "tensors.safetensors")
        (folder / "tensors.safetensors").chmod(0o644)

    def model(self, offset, **sizes):
        return Official(self.work, self.tokenizer, offset, **sizes)

    def encode(self, name, model, picture, note, **more):
        self.write(name, "emu2.encode_image", {"pixels": picture}, model.encode_image(picture), model.double().encode_image(picture),
                   note, **more)

    def logits(self, name, model, messages, note, grounding=False, **more):
        inputs = {"messages": messages, **({"is_grounding": True} if grounding else {})}
        single, double = (m.answer(messages, grounding, count=1) for m in (model, model.double()))
        wanted = ("input_ids", "input_embeds", "logits")
        self.write(name, "emu2.logits", inputs, {n: single[n] for n in wanted}, {n: double[n] for n in wanted}, note, **more)

    def greedy(self, name, model, messages, note, grounding=False, skip=True, count=10, **more):
        inputs = {"messages": messages, "max_new_tokens": count, **({"is_grounding": True} if grounding else {}),
                  **({} if skip else {"skip_special_tokens": False})}
        single, double = (m.answer(messages, grounding, skip, count) for m in (model, model.double()))
        if not torch.equal(single["token_ids"], double["token_ids"]):
            raise SystemExit(f"{name}: two tokens are too close to call, choose another seed")
        single.pop("input_embeds")
        self.write(name, "emu2.greedy", inputs, single, double, note, **more)

    def generate(self, name, model, prompt, note, **more):
        self.write(name, "emu2.generate_embeddings", {"prompt": prompt}, model.embeddings(prompt), model.double().embeddings(prompt),
                   note, **more)


def small(cases):
    chat = cases.model(2000, chat=True, spread=2, hidden=16, heads=2, intermediate=24, depth=2, width=16)
    frames = [cases.picture(20 + i, 30) for i in range(3)]
    messages = [["[VIDEO]", *frames, "[/VIDEO]", "What moves?", cases.picture(9, 23)], ["a <phrase>square</phrase>"], [" and then ? "]]
    cases.greedy("emu2_chat", chat, messages, "two turns with a clip and a picture, special tokens in a text; answer with its special tokens",
                 skip=False)
    chat.save(cases.root / "emu2_chat" / "checkpoint", "native pth")
    in_stages(cases.root, "emu2_chat", 2)
    picture = cases.picture(61, 33)
    cases.encode("emu2_encode", chat, picture, "a picture that is not square", **{"checkpoint": "../emu2_chat/checkpoint"})
    reduce_layers(chat.model.decoder.lm, "int8")
    cases.logits("emu2_chat_int8", chat, messages, "matrices in int8; the reference computes with what the codes stand for",
                 **{"checkpoint": "../emu2_chat/checkpoint", "config": {"language_weights": "int8", "stages": 2}})
    gen = cases.model(2010, n_query=4, width=16, hidden=16, intermediate=24, depth=2)
    cases.generate("emu2_embeddings", gen, ["<grounding>", "a red circle", "<phrase>circle</phrase><object>", cases.picture(56, 56), "</object>"],
                   "a grounded prompt to regressed embeddings")
    gen.save(cases.root / "emu2_embeddings" / "checkpoint", "gen")
    in_stages(cases.root, "emu2_embeddings", 2)


def large(cases):
    chat = cases.model(3000, chat=True, image_size=112, n_query=16, v_query=4, layers=3, spread=2)
    home = {"checkpoint": "../chat_one_image/checkpoint"}
    frame = lambda: cases.picture(32, 24)  # noqa: E731
    cases.logits("chat_one_image", chat, [[cases.picture(75, 131), "describe the image in details:"]], "one picture")
    chat.save(cases.root / "chat_one_image" / "checkpoint", "hf sharded")
    cases.logits("chat_text_only", chat, [["What is a square?"]], "no picture", **home)
    cases.logits("chat_empty_text", chat, [[""]], "an empty question", **home)
    cases.logits("chat_three_images", chat, [[cases.picture(3, 500), " and ", cases.picture(500, 3), "\n", cases.picture(1, 1), "?"]],
                 "three pictures of odd sizes", **home)
    for count in (8, 12, 16):
        cases.logits(f"chat_video_{count}", chat, [["[VIDEO]", *[frame() for _ in range(count)], "[/VIDEO]", "What happens in the video?"]],
                     f"a clip of {count} frames", **home)
    cases.logits("chat_video_open", chat, [["[VIDEO]", frame(), frame()], ["ok"], [cases.picture(40, 40), "and this?"]],
                 "a clip without end marker; the next turn begins with a still picture", **home)
    cases.logits("chat_video_text_between", chat, [["[VIDEO]", frame(), "then", frame(), "[/VIDEO]", cases.picture(8, 9), "same?"]],
                 "text between frames", **home)
    cases.logits("chat_two_videos", chat, [["First ", "[VIDEO]", frame(), frame(), "[/VIDEO]", " second ", "[VIDEO]", frame(), "[/VIDEO]", "differ?"]],
                 "two clips", **home)
    cases.logits("chat_image_before_video", chat, [[cases.picture(30, 60), "[VIDEO]", frame(), "[/VIDEO]", "Is it there?"]], "picture, then clip", **home)
    cases.logits("chat_turns", chat, [[cases.picture(50, 20), "What is it?"], ["a square"], ["more "], ["  yes "], [cases.picture(20, 50), " this?"]],
                 "three turns with pictures in two", **home)
    cases.logits("chat_grounding", chat, [[cases.picture(100, 60), "Where is the squirrel?"]], "grounding", grounding=True, **home)
    cases.logits("chat_grounding_turns", chat, [["Hi"], ["Hello!"], [cases.picture(100, 60), "Where is the cat?"]], "grounding, two turns", grounding=True, **home)
    cases.logits("chat_specials", chat, [["a</s>b <s> [USER] <unk>", cases.picture(30, 30), "<REC><patch_index_0003> [PAD]x"]], "special tokens in texts", **home)
    cases.logits("chat_unicode", chat, [["Что это? 日本 🙂\t\n ", frame(), "ﬁ ½"]], "letters that the tokenizer spells in bytes", **home)
    cases.logits("chat_flat", chat, [cases.picture(33, 44), "[red, white, 3, bottom left].", cases.picture(44, 33)], "a plain list, no template", **home)
    for skip in (True, False):
        cases.greedy(f"chat_greedy_{skip}", chat, [[cases.picture(64, 48), "What is this?"]], "64 tokens", skip=skip, count=64, **home)
    cases.greedy("chat_greedy_grounding", chat, [[cases.picture(64, 48), "Where?"]], "grounding", grounding=True, skip=False, **home)
    cases.greedy("chat_greedy_video", chat, [["[VIDEO]", *[frame() for _ in range(8)], "[/VIDEO]", "What?"]], "clip", count=20, **home)
    for w, h in ((112, 112), (1, 1), (1, 300), (300, 1), (113, 111), (640, 480), (56, 56), (2, 900)):
        cases.encode(f"encode_{w}x{h}", chat, cases.picture(w, h), f"{w}x{h} pixels", **home)

    for i, (layout, dtype, weights) in enumerate((
            ("hf bin", torch.float32, None), ("native bin", torch.bfloat16, None), ("native pth", torch.float16, None),
            ("hf safetensors", torch.float16, None), ("native gen", torch.bfloat16, "Emu2-Gen_pytorch_model.bf16.safetensors"),
            ("native bin", torch.bfloat16, "Emu2_pytorch_model.bf16.bin"), ("gen", torch.bfloat16, None))):
        base = cases.model(4000 + i, dtype=dtype, kv_heads=2 if i == 3 else None)
        name = "base_" + layout.replace(" ", "_") + ("_named" if weights and "native bin" == layout else "")
        more = {"weights": weights} if weights else {}
        cases.logits(name, base, [cases.picture(30, 20), "[red, white].", cases.picture(20, 30), "[yellow] "], f"base, {layout}", **more)
        base.save(cases.root / name / "checkpoint", layout)
    floor = cases.model(4100, image_size=98, n_query=1, v_query=4)  # 7x7 patches in windows of 3
    cases.encode("encode_floor", floor, cases.picture(50, 60), "a grid that windows do not tile")
    floor.save(cases.root / "encode_floor" / "checkpoint", "hf bin")
    ends = None
    for offset in range(4200, 4400):
        ends = cases.model(offset, chat=True, spread=1.5)
        with torch.no_grad():
            ends.model.decoder.lm.lm_head.weight[2] *= 2
        found = ends.answer([["Is it red?"]], count=10)["token_ids"][0].tolist()
        if 2 in found and 2 < len(found) < 9:
            break
    cases.greedy("chat_greedy_end", ends, [["Is it red?"]], "an answer that ends")
    ends.save(cases.root / "chat_greedy_end" / "checkpoint", "hf sharded")

    gen = cases.model(5000, n_query=16, v_query=4, image_size=112)
    home = {"checkpoint": "../gen_text/checkpoint"}
    cases.generate("gen_text", gen, ["impressionist painting of an astronaut in a jungle"], "text to image")
    gen.save(cases.root / "gen_text" / "checkpoint", "gen")
    cases.generate("gen_edit", gen, [cases.picture(75, 40), "wearing a red hat on the beach."], "editing", **home)
    cases.generate("gen_subject", gen, ["An image of", cases.picture(30, 31), "wearing a big sunglasses on the beach"], "subject-driven", **home)
    cases.generate("gen_grounded", gen, ["<grounding>", "An oil painting of three dogs,", "<phrase>the first dog</phrase><object>", cases.picture(448, 448),
                   "</object>", cases.picture(60, 61), "<phrase>the second dog</phrase><object>", cases.picture(448, 448), "</object>"], "grounded", **home)
    cases.generate("gen_forced", gen, ["", cases.picture(30, 31)], "a picture with an empty text", **home)
    cases.generate("gen_forced_behind", gen, [cases.picture(30, 31), ""], "a picture, then an empty text", **home)
    cases.generate("gen_empty", gen, [""], "an empty text", **home)
    cases.generate("gen_texts", gen, ["a ", " b", "c "], "several texts", **home)
    cases.generate("gen_autoencode", gen, [cases.picture(130, 131)], "a picture alone", **home)
    cases.generate("gen_two_images", gen, [cases.picture(20, 21), cases.picture(41, 40), " together "], "two pictures", **home)
    for name, subfolder, weights in (("eva_gen_subfolder", "multimodal_encoder", None), ("eva_gen", None, None)):
        values = torch.randn(2, 3, 112, 112, generator=generator(7))
        with torch.no_grad():
            single, double = gen.model.visual(values), gen.double().model.visual(values.double())
        folder = cases.root / name
        cases.write(name, "eva_clip", {"pixel_values": {"tensor": "input.pixel_values"}}, {"tokens": single}, {"tokens": double}, "HF keys",
                    **home, **({"subfolder": subfolder} if subfolder else {}))
        stored = safetensors.torch.load_file(folder / "tensors.safetensors")
        safetensors.torch.save_file(dict(stored, **{"input.pixel_values": values}), folder / "tensors.safetensors")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--emu", type=Path, required=True)
    arguments.add_argument("--tokenizer", type=Path, required=True)
    arguments.add_argument("--work", type=Path, default=Path("/tmp/official-emu2"))
    arguments.add_argument("--small", action="store_true")
    options = arguments.parse_args()
    sys.path.insert(0, str(options.emu))
    options.folder.mkdir(parents=True, exist_ok=True)
    cases = Cases(options.folder, options.tokenizer, options.work)
    if options.small:
        for name in ("emu2_chat", "emu2_chat_stages", "emu2_chat_int8", "emu2_encode", "emu2_embeddings", "emu2_embeddings_stages"):
            shutil.rmtree(options.folder / name, ignore_errors=True)
        small(cases)
    else:
        for old in options.folder.iterdir():
            shutil.rmtree(old)
        large(cases)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""What io.kinora.benchmarks.LanguageModelVsTransformers is compared with; does what it is told on standard input, one line at a time.

    load KIND LAYERS WEIGHTS    eva, 1.1b or 33b; WEIGHTS is f32 (PyTorch, transformers), q8_0 or q4_0 (llama.cpp)
    run OPERATION CALLS         encode; prefill, decode1, decode8: {"seconds": of a call}
    output OPERATION            {"values": the last row's first sixteen numbers}
    forget

Answers each line with a line of JSON. The weights are those of io.kinora.benchmarks.TiledWeights. LLaMA's layers are transformers' LlamaModel
with its fused attention and its cache; EVA's block, which transformers does not have, is written here with PyTorch's own operations. For
llama.cpp (package llama-cpp-python) the same layers are written to a GGUF file with a vocabulary of 256 tokens. Argument: number of threads.
"""
import json
import os
import sys
import tempfile
import time
import zlib

import numpy as np
import torch
import torch.nn.functional as F

THREADS = int(sys.argv[1])
torch.set_num_threads(THREADS)
torch.set_grad_enabled(False)

TILE = torch.randn(1_000_003, generator=torch.Generator().manual_seed(0))
PROMPT, BEFORE, VOCABULARY = 1100, 128, 256
SHAPES = {
    "1.1b": dict(hidden_size=2048, intermediate_size=5632, num_attention_heads=32, num_key_value_heads=4),
    "33b": dict(hidden_size=6656, intermediate_size=17920, num_attention_heads=52, num_key_value_heads=52),
}


def noise(name, *shape):
    count = int(np.prod(shape))
    start = zlib.crc32(name.encode()) % len(TILE)
    return TILE.repeat((start + count + len(TILE) - 1) // len(TILE))[start : start + count].view(shape)


def weight(name, *shape):
    scaled = noise(name, *shape) * 0.02
    return scaled + 1 if len(shape) == 1 else scaled


class Eva:
    """The patches of one picture and one block."""

    def __init__(self, layers, width=1792, heads=16, hidden=15360):
        self.heads, self.width = heads, width
        self.patches = weight("patch_embed.proj.weight", width, 3, 14, 14), weight("patch_embed.proj.bias", width)
        self.cls, self.positions = weight("cls_token", 1, 1, width), weight("pos_embed", 1, 1025, width)
        shapes = {"attn.qkv": (3 * width, width), "attn.proj": (width, width), "mlp.fc1": (hidden, width), "mlp.fc2": (width, hidden)}
        self.linear = {n: (weight(f"blocks.0.{n}.weight", *s), weight(f"blocks.0.{n}.bias", s[0])) for n, s in shapes.items()}
        self.norms = {n: (weight(f"blocks.0.{n}.weight", width), weight(f"blocks.0.{n}.bias", width)) for n in ("norm1", "norm2")}
        self.pixels = noise("pixels", 1, 3, 448, 448)

    def norm(self, name, x):
        return F.layer_norm(x, (self.width,), *self.norms[name], eps=1e-6)

    def encode(self):
        x = F.conv2d(self.pixels, *self.patches, stride=14).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls, x], 1) + self.positions
        n, t, w = x.shape
        q, k, v = F.linear(x, *self.linear["attn.qkv"]).view(n, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, t, w)
        x = x + self.norm("norm1", F.linear(attended, *self.linear["attn.proj"]))
        return x + self.norm("norm2", F.linear(F.gelu(F.linear(x, *self.linear["mlp.fc1"])), *self.linear["mlp.fc2"]))


class Transformers:
    """LLaMA's layers and final norm as transformers runs them."""

    def __init__(self, shape, layers):
        from transformers import LlamaConfig, LlamaModel

        config = LlamaConfig(
            vocab_size=VOCABULARY, max_position_embeddings=2048, attn_implementation="sdpa", rms_norm_eps=1e-6, num_hidden_layers=layers, **shape
        )
        with torch.device("meta"):
            model = LlamaModel(config)
        model.rotary_emb = type(model.rotary_emb)(config)
        made = {name: weight("model." + name, *p.shape) for name, p in model.named_parameters()}
        model.load_state_dict(made, assign=True)
        self.model = model.eval()
        self.width = shape["hidden_size"]
        self.rows = noise("prompt", 1, PROMPT, self.width)
        self.caches = {}

    def prefill(self):
        return self.model(inputs_embeds=self.rows, use_cache=True).last_hidden_state

    def decode(self, batch):
        """One token for each of some sequences behind a prompt, which stays as it is."""
        from transformers import DynamicCache

        if batch not in self.caches:
            self.caches[batch] = DynamicCache(config=self.model.config)
            before = self.rows[:, :BEFORE].expand(batch, -1, -1)
            self.model(inputs_embeds=before, past_key_values=self.caches[batch], use_cache=True)
        step = self.rows[0, :batch].unsqueeze(1)
        made = self.model(inputs_embeds=step, past_key_values=self.caches[batch], use_cache=True).last_hidden_state
        self.caches[batch].crop(-1)
        return made

    def decode1(self):
        return self.decode(1)

    def decode8(self):
        return self.decode(8)


class LlamaCpp:
    """The same layers in llama.cpp, from a file in one of its own formats."""

    def __init__(self, shape, layers, kind):
        import llama_cpp

        self.api = llama_cpp
        self.silence = llama_cpp.llama_log_callback(lambda *_: None)
        llama_cpp.llama_log_set(self.silence, None)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "layers.gguf")
            write_gguf(path, shape, layers, kind)
            model = llama_cpp.llama_model_default_params()
            model.use_mmap = False
            self.model = llama_cpp.llama_model_load_from_file(path.encode(), model)
        settings = llama_cpp.llama_context_default_params()
        settings.n_ctx, settings.n_batch, settings.n_ubatch, settings.n_seq_max = 9 * 256, 1024, 512, 9
        settings.n_threads = settings.n_threads_batch = THREADS
        settings.type_k = settings.type_v = llama_cpp.GGML_TYPE_F32
        settings.no_perf = True
        self.context = llama_cpp.llama_init_from_model(self.model, settings)
        for sequence in range(8):
            self.compute([(t % VOCABULARY, t, sequence, False) for t in range(BEFORE)])

    def compute(self, tokens):
        batch = self.api.llama_batch_init(len(tokens), 0, 1)
        batch.n_tokens = len(tokens)
        for i, (token, position, sequence, wanted) in enumerate(tokens):
            batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.logits[i] = token, position, 1, wanted
            batch.seq_id[i][0] = sequence
        if self.api.llama_decode(self.context, batch) != 0:
            raise RuntimeError("llama_decode failed")
        self.api.llama_batch_free(batch)

    def decode(self, batch):
        self.compute([(7, BEFORE, sequence, True) for sequence in range(batch)])
        self.api.llama_synchronize(self.context)
        memory = self.api.llama_get_memory(self.context)
        for sequence in range(batch):
            self.api.llama_memory_seq_rm(memory, sequence, BEFORE, -1)

    def decode1(self):
        self.decode(1)

    def decode8(self):
        self.decode(8)

    def close(self):
        self.api.llama_free(self.context)
        self.api.llama_model_free(self.model)


def interleaved(matrix, heads):
    """Rows of queries or keys in the order that llama.cpp's rotation takes: pairs side by side instead of half a head apart."""
    return matrix.view(heads, 2, -1, matrix.shape[1]).transpose(1, 2).reshape(matrix.shape)


def write_gguf(path, shape, layers, kind):
    import gguf

    stored = {"q8_0": gguf.GGMLQuantizationType.Q8_0, "q4_0": gguf.GGMLQuantizationType.Q4_0}[kind]
    width, hidden, heads, kv = (shape[k] for k in ("hidden_size", "intermediate_size", "num_attention_heads", "num_key_value_heads"))
    head = width // heads
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(2048)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(hidden)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(head)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(VOCABULARY)
    writer.add_tokenizer_model("none")

    def matrix(name, values):
        writer.add_tensor(name, gguf.quants.quantize(values.numpy(), stored), raw_dtype=stored)

    def vector(name, values):
        writer.add_tensor(name, values.numpy())

    matrix("token_embd.weight", noise("tokens", VOCABULARY, width))
    vector("output_norm.weight", weight("model.norm.weight", width))
    matrix("output.weight", weight("lm_head.weight", VOCABULARY, width))
    names = {
        "self_attn.q_proj": ("attn_q", heads * head, width), "self_attn.k_proj": ("attn_k", kv * head, width),
        "self_attn.v_proj": ("attn_v", kv * head, width), "self_attn.o_proj": ("attn_output", width, heads * head),
        "mlp.gate_proj": ("ffn_gate", hidden, width), "mlp.up_proj": ("ffn_up", hidden, width), "mlp.down_proj": ("ffn_down", width, hidden),
    }
    for i in range(layers):
        vector(f"blk.{i}.attn_norm.weight", weight(f"model.layers.{i}.input_layernorm.weight", width))
        vector(f"blk.{i}.ffn_norm.weight", weight(f"model.layers.{i}.post_attention_layernorm.weight", width))
        for ours, (theirs, rows, columns) in names.items():
            values = weight(f"model.layers.{i}.{ours}.weight", rows, columns)
            if theirs in ("attn_q", "attn_k"):
                values = interleaved(values, heads if theirs == "attn_q" else kv)
            matrix(f"blk.{i}.{theirs}.weight", values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def load(kind, layers, weights):
    if kind == "eva":
        return Eva(layers)
    return Transformers(SHAPES[kind], layers) if weights == "f32" else LlamaCpp(SHAPES[kind], layers, weights)


def main():
    model = None
    for line in sys.stdin:
        command, *words = line.split()
        answer = {}
        if command == "load":
            try:
                model = load(words[0], int(words[1]), words[2])
            except ImportError as missing:
                answer = {"missing": str(missing)}
        elif command == "run":
            operation = getattr(model, words[0])
            start = time.perf_counter()
            for _ in range(int(words[1])):
                operation()
            answer = {"seconds": (time.perf_counter() - start) / int(words[1])}
        elif command == "output":
            answer = {"values": getattr(model, words[0])().flatten(0, -2)[-1, :16].tolist()}
        elif command == "forget":
            if hasattr(model, "close"):
                model.close()
            model = None
        print(json.dumps(answer), flush=True)


main()

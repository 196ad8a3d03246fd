"""Small byte-level vocabularies in the released layouts, and what the official tokenizers make of awkward texts.

    python3 tools/tokenizer/byte_level_golden.py model-shards/src/test/resources/io/kinora/model/text

Writes clip-tiny/ (ModelScope's layout: the pad token is "!"), roberta-tiny/, json-tiny/ and byte-level.json. Made with transformers 5.23.0
and tokenizers 0.23.3.
"""

import json
import pathlib
import random
import shutil
import sys
import tempfile

import tokenizers
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from tokenizers import AddedToken
from transformers import CLIPTokenizer, RobertaTokenizer

from llama_golden import TEXTS as LLAMA_TEXTS
from shapes_text import lines

TEXTS = [text for text in LLAMA_TEXTS if len(text) < 150] + [
    "A cat, riding a red bicycle!", "wow!!! really?!", "!", "! !", "<|endoftext|> inside", "<|startoftext|>a<|ENDOFTEXT|>b", "<|endoftext", "It's WE'VE they'RE I'LL",
    "2023 1/2 x10", "ΣΑΣ ὈΔΥΣΣΕΎΣ İstanbul ǅ", "e\u0301 vs é Å", "x\u0085y\u001cz\u2028w\u180e", "tabs\t\tand   blanks   ", " a <mask> b<mask>", "<pad>x</s>",
    "red circle " * 40,
]


def byte_symbols():
    return sorted(pre_tokenizers.ByteLevel.alphabet(), key=lambda c: (ord(c) >= 256, ord(c)))


def training_text():
    return lines(seed=5, count=800)


def train(size, suffix):
    ending = {"end_of_word_suffix": suffix} if suffix else {}
    tokenizer = Tokenizer(models.BPE(**ending))
    if suffix:
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
            pre_tokenizers.Split(tokenizers.Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"), "removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ])
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False, **ending)
    text = [line.lower() if suffix else line for line in training_text()]
    tokenizer.train_from_iterator(text, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return [merge if isinstance(merge, list) else merge.split(" ") for merge in model["merges"]]


def write(folder, tokens, merges, config, specials):
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {}
    for token in tokens:
        vocabulary.setdefault(token, len(vocabulary))
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False) + "\n")
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n")
    (folder / "special_tokens_map.json").write_text(json.dumps(specials, indent=1) + "\n")


def described(content, **flags):
    return {"content": content, "lstrip": False, "normalized": True, "rstrip": False, "single_word": False, **flags}


def clip(root):
    merges = train(760, "</w>")
    symbols = byte_symbols()
    tokens = symbols + [s + "</w>" for s in symbols] + [a + b for a, b in merges] + ["<|startoftext|>", "<|endoftext|>"]
    config = {"add_prefix_space": False, "do_lower_case": True, "errors": "replace", "model_max_length": 77, "pad_token": "<|endoftext|>",
              "tokenizer_class": "CLIPTokenizer"}
    roles = {"bos_token": described("<|startoftext|>"), "eos_token": described("<|endoftext|>"), "unk_token": described("<|endoftext|>")}
    write(root / "clip-tiny", tokens, merges, config, {**roles, "pad_token": "!"})
    with tempfile.TemporaryDirectory() as other:
        shutil.copytree(root / "clip-tiny", other, dirs_exist_ok=True)
        (pathlib.Path(other) / "special_tokens_map.json").write_text(json.dumps({**roles, "pad_token": "<|endoftext|>"}))
        return golden(CLIPTokenizer.from_pretrained(root / "clip-tiny")), golden(CLIPTokenizer.from_pretrained(other))


def roberta(root):
    merges = train(420, "")
    tokens = ["<s>", "<pad>", "</s>", "<unk>"] + byte_symbols() + [a + b for a, b in merges] + ["<mask>"]
    config = {"add_prefix_space": False, "errors": "replace", "model_max_length": 512, "tokenizer_class": "RobertaTokenizer"}
    specials = {"bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "mask_token": described("<mask>", lstrip=True, normalized=False),
                "pad_token": "<pad>", "sep_token": "</s>", "unk_token": "<unk>"}
    write(root / "roberta-tiny", tokens, merges, config, specials)
    return golden(RobertaTokenizer.from_pretrained(root / "roberta-tiny"))


def as_json(root):
    """A tokenizer.json with byte fallback and blank marks, as LLaMA's fast tokenizers have it."""
    merges = [(a.replace("Ġ", "▁"), b.replace("Ġ", "▁")) for a, b in train(420, "")]
    chars = sorted({c for pair in merges for part in pair for c in part})
    tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{i:02X}>" for i in range(256)] + chars + [a + b for a, b in merges]
    vocabulary = {}
    for token in tokens:
        vocabulary.setdefault(token, len(vocabulary))
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=False)
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A", special_tokens=[("<s>", 1)])
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>", "[IMG]"])
    tokenizer.add_tokens([AddedToken("<Media>", normalized=False)])
    folder = root / "json-tiny"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":")) + "\n")
    (folder / "tokenizer_config.json").write_text(json.dumps({"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}) + "\n")
    lists = id_lists(tokenizer.get_vocab_size())
    texts = ["say [IMG] and <Media> now", "</s> end", "a <s> b", "<Media> <Media>", "é🙂 日本", *TEXTS[:20]]
    return {
        "texts": texts,
        "ids": [tokenizer.encode(text).ids for text in texts],
        "id_lists": lists,
        "skipped": [tokenizer.decode(ids) for ids in lists],
        "kept": [tokenizer.decode(ids, skip_special_tokens=False) for ids in lists],
    }


def id_lists(size):
    r = random.Random(9)
    return [[r.choice([r.randint(0, size - 1), r.randint(3, 258), size - 1, size - 2]) for _ in range(r.randint(1, 10))] for _ in range(60)]


def golden(tokenizer):
    lists = id_lists(len(tokenizer))
    return {
        "texts": TEXTS,
        "ids": [tokenizer(text)["input_ids"] for text in TEXTS],
        "padded_12": [tokenizer(text, padding="max_length", truncation=True, max_length=12)["input_ids"] for text in TEXTS],
        "id_lists": lists,
        "skipped": [tokenizer.decode(ids, skip_special_tokens=True) for ids in lists],
        "kept": [tokenizer.decode(ids) for ids in lists],
    }


def main(root):
    pad_is_exclamation, pad_is_end = clip(root)
    result = {"clip": pad_is_exclamation, "clip_pad_is_end": pad_is_end, "roberta": roberta(root), "json": as_json(root)}
    lines_ = [f'"{name}": {json.dumps(value, separators=(",", ":"))}' for name, value in result.items()]
    versions = {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__}
    (root / "byte-level.json").write_text('{\n"versions": ' + json.dumps(versions) + ",\n" + ",\n".join(lines_) + "\n}\n")


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    main(pathlib.Path(sys.argv[1]))

"""Golden ids and texts of transformers' LLaMA tokenizers on Kinora's small tokenizer, as JSON on stdout.

Run it with transformers 4.31.0 (the release Emu2 pins: ids) and with 4.45.2 (the last form of the slow class: decoded texts):

    python tools/tokenizer/llama_golden.py FOLDER > model-shards/src/test/resources/io/kinora/model/text/llama-VERSION.json
"""

import json
import random
import sys

import sentencepiece
import transformers
from transformers import LlamaTokenizer, LlamaTokenizerFast

transformers.logging.set_verbosity_error()

TEXTS = [
    "", " ", "  ", "\n", "a", "A red circle moves left.", "  leading and trailing  ", "two  blanks   three", "tab\tand\nnew\r\nline",
    "It's the dog's, isn't it?", "snake_case kebab-case CamelCase", "3.14159 1,000,000 2026-11-22 0x1F 50%", "naïve café Ångström ß",
    "日本語のテキスト 漢字", "한국어 문장", "Привет, мир", "مرحبا بالعالم", "emoji 🙂🤖👩‍👩‍👧‍👦🇻🇳 mix", "combining é and é",
    "zero\u200bwidth nbsp\u00a0ideographic\u3000", "math ∑∫√≤ ½ ²", "\u0001control\u0000\u007f", "ﬁ Ⅷ ＡＢＣ", "\u2581marks\u2581\u2581", "newline at end\n",
    "x" * 200, "word " * 60, "</s> in text", "in </s> text", "<s>text</s>", "<unk> and <pad>", "[INST] plain [/INST]", "<0x41>",
    "a</s>[USER]: more [ASSISTANT]:", "a  [IMG]  b", " [IMG] ", "x <s> y", "[IMG] [IMG]", "\n[IMG]\n x", "[IMG]\u3000\u00a0x\u2028[/IMG]\u200bx",
    "<image>.[/IMG] and", "\t<unk>\u3000é", "[USER][ASSISTANT]text", "[IMG", "[[IMG]]", "<patch_index_0012><patch_index_0256><patch_index_257>",
    "You are a helpful assistant, dedicated to delivering comprehensive and meticulous responses."
    " [USER]: [IMG]<image><image>[/IMG]describe the image in details: [ASSISTANT]:",
    "<grounding>An oil painting of three dogs,<phrase>the first dog</phrase><object>[IMG]<image>[/IMG]</object>[IMG]<image>[/IMG]",
]
SPECIAL = ["[IMG]", "[/IMG]", "<image>", "</s>", "<s>", "<unk>", "[PAD]", "[USER]", "<patch_index_0012>", " ", "  ", "\n", "\u3000", "word", "a",
           "é", "日", "🙂", ":", ". "]


def texts():
    r = random.Random(1)
    mixed = ["".join(r.choice(SPECIAL) for _ in range(r.randint(1, 9))) for _ in range(60)]
    odd = [
        "".join(chr(r.choice([r.randint(1, 0x7E), r.randint(0x80, 0x2FFF), r.randint(0x10000, 0x1FFFF), 0x20])) for _ in range(r.randint(1, 20)))
        for _ in range(20)
    ]
    return TEXTS + mixed + odd


def id_lists(size):
    r = random.Random(2)
    pick = [lambda: r.randint(0, size - 1), lambda: r.randint(3, 258), lambda: r.randint(259, 1023), lambda: r.choice([0, 1, 2, 1024, 1025]),
            lambda: 1024 - 97]
    return [[r.choice(pick)() for _ in range(r.randint(1, 12))] for _ in range(120)]


def main(folder):
    slow = LlamaTokenizer.from_pretrained(folder)
    fast = LlamaTokenizerFast.from_pretrained(folder)
    lists = id_lists(len(slow))
    golden = {
        "versions": {"transformers": transformers.__version__, "sentencepiece": sentencepiece.__version__},
        "texts": texts(),
        "native_ids": [slow(text)["input_ids"] for text in texts()],
        "hugging_face_ids": [fast(text)["input_ids"] for text in texts()],
        "id_lists": lists,
        "native_skipped": [slow.decode(ids, skip_special_tokens=True) for ids in lists],
        "native_kept": [slow.decode(ids) for ids in lists],
        "hugging_face_skipped": [fast.decode(ids, skip_special_tokens=True) for ids in lists],
        "hugging_face_kept": [fast.decode(ids) for ids in lists],
    }
    print("{\n" + ",\n".join(f'"{key}": {json.dumps(value, separators=(",", ":"))}' for key, value in golden.items()) + "\n}")


if __name__ == "__main__":
    main(sys.argv[1])

"""Trains the tokenizer that ships with Kinora's own checkpoint, and writes it in the layout of a released Emu2-Chat folder.

    python3 tools/tokenizer/train_shapes.py model-shards/src/main/resources/io/kinora/model/text/kinora-shapes

The SentencePiece settings are LLaMA's (BPE, byte fallback, identity normalisation, split digits, blank in front). Needs the Python
package sentencepiece; the result was made with 0.2.3 and is the same at every run.
"""

import io
import json
import pathlib
import string
import sys

import sentencepiece

from shapes_text import lines

VOCABULARY = 1024


def train():
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines()),
        model_writer=model,
        model_type="bpe",
        vocab_size=VOCABULARY,
        character_coverage=0.99995,
        required_chars=string.ascii_letters + string.digits + string.punctuation,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        add_dummy_prefix=True,
        allow_whitespace_only_pieces=True,
        split_digits=True,
        byte_fallback=True,
        unk_id=0,
        bos_id=1,
        eos_id=2,
        pad_id=-1,
        unk_surface=" \u2047 ",
        num_threads=1,
        minloglevel=2,
    )
    return model.getvalue()


def special_tokens():
    """Emu2's tokens in the released order; the first is the pad token."""
    return (
        ["[PAD]", "[IMG]", "[/IMG]", "<image>", "[gIMG]", "[/gIMG]", "[EOC]", "[VIDEO]", "<grounding>", "<phrase>", "</phrase>",
         "<object>", "</object>", "</delimiter_of_multi_objects/>", "<REC>"]
        + [f"<patch_index_{i:04d}>" for i in range(257)]
        + ["[USER]", "[ASSISTANT]"]
    )


def as_added_token(content):
    return {"__type": "AddedToken", "content": content, "lstrip": False, "normalized": True, "rstrip": False, "single_word": False}


def write(folder):
    folder.mkdir(parents=True, exist_ok=True)
    tokens = special_tokens()
    (folder / "tokenizer.model").write_bytes(train())

    def put(name, value):
        (folder / name).write_text(json.dumps(value, indent=2) + "\n")

    put("added_tokens.json", {token: VOCABULARY + i for i, token in enumerate(tokens)})
    put("special_tokens_map.json", {
        "additional_special_tokens": tokens[1:],
        "bos_token": "<s>",
        "eos_token": "</s>",
        "pad_token": tokens[0],
        "unk_token": "<unk>",
    })
    put("tokenizer_config.json", {
        "add_bos_token": True,
        "add_eos_token": False,
        "bos_token": as_added_token("<s>"),
        "clean_up_tokenization_spaces": False,
        "eos_token": as_added_token("</s>"),
        "model_max_length": 2048,
        "pad_token": None,
        "padding_side": "left",
        "sp_model_kwargs": {},
        "tokenizer_class": "LlamaTokenizer",
        "truncation_side": "left",
        "unk_token": as_added_token("<unk>"),
    })


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[1]))

"""Trains the small tokenizer of the ModaVerse cases, in the layout of a Vicuna folder.

    python3 tools/tokenizer/train_modaverse.py actors/src/test/resources/cases/modaverse_mix/checkpoint/7b_v0

The SentencePiece settings are LLaMA's. The text is made up here; it holds the marks of a conversation often enough that "###" becomes one
piece, as in LLaMA's vocabulary.
"""

import io
import json
import pathlib
import sys

import sentencepiece

THINGS = "boat dog cat river storm piano train garden moon child street horse".split()
DEEDS = "sings runs sleeps shines rests waits turns falls rises plays".split()


def lines():
    for i, thing in enumerate(THINGS):
        for j, deed in enumerate(DEEDS):
            other = THINGS[(i * 7 + j * 3) % len(THINGS)]
            yield f"### Human: Make a picture of the {thing} that {deed} near a {other}."
            yield f"### Assistant: Modality: Prompt: a photo of a {thing} that {deed}, a {other} behind it ###"
            yield f"What does the {thing} say? Describe the sound of this {other} and show a video."


def main(folder):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=lines(), model_writer=model, model_type="bpe", vocab_size=480, character_coverage=1.0,
        normalization_rule_name="identity", remove_extra_whitespaces=False, add_dummy_prefix=True, allow_whitespace_only_pieces=True,
        split_digits=True, byte_fallback=True, unk_id=0, bos_id=1, eos_id=2, pad_id=-1, unk_surface=" \u2047 ", num_threads=1, minloglevel=2)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.model").write_bytes(model.getvalue())
    token = lambda content: {"content": content, "lstrip": False, "normalized": True, "rstrip": False, "single_word": False}
    roles = {"bos_token": token("<s>"), "eos_token": token("</s>"), "unk_token": token("<unk>")}
    (folder / "special_tokens_map.json").write_text(json.dumps(roles, indent=1))
    typed = {name: {"__type": "AddedToken", **role} for name, role in roles.items()}
    config = {"add_bos_token": True, "add_eos_token": False, "model_max_length": 512, "tokenizer_class": "LlamaTokenizer", **typed}
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1))


main(pathlib.Path(sys.argv[1]))

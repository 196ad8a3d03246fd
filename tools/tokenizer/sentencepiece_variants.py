"""Small SentencePiece models with the settings LLaMA does not use, and the ids that sentencepiece gives, as one JSON on stdout.

    python3 tools/tokenizer/sentencepiece_variants.py > model-shards/src/test/resources/io/kinora/model/text/sentencepiece-variants.json
"""

import base64
import io
import json
import re

import sentencepiece

from shapes_text import lines

VARIANTS = {
    "no-byte-fallback": {"byte_fallback": False},
    "user-defined": {"user_defined_symbols": ["<sep>", "triangle", "moves left"], "byte_fallback": True, "vocab_size": 400},
    "extra-blanks-removed": {"remove_extra_whitespaces": True, "byte_fallback": False},
    "no-prefix": {"add_dummy_prefix": False, "byte_fallback": False},
}
TEXTS = [
    "", " ", "   ", "a red circle", "  two   blanks  ", "A triangle<sep>moves left and moves left.", "trianglesep<sep>", "日本 and ∑∑ x日", "∑", "q\tq\nq",
    " ∑ 日", "Zebra? 42!", "moves lefttriangle",
]
REFUSED = {
    "unigram": {"model_type": "unigram"},
    "suffix": {"treat_whitespace_as_suffix": True},
}


def train(**settings):
    model = io.BytesIO()
    text = [re.sub("[^a-zA-Z .,?]", "", line) for line in lines(seed=3, count=300)[:400]]
    defaults = dict(model_type="bpe", vocab_size=120, normalization_rule_name="identity", remove_extra_whitespaces=False, num_threads=1,
                    minloglevel=2)
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(text), model_writer=model, **{**defaults, **settings})
    return model.getvalue()


def main():
    golden = {"sentencepiece": sentencepiece.__version__, "variants": {}, "refused": {}}
    for name, settings in VARIANTS.items():
        model = train(**settings)
        processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        golden["variants"][name] = {
            "model": base64.b64encode(model).decode(),
            "texts": TEXTS,
            "ids": [processor.encode(text) for text in TEXTS],
            "decoded": [processor.decode(processor.encode(text)) for text in TEXTS],
        }
    for name, settings in REFUSED.items():
        golden["refused"][name] = base64.b64encode(train(**settings)).decode()
    print(json.dumps(golden, indent=0))


if __name__ == "__main__":
    main()

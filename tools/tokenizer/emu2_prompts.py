"""Golden ids of Emu2's prompts: the strings that the authors' templates make, through the slow tokenizer of the pinned release.

    python tools/tokenizer/emu2_prompts.py FOLDER > model-shards/src/test/resources/io/kinora/model/emu2/prompt/emu2-prompts.json

Needs transformers 4.31.0. A picture has 4 embeddings here, a frame 2.
"""

import json
import sys

import transformers
from transformers import LlamaTokenizer, LlamaTokenizerFast

transformers.logging.set_verbosity_error()

IMAGE = "[IMG]" + "<image>" * 4 + "[/IMG]"
FRAME = "[IMG]" + "[gIMG]" * 2 + "[/IMG]"
S1 = "You are a helpful assistant, dedicated to delivering comprehensive and meticulous responses."
S2 = "You are a helpful assistant, dedicated to provide concise and efficient answers."

NATIVE = {
    "chat": f"{S1} [USER]: {IMAGE}describe the image in details: [ASSISTANT]:",
    "chat-text-only": f"{S1} [USER]: What is a square? [ASSISTANT]:",
    "chat-two-images": f"{S1} [USER]: {IMAGE} and {IMAGE}What differs between them? [ASSISTANT]:",
    "chat-second-turn": f"{S1} [USER]: {IMAGE}What is it? [ASSISTANT]: ok</s>[USER]: more [ASSISTANT]:",
    "chat-grounding": f"{S2} [USER]: {IMAGE}Where is the squirrel? [ASSISTANT]:<grounding>",
    "chat-concise": f"{S2} [USER]: {IMAGE}What colour? [ASSISTANT]:",
    "chat-video": f"{S1} [USER]: [VIDEO]{FRAME}{FRAME}What happens in the video? [ASSISTANT]:",
    "chat-video-and-image": f"{S1} [USER]: [VIDEO]{FRAME}{FRAME}{FRAME}Is {IMAGE} in it? [ASSISTANT]:",
    "base-caption": f"{IMAGE}Describe the image in details:",
    "base-in-context": f"{IMAGE}[red, white, 3, bottom left].{IMAGE}[yellow, white, 2, top left].{IMAGE}",
    "base-blanks": f" a  {IMAGE}  b ",
    "text-to-image": "impressionist painting of an astronaut in a jungle[IMG]",
    "edit": f"{IMAGE}wearing a red hat on the beach.[IMG]",
    "subject-driven": f"An image of{IMAGE}wearing a big sunglasses on the beach[IMG]",
    "grounded": f"<grounding>An oil painting of two dogs,<phrase>the first dog</phrase><object>{IMAGE}</object>{IMAGE}"
                f"<phrase>the second dog</phrase><object>{IMAGE}</object>[IMG]",
    "subject-in-the-middle": f"<grounding><phrase>a dog</phrase><object>{IMAGE}</object>{IMAGE}in the snow[IMG]",
    "forced": f"{IMAGE}[IMG]",
    "unconditional": "[IMG]",
}
HUGGING_FACE = {
    "chat-hugging-face": f"[USER]: {IMAGE}Describe the image in details:[ASSISTANT]:",
    "chat-hugging-face-system": f"{S1}[USER]: {IMAGE}Describe the image in details:[ASSISTANT]:",
}


def main(folder):
    slow = LlamaTokenizer.from_pretrained(folder)
    fast = LlamaTokenizerFast.from_pretrained(folder)
    ids = {name: slow(text)["input_ids"] for name, text in NATIVE.items()}
    ids.update({name: fast(text)["input_ids"] for name, text in HUGGING_FACE.items()})
    print("{\n" + ",\n".join(f'"{name}": {json.dumps(value)}' for name, value in ids.items()) + "\n}")


if __name__ == "__main__":
    main(sys.argv[1])

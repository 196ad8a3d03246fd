"""Makes the parity cases of io.kinora.video.FrameResizerTest with Pillow and PyTorch.

Usage: python3 tools/video-io/make_resize_cases.py video-io/src/test/resources/io/kinora/video/resize
"""

import hashlib
import pathlib
import sys

import numpy
import PIL
import torch
from PIL import Image

SEED = 20261122
SMALL = (29, 19)  # width, height
SIZES = [(12, 8), (29, 7), (13, 19), (41, 27), (1, 1)]
LARGE = (641, 359)
LARGE_SIZES = [(224, 224), (448, 251), (1000, 400)]
FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}


def pattern(width, height):
    """The image that FrameResizerTest paints, too."""
    y, x, c = numpy.meshgrid(numpy.arange(height), numpy.arange(width), numpy.arange(3), indexing="ij")
    return ((x * (3 + c) + y * (7 - 2 * c) + (x * y) // (5 + c) + 91 * ((x // 16 + y // 16) % 2)) % 256).astype(numpy.uint8)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    data = bytearray()

    def add(kind, filter_name, size, array):
        rows.append(f"{kind},{filter_name},{size[0]},{size[1]},{len(data)},{array.nbytes}")
        data.extend(array.tobytes())

    random = numpy.random.default_rng(SEED)
    image = random.integers(0, 256, (SMALL[1], SMALL[0], 3), dtype=numpy.uint8)
    image[:, : SMALL[0] // 3] = numpy.where(image[:, : SMALL[0] // 3] > 127, 255, 0)  # make filters overshoot
    add("input", "none", SMALL, image)
    pil = Image.fromarray(image)
    tensor = torch.from_numpy(image).permute(2, 0, 1)[None].float()
    for size in SIZES:
        for name, pil_filter in FILTERS.items():
            add("pil", name, size, numpy.asarray(pil.resize(size, pil_filter)))
            for kind, antialias in (("torch", False), ("torch-antialiased", True)):
                resized = torch.nn.functional.interpolate(
                    tensor, size=(size[1], size[0]), mode=name, align_corners=False, antialias=antialias
                )
                add(kind, name, size, resized[0].permute(1, 2, 0).contiguous().numpy().astype("<f4"))

    large = Image.fromarray(pattern(*LARGE))
    for size in LARGE_SIZES:
        for name, pil_filter in FILTERS.items():
            digest = hashlib.sha256(large.resize(size, pil_filter).tobytes()).hexdigest()
            rows.append(f"pil-sha256,{name},{size[0]},{size[1]},{digest},0")

    (folder / "cases.bin").write_bytes(bytes(data))
    (folder / "cases.csv").write_text("\n".join(rows) + "\n")
    (folder / "ORIGIN.md").write_text(
        f"""# Where these numbers come from

`tools/video-io/make_resize_cases.py`, seed {SEED}, Pillow {PIL.__version__}, PyTorch {torch.__version__} (CPU, float32),
NumPy {numpy.__version__}.

`cases.csv`: kind, filter, width, height, then offset and length in `cases.bin`. Kind `input` is the image that is
resized, bytes [height][width][3]; `pil` is what `Image.resize` makes of it, bytes; `torch` and `torch-antialiased` are
what `interpolate(align_corners=False)` makes of it, little-endian float32 [height][width][3]. `pil-sha256` holds the
SHA-256 of what `Image.resize` makes of the {LARGE[0]}×{LARGE[1]} pattern that script and test both paint.
"""
    )


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))

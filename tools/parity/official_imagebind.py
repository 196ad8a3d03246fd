"""The official ImageBind, made small, and its own preprocessing on raw pixels, frames and samples.

Needs checkouts of facebookresearch/ImageBind (c6a47d6) and facebookresearch/pytorchvideo (28fe037) and the packages torchaudio, torchvision,
timm, iopath, ftfy, regex, einops, fvcore, parameterized. Files are not read: what would be read from them is put in their place.
"""

import sys
import types

import torch

VISION_HEADS, AUDIO_HEADS = 4, 3


def load(imagebind, pytorchvideo):
    """Imports both checkouts. Two modules of torchvision that newer releases have dropped are put back for them."""
    import torchvision.transforms.functional as functional

    sys.path[:0] = [str(imagebind), str(pytorchvideo)]
    sys.modules.setdefault("torchvision.transforms.functional_tensor", functional)
    video = types.ModuleType("torchvision.transforms._transforms_video")

    class NormalizeVideo:
        def __init__(self, mean, std):
            self.mean, self.std = (torch.tensor(v)[:, None, None, None] for v in (mean, std))

        def __call__(self, clip):  # as torchvision's normalize: subtract, then divide, in place on a copy
            return clip.clone().sub_(self.mean).div_(self.std)

    video.NormalizeVideo = NormalizeVideo
    sys.modules.setdefault("torchvision.transforms._transforms_video", video)
    for reader in ("av", "decord"):  # nothing is read from files
        sys.modules.setdefault(reader, types.ModuleType(reader))
    sys.modules["decord"].bridge = types.SimpleNamespace(set_bridge=lambda kind: None)
    import imagebind.data as data
    from imagebind.models import imagebind_model

    return data, imagebind_model


def model(imagebind_model, width_vision=8, width_audio=12, embedding=20, blocks=2, vision_heads=VISION_HEADS, audio_heads=AUDIO_HEADS):
    return imagebind_model.ImageBindModel(
        out_embed_dim=embedding,
        kernel_size=(2, 14, 14),
        vision_embed_dim=width_vision,
        vision_num_blocks=blocks,
        vision_num_heads=vision_heads,
        audio_embed_dim=width_audio,
        audio_num_blocks=blocks,
        audio_num_heads=audio_heads,
        audio_drop_path=0.1,
        text_embed_dim=2,
        text_num_blocks=1,
        text_num_heads=1,
        depth_embed_dim=4,
        depth_num_blocks=1,
        depth_num_heads=2,
        thermal_embed_dim=4,
        thermal_num_blocks=1,
        thermal_num_heads=2,
        imu_embed_dim=4,
        imu_num_blocks=1,
        imu_num_heads=2,
    )


def image(data, pixels):
    """[height, width, 3] to [1, 3, 224, 224]."""
    import tempfile

    from PIL import Image

    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        Image.fromarray(pixels.numpy()).save(file.name)
        return data.load_and_transform_vision_data([file.name], "cpu")


def audio(data, waveform, rate):
    """[channels, n] to [1, 3, 1, 128, 204]."""
    data.torchaudio.load = lambda path: (waveform.clone(), rate)
    return data.load_and_transform_audio_data(["sound"], "cpu")


def clip(data, frames, fps):
    """[n, height, width, 3] to [1, 15, 3, 2, 224, 224], and the first and last frame of each piece."""
    from pytorchvideo.data import encoded_video_decord

    read = []

    class Reader:
        def __len__(self):
            return len(frames)

        def get_batch(self, indices):
            last = len(indices) - 1
            read.append([indices[0], indices[int(torch.linspace(0, last, 2)[1])]])
            return frames[indices]

    video = object.__new__(encoded_video_decord.EncodedVideoDecord)
    video._av_reader, video._decode_audio, video._video_name, video._fps = Reader(), False, "clip", fps
    video._duration = float(len(frames)) / float(fps)
    data.EncodedVideo.from_path = lambda path, **ignored: video
    views = data.load_and_transform_video_data(["clip"], "cpu")
    return views, torch.tensor(read)

package io.kinora.actors.compose;

import io.kinora.video.AudioLimits;
import io.kinora.video.DecodeLimits;
import io.kinora.video.VideoSource;

/** A medium that somebody gives with an instruction: typed from the first moment, never a path inside a text. */
public sealed interface Material {
    /** Where its bytes are. */
    VideoSource source();

    /** SHA-256 of its bytes: what is known of it is kept under it. */
    String sha256();

    /** A still picture: PNG, JPEG or WebP. */
    record Picture(VideoSource source, String sha256, DecodeLimits limits) implements Material {}

    /** A clip, of which only the pictures count. */
    record Clip(VideoSource source, String sha256, DecodeLimits limits) implements Material {}

    /** A sound: a sound file, or a clip, of which only its sound track counts. */
    record Sound(VideoSource source, String sha256, AudioLimits limits) implements Material {}
}

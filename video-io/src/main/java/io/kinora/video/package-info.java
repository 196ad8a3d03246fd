/**
 * Video in and out: clips are opened, described and sampled to packed RGB frames with their timestamps; frames are
 * resized, encoded to MP4 or WebM, and written as still images. Sound likewise: a sound file's, or a clip's own track, is
 * read to float samples, and samples are written as WAV or Opus.
 *
 * <p>FFmpeg is used here and nowhere else. The package knows no tensor, no Kafka and no HTTP server. What comes in is
 * untrusted: containers and codecs are allow-listed, FFmpeg itself opens nothing but the one file it is given, and
 * {@link io.kinora.video.DecodeLimits} and {@link io.kinora.video.AudioLimits} bound bytes, duration, pixels, frames,
 * samples and time.
 */
package io.kinora.video;

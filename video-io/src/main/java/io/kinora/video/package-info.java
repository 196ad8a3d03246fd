/**
 * Video in and out: clips are opened, described and sampled to packed RGB frames with their timestamps; frames are
 * resized, encoded to MP4 or WebM, and written as still images.
 *
 * <p>FFmpeg is used here and nowhere else. The package knows no tensor, no Kafka and no HTTP server. What comes in is
 * untrusted: containers and codecs are allow-listed, FFmpeg itself opens nothing but the one file it is given, and
 * {@link io.kinora.video.DecodeLimits} bounds bytes, duration, pixels, frames and time.
 */
package io.kinora.video;

package io.kinora.video;

import java.util.Optional;

/**
 * An audio stream as its container describes it; {@link AudioReader} decodes one.
 *
 * @param codec FFmpeg's name of the codec, as {@code aac}
 * @param sampleRate samples per second, 0 where the container does not say
 * @param channels channels, 0 where the container does not say
 * @param language ISO 639 code from the container's metadata
 */
public record AudioTrack(String codec, int sampleRate, int channels, Optional<String> language) {}

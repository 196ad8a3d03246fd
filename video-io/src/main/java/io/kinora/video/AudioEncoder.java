package io.kinora.video;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Writes sound as a file. The same clip in the same format gives the same bytes on the same machine. Safe for use by
 * several threads.
 */
public final class AudioEncoder {
    private static final int OPUS_RATE = 48_000;
    private static final List<Integer> OPUS_RATES = List.of(8_000, 12_000, 16_000, 24_000, OPUS_RATE);
    private static final int MOST_OPUS_CHANNELS = 2;
    private static final int MOST_CHANNELS = 8;

    private AudioEncoder() {}

    /**
     * The bytes of a file without metadata.
     *
     * @throws IllegalArgumentException if the format does not take so many channels
     * @throws VideoEncodeException if it cannot be encoded
     */
    public static byte[] encode(AudioClip clip, AudioFormat format) {
        return encode(clip, format, Map.of());
    }

    /**
     * The bytes of a file.
     *
     * @param metadata key-value pairs for the container, as {@code title}; WAV keeps those alone that it has names for
     * @throws IllegalArgumentException if the format does not take so many channels
     * @throws VideoEncodeException if it cannot be encoded
     */
    public static byte[] encode(AudioClip clip, AudioFormat format, Map<String, String> metadata) {
        AudioClip suited = suited(clip, format);
        return UnfinishedFile.bytes("." + format.extension(), file -> writeTo(file, suited, format, metadata));
    }

    /**
     * Writes a file, which is replaced if it exists; its folder must exist. It appears whole or not at all.
     *
     * @return the number of its bytes
     * @throws IllegalArgumentException if the format does not take so many channels
     * @throws VideoEncodeException if it cannot be encoded or written
     */
    public static long write(Path file, AudioClip clip, AudioFormat format, Map<String, String> metadata) {
        AudioClip suited = suited(clip, format);
        try (UnfinishedFile unfinished = UnfinishedFile.create(file)) {
            writeTo(unfinished.path(), suited, format, metadata);
            return unfinished.moveIntoPlace();
        }
    }

    private static AudioClip suited(AudioClip clip, AudioFormat format) {
        int most = format.isOpus() ? MOST_OPUS_CHANNELS : MOST_CHANNELS;
        if (clip.channels() > most) {
            throw new IllegalArgumentException(
                    "%s takes at most %d channels, got %d".formatted(format, most, clip.channels()));
        }
        return format.isOpus() && !OPUS_RATES.contains(clip.samplingRate()) ? clip.resampled(OPUS_RATE) : clip;
    }

    private static void writeTo(Path file, AudioClip clip, AudioFormat format, Map<String, String> metadata) {
        boolean globalHeader = Muxer.wantsGlobalHeader(format.container());
        try (OpenedParts parts = new OpenedParts()) {
            SampleEncoder encoder = parts.keep(
                    SampleEncoder.open(format.encoder(), clip.samplingRate(), clip.channels(), globalHeader));
            Muxer muxer = parts.keep(Muxer.open(file, format.container(), Map.of(), encoder.context(), metadata));
            encoder.encode(clip, packet -> muxer.write(packet, encoder.context()));
            muxer.finish();
        }
    }
}

package io.kinora.video;

import java.time.Duration;
import java.util.Optional;

/**
 * Reads the sound of a clip or a sound file: the track marked as default, or else the first, at its own sampling rate.
 *
 * <p>Immutable and safe for use by several threads; each call has its own native memory, and frees it.
 */
public final class AudioReader {
    private final Optional<Duration> span;
    private final Duration shortest;
    private final boolean strict;

    private AudioReader(Optional<Duration> span, Duration shortest, boolean strict) {
        this.span = span;
        this.shortest = shortest;
        this.strict = strict;
    }

    /** Reads all of the track, or refuses it if that is more than the limits allow. */
    public static AudioReader whole() {
        return new AudioReader(Optional.empty(), Duration.ZERO, false);
    }

    /**
     * Reads the track's beginning, however long it is; a container's word on its duration is not held against it.
     *
     * @throws IllegalArgumentException if the span is not positive
     */
    public static AudioReader first(Duration span) {
        if (span.isNegative() || span.isZero()) {
            throw new IllegalArgumentException("span is %s, need more than zero".formatted(span));
        }
        return new AudioReader(Optional.of(span), Duration.ZERO, false);
    }

    /** This reader, which refuses sound that is shorter. */
    public AudioReader atLeast(Duration newShortest) {
        return new AudioReader(span, newShortest, strict);
    }

    /** This reader, which refuses sound that is damaged instead of reporting what is, and looks for damage by checksums too. */
    public AudioReader strict() {
        return new AudioReader(span, shortest, true);
    }

    /**
     * Decodes the sound.
     *
     * @throws NoSoundException if there is no sound track
     * @throws SoundTooShortException if it is shorter than this reader needs
     * @throws DamagedClipException if it is damaged and this reader is strict
     * @throws UnreadableClipException if it is no sound that can be decoded
     * @throws ClipLimitException if it is more than the limits allow
     * @throws ForbiddenUrlException if it is a URL that its policy does not allow
     * @throws ClipFetchException if it is a URL that could not be fetched
     */
    public DecodedAudio read(VideoSource source, AudioLimits limits) {
        Ffmpeg.load();
        String name = source.name();
        DecodeLimits forClip = limits.forClip();
        try (OpenedParts parts = new OpenedParts()) {
            SourceBytes bytes = parts.keep(SourceBytes.of(source, forClip));
            Deadline deadline = parts.keep(new Deadline(name, forClip));
            ClipInput input = parts.keep(bytes.open(name, deadline));
            Demuxer demuxer = parts.keep(Demuxer.open(name, AllowedFormats.SOUND, input, forClip, deadline));
            if (span.isEmpty()) {
                StreamDescription.duration(demuxer.container(), demuxer.stream())
                        .ifPresent(declared -> forClip.checkDuration(name, declared));
            }
            DecodedAudio audio = new SoundTrack(name, demuxer, limits, deadline).read(span, strict);
            check(name, audio);
            return audio;
        }
    }

    private void check(String name, DecodedAudio audio) {
        if (strict && !audio.damage().isEmpty()) {
            throw new DamagedClipException(name, audio.damage());
        }
        if (audio.clip().duration().compareTo(shortest) < 0) {
            throw new SoundTooShortException("%s has %.1f ms of sound, need at least %.1f ms"
                    .formatted(name, milliseconds(audio.clip().duration()), milliseconds(shortest)));
        }
    }

    private static double milliseconds(Duration duration) {
        return duration.toNanos() / 1e6;
    }
}

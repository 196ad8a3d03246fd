package io.kinora.video;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;

/** Decodes one sound track from its first packet until its end, or until enough is there. */
final class SoundTrack {
    /** Containers count what encoders put in front and behind; no more than a few packets. */
    private static final Duration IMPRECISION = Duration.ofMillis(150);

    private final String name;
    private final Demuxer demuxer;
    private final AudioLimits limits;
    private final Deadline deadline;

    SoundTrack(String name, Demuxer demuxer, AudioLimits limits, Deadline deadline) {
        this.name = name;
        this.demuxer = demuxer;
        this.limits = limits;
        this.deadline = deadline;
    }

    DecodedAudio read(Optional<Duration> span, boolean careful) {
        AudioTrack track = StreamDescription.audio(demuxer.stream());
        SamplePlanes planes = new SamplePlanes(name, limits);
        List<String> damage = new ArrayList<>();
        AVPacket packet = avcodec.av_packet_alloc();
        boolean whole = false;
        try (Decoder decoder = Decoder.open(name, demuxer, limits.forClip(), deadline, careful)) {
            long packets = 0;
            int status = 0;
            while (!isEnough(planes, span) && (status = demuxer.read(packet)) == 0) {
                packets++;
                decoder.send(packet, planes::add);
                avcodec.av_packet_unref(packet);
            }
            if (status < 0) {
                decoder.drain(planes::add);
                whole = !isMore(planes, span);
                missing(planes).ifPresent(damage::add);
            }
            if (status < 0 && status != avutil.AVERROR_EOF) {
                damage.add("reading ended early: " + Ffmpeg.text(status));
            }
            if (decoder.errors() > 0) {
                damage.add("the decoder reported errors %d times".formatted(decoder.errors()));
            }
            if (planes.samples() == 0) {
                throw new UnreadableClipException(
                        "%s has %d packets of sound and none decodes to a sample".formatted(name, packets));
            }
        } finally {
            avcodec.av_packet_free(packet);
        }
        AudioClip clip = planes.toClip();
        int wanted = span.map(limit -> (int) Math.min(clip.samples(), samples(limit, clip.samplingRate())))
                .orElse(clip.samples());
        return new DecodedAudio(wanted == clip.samples() ? clip : clip.cut(0, wanted), track, whole, damage);
    }

    /** Damaged frames that a parser throws away on its own leave no trace but this. */
    private Optional<String> missing(SamplePlanes planes) {
        boolean guessed = demuxer.container().duration_estimation_method() == avformat.AVFMT_DURATION_FROM_BITRATE;
        if (planes.samples() == 0 || guessed) {
            return Optional.empty();
        }
        Duration decoded = StreamDescription.duration(planes.samples(), 1, planes.samplingRate());
        return StreamDescription.duration(demuxer.container(), demuxer.stream())
                .filter(declared -> declared.minus(decoded).compareTo(IMPRECISION) > 0)
                .map(declared -> "%.3f of %.3f s decoded".formatted(decoded.toNanos() / 1e9, declared.toNanos() / 1e9));
    }

    private static boolean isEnough(SamplePlanes planes, Optional<Duration> span) {
        return span.isPresent()
                && planes.samples() > 0
                && planes.samples() >= samples(span.get(), planes.samplingRate());
    }

    private static boolean isMore(SamplePlanes planes, Optional<Duration> span) {
        return span.isPresent()
                && planes.samples() > 0
                && planes.samples() > samples(span.get(), planes.samplingRate());
    }

    /** Samples of a span, the last one begun counted; a span beyond any clip is as good as none. */
    private static long samples(Duration span, int samplingRate) {
        return (long) Math.max(1, Math.ceil(span.toMillis() / 1e3 * samplingRate));
    }
}

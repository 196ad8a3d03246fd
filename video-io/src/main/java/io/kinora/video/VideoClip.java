package io.kinora.video;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A clip that is open: fetched, checked against its limits, and understood as far as its headers tell.
 *
 * <p>Holds native memory, and a temporary file where it was fetched: close it. Not safe for use by several threads at
 * once. Each call has the limits' whole decode time.
 */
public final class VideoClip implements AutoCloseable {
    private final String name;
    private final DecodeLimits limits;
    private final SourceBytes source;
    private final Deadline deadline;
    private final ClipInput input;
    private final Demuxer demuxer;
    private final VideoInfo info;
    private Optional<Timeline> timeline = Optional.empty();
    /** Whether packets were read, so that the container no longer stands at its beginning. */
    private boolean indexing;

    private VideoClip(
            String name, DecodeLimits limits, SourceBytes source, Deadline deadline, ClipInput input, Demuxer demuxer) {
        this.name = name;
        this.limits = limits;
        this.source = source;
        this.deadline = deadline;
        this.input = input;
        this.demuxer = demuxer;
        this.info = StreamDescription.of(demuxer, source.size());
    }

    /**
     * Opens a source and reads its headers.
     *
     * @throws UnreadableClipException if it is no clip that can be decoded
     * @throws ClipLimitException if it is larger than the limits allow
     * @throws ForbiddenUrlException if it is a URL that its policy does not allow
     * @throws ClipFetchException if it is a URL that could not be fetched
     */
    public static VideoClip open(VideoSource source, DecodeLimits limits) {
        Ffmpeg.load();
        String name = source.name();
        try (OpenedParts parts = new OpenedParts()) {
            SourceBytes bytes = parts.keep(SourceBytes.of(source, limits));
            Deadline deadline = parts.keep(new Deadline(name, limits));
            ClipInput input = parts.keep(bytes.open(name, deadline));
            Demuxer demuxer = parts.keep(Demuxer.open(name, AllowedFormats.PICTURES, input, limits, deadline));
            VideoClip clip = new VideoClip(name, limits, bytes, deadline, input, demuxer);
            clip.checkDeclared();
            parts.handOver();
            return clip;
        }
    }

    /** What the headers say. */
    public VideoInfo info() {
        return info;
    }

    /** SHA-256 of the clip's bytes, in 64 lower-case hexadecimal digits. */
    public String sha256() {
        return source.sha256();
    }

    /**
     * Takes frames as the sampler says.
     *
     * @throws UnreadableClipException if no frame can be decoded
     * @throws DamagedClipException if the clip is damaged and the sampler refuses that
     * @throws ClipLimitException if the clip turns out larger than the limits allow
     */
    public SampledClip sample(FrameSampler sampler) {
        deadline.restart();
        Timeline index = index();
        Sample sample = sampler.decodesEverything()
                        || !index.isReliable()
                        || !index.damage().isEmpty()
                ? sampleEverything(index, sampler)
                : sampleNeeded(index, sampler).orElseGet(() -> sampleEverything(index, sampler));
        if (sampler.isStrict() && !sample.damage.isEmpty()) {
            throw new DamagedClipException(name, sample.damage);
        }
        List<ClipFrame> frames = new ArrayList<>();
        for (int chosen : sample.indices) {
            frames.add(new ClipFrame(chosen, sample.times.timestamp(chosen), sample.images.get(chosen)));
        }
        return new SampledClip(
                frames,
                sample.times.count(),
                sample.times.duration(),
                UniformSampling.rule(sample.times),
                sample.decoded,
                sample.damage,
                info);
    }

    /**
     * Decodes the whole clip and hands over each frame in presentation order.
     *
     * @return what was found to be missing or broken, in words; empty for a clip found whole
     * @throws UnreadableClipException if no frame can be decoded
     * @throws ClipLimitException if the clip turns out larger than the limits allow
     */
    public List<String> forEachFrame(Consumer<ClipFrame> consumer) {
        deadline.restart();
        Timeline index = index();
        try (Decoder decoder = Decoder.open(name, demuxer, limits, deadline);
                FrameConverter converter = converter()) {
            FrameClock clock = new FrameClock(index, info.frameRate());
            List<Long> timestamps = new EveryFrame(demuxer).read(decoder, (place, picture) -> {
                limits.checkFrames(name, place + 1);
                consumer.accept(new ClipFrame(place, clock.next(picture), converter.convert(picture)));
            });
            return damage(index, decoder, timestamps.size());
        }
    }

    private record Sample(
            List<Integer> indices, FrameTimes times, Map<Integer, RgbFrame> images, int decoded, List<String> damage) {}

    private Optional<Sample> sampleNeeded(Timeline index, FrameSampler sampler) {
        FrameTimes times = index.times();
        int[] indices = UniformSampling.choose(times, sampler.frames());
        try (Decoder decoder = Decoder.open(name, demuxer, limits, deadline);
                FrameConverter converter = converter()) {
            return new NeededFrames(index, demuxer)
                    .read(indices, decoder, converter, sampler.each())
                    .map(images -> new Sample(boxed(indices), times, images, decoder.pictures(), List.of()));
        }
    }

    /**
     * Decodes the clip once if the frames come as its packets promise, and once more if they do not: only the first
     * pass tells then how many there are.
     */
    private Sample sampleEverything(Timeline index, FrameSampler sampler) {
        int[] guess = index.isReliable()
                ? UniformSampling.choose(index.times(), sampler.frames())
                : UniformSampling.byOrder(Math.max(1, index.frames()), sampler.frames());
        for (int pass = 1; ; pass++) {
            int[] indices = guess;
            Map<Integer, RgbFrame> images = new HashMap<>();
            try (Decoder decoder = Decoder.open(name, demuxer, limits, deadline);
                    FrameConverter converter = converter()) {
                List<Long> timestamps = new EveryFrame(demuxer).read(decoder, (place, picture) -> {
                    limits.checkFrames(name, place + 1);
                    if (Arrays.binarySearch(indices, place) >= 0) {
                        images.put(place, sampler.each().apply(converter.convert(picture)));
                    }
                });
                List<String> damage = damage(index, decoder, timestamps.size());
                FrameTimes times = FrameClock.times(timestamps, index, info.frameRate());
                int[] chosen = UniformSampling.choose(times, sampler.frames());
                if (images.keySet().containsAll(boxed(chosen))) {
                    return new Sample(boxed(chosen), times, images, decoder.pictures(), damage);
                }
                if (pass == 2) {
                    throw new UnreadableClipException("%s decodes differently each time".formatted(name));
                }
                guess = chosen;
            }
        }
    }

    private List<String> damage(Timeline index, Decoder decoder, int frames) {
        if (frames == 0) {
            throw new UnreadableClipException(
                    "%s has %d packets of video and none decodes to a picture".formatted(name, index.packets()));
        }
        List<String> damage = new ArrayList<>(index.damage());
        if (decoder.errors() > 0) {
            damage.add("the decoder reported errors %d times".formatted(decoder.errors()));
        }
        if (index.isReliable() && frames < index.frames()) {
            damage.add("%d of %d frames decoded".formatted(frames, index.frames()));
        }
        return damage;
    }

    private Timeline index() {
        if (timeline.isEmpty()) {
            if (indexing) {
                demuxer.restart();
            }
            indexing = true;
            timeline = Optional.of(Timeline.read(name, demuxer, limits));
        }
        return timeline.get();
    }

    private FrameConverter converter() {
        return new FrameConverter(name, limits, StreamDescription.orientation(demuxer.stream()));
    }

    private void checkDeclared() {
        info.duration().ifPresent(declared -> limits.checkDuration(name, declared));
        if (info.frameCountExact()) {
            limits.checkFrames(name, info.frameCount().getAsLong());
        }
    }

    private static List<Integer> boxed(int[] indices) {
        return Arrays.stream(indices).boxed().toList();
    }

    @Override
    public void close() {
        demuxer.close();
        input.close();
        deadline.close();
        source.close();
    }
}

package io.kinora.video;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Decodes the wanted frames of an indexed clip and as little else as their codec allows: from the key frame before each
 * to the frame itself, without the pictures in between that nothing is predicted from.
 *
 * <p>The pictures are the same, bit for bit, as when everything is decoded. Where that cannot be sure (the decoder
 * complains, a wanted frame does not come out, the clip reads otherwise than before) nothing is returned.
 */
final class NeededFrames {
    /** Packets from a key frame to the last that is wanted of it, by decode order. */
    private record Segment(int first, int last) {}

    private final Timeline timeline;
    private final Demuxer demuxer;

    NeededFrames(Timeline timeline, Demuxer demuxer) {
        this.timeline = timeline;
        this.demuxer = demuxer;
    }

    /**
     * The frames with these indices in presentation order, each passed through {@code each} as it is decoded.
     *
     * @param indices ascending
     */
    Optional<Map<Integer, RgbFrame>> read(
            int[] indices, Decoder decoder, FrameConverter converter, UnaryOperator<RgbFrame> each) {
        Map<Long, Integer> indexByPts = new HashMap<>();
        Set<Integer> wanted = new HashSet<>();
        for (int index : indices) {
            int packet = timeline.decodeIndex(index);
            wanted.add(packet);
            indexByPts.put(timeline.pts(packet), index);
        }
        Map<Integer, RgbFrame> frames = new HashMap<>();
        try (PacketCursor cursor = new PacketCursor(demuxer, timeline)) {
            for (Segment segment : segments(wanted)) {
                for (int i = segment.first; i <= segment.last; i++) {
                    if (timeline.isDisposable(i) && !wanted.contains(i)) {
                        continue;
                    }
                    if (!cursor.moveTo(i)) {
                        return Optional.empty();
                    }
                    decoder.send(cursor.packet(), picture -> take(picture, indexByPts, frames, converter, each));
                }
                decoder.drain(picture -> take(picture, indexByPts, frames, converter, each));
            }
        }
        boolean complete = decoder.errors() == 0 && frames.size() == indexByPts.size();
        return complete ? Optional.of(frames) : Optional.empty();
    }

    private static void take(
            org.bytedeco.ffmpeg.avutil.AVFrame picture,
            Map<Long, Integer> indexByPts,
            Map<Integer, RgbFrame> frames,
            FrameConverter converter,
            UnaryOperator<RgbFrame> each) {
        Integer index = indexByPts.get(picture.pts());
        if (index != null && !frames.containsKey(index)) {
            frames.put(index, each.apply(converter.convert(picture)));
        }
    }

    /** Where decoding must begin and may end; segments that would overlap are one. */
    private List<Segment> segments(Set<Integer> wanted) {
        List<Segment> segments = new ArrayList<>();
        for (int packet : wanted.stream().sorted().toList()) {
            int key = timeline.keyBefore(packet);
            int last = segments.size() - 1;
            if (last >= 0 && key <= segments.get(last).last) {
                segments.set(last, new Segment(segments.get(last).first, packet));
            } else {
                segments.add(new Segment(key, packet));
            }
        }
        return segments;
    }
}

package io.kinora.video;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;

/** Decodes a clip from its first packet to its last. */
final class EveryFrame {
    /** Sees each picture as it comes out, borrowed, with its place in presentation order. */
    interface Visitor {
        void visit(int index, AVFrame picture);
    }

    private final Demuxer demuxer;

    EveryFrame(Demuxer demuxer) {
        this.demuxer = demuxer;
    }

    /** The best known time stamp of each picture, {@code AV_NOPTS_VALUE} where none is known, in presentation order. */
    List<Long> read(Decoder decoder, Visitor visitor) {
        List<Long> timestamps = new ArrayList<>();
        demuxer.restart();
        AVPacket packet = avcodec.av_packet_alloc();
        try {
            while (demuxer.read(packet) == 0) {
                decoder.send(packet, picture -> visit(picture, timestamps, visitor));
                avcodec.av_packet_unref(packet);
            }
            decoder.drain(picture -> visit(picture, timestamps, visitor));
        } finally {
            avcodec.av_packet_free(packet);
        }
        return timestamps;
    }

    private static void visit(AVFrame picture, List<Long> timestamps, Visitor visitor) {
        timestamps.add(picture.pts() != avutil.AV_NOPTS_VALUE ? picture.pts() : picture.best_effort_timestamp());
        visitor.visit(timestamps.size() - 1, picture);
    }
}

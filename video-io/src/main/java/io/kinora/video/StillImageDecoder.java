package io.kinora.video;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;

/** Decodes one picture file. The file's first bytes choose the decoder, and no container code sees it. */
final class StillImageDecoder {
    /** What an image file begins with, and FFmpeg's decoder for it. */
    private enum Kind {
        PNG("png", 0, "\u0089PNG\r\n\u001a\n"),
        JPEG("mjpeg", 0, "\u00ff\u00d8\u00ff"),
        WEBP("webp", 8, "WEBPVP8");

        private final String decoder;
        private final int offset;
        /** One character a byte. */
        private final String magic;

        Kind(String decoder, int offset, String magic) {
            this.decoder = decoder;
            this.offset = offset;
            this.magic = magic;
        }

        boolean matches(byte[] file) {
            return file.length >= offset + magic.length()
                    && new String(file, offset, magic.length(), StandardCharsets.ISO_8859_1).equals(magic);
        }

        Optional<FrameSize> size(byte[] file) {
            return switch (this) {
                case PNG -> StillImageSize.ofPng(file);
                case JPEG -> StillImageSize.ofJpeg(file);
                case WEBP -> StillImageSize.ofWebp(file);
            };
        }

        static Optional<Kind> of(byte[] file) {
            for (Kind kind : values()) {
                if (kind.matches(file)) {
                    return Optional.of(kind);
                }
            }
            return Optional.empty();
        }
    }

    /** AV_EF_CRCCHECK and AV_EF_EXPLODE: half a picture is no picture. */
    private static final int REFUSE_DAMAGE = 1 | 1 << 3;

    private StillImageDecoder() {}

    static RgbFrame decode(byte[] file, DecodeLimits limits) {
        Ffmpeg.load();
        String name = "image of %,d bytes".formatted(file.length);
        limits.checkBytes(name, file.length);
        Kind kind = Kind.of(file)
                .orElseThrow(() -> new UnreadableClipException("%s is no PNG, JPEG or WebP".formatted(name)));
        FrameSize size = kind.size(file)
                .orElseThrow(() -> new UnreadableClipException("%s is a %s without a size".formatted(name, kind)));
        limits.checkPixels(name, size.width(), size.height());
        AVCodec codec = avcodec.avcodec_find_decoder_by_name(kind.decoder);
        AVCodecContext context = avcodec.avcodec_alloc_context3(codec);
        AVFrame frame = avutil.av_frame_alloc();
        AVPacket packet = avcodec.av_packet_alloc();
        try (FrameConverter converter = new FrameConverter(name, limits, Orientation.UPRIGHT)) {
            context.thread_count(1);
            context.max_pixels(limits.maxPixelsPerFrame());
            context.err_recognition(REFUSE_DAMAGE);
            check(name, kind, avcodec.avcodec_open2(context, codec, (AVDictionary) null));
            check(name, kind, avcodec.av_new_packet(packet, file.length));
            packet.data().put(file);
            check(name, kind, avcodec.avcodec_send_packet(context, packet));
            check(name, kind, avcodec.avcodec_send_packet(context, null));
            check(name, kind, avcodec.avcodec_receive_frame(context, frame));
            if (frame.decode_error_flags() != 0 || FrameFlag.CORRUPT.in(frame)) {
                throw new UnreadableClipException("%s is a damaged %s".formatted(name, kind));
            }
            return converter.convert(frame);
        } finally {
            avcodec.av_packet_free(packet);
            avutil.av_frame_free(frame);
            avcodec.avcodec_free_context(context);
        }
    }

    private static void check(String name, Kind kind, int status) {
        if (status < 0) {
            throw new UnreadableClipException(
                    "%s is a %s that cannot be decoded: %s".formatted(name, kind, Ffmpeg.text(status)));
        }
    }
}

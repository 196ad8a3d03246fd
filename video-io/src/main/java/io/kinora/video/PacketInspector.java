package io.kinora.video;

import java.nio.ByteBuffer;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.javacpp.BytePointer;

/**
 * Reads off a packet's first bytes whether its picture is shown, and whether no other picture is predicted from it, so
 * that leaving it out changes no other. Only codecs whose rules promise that are looked at: H.264 (nal_ref_idc 0), HEVC
 * (sub-layer non-reference pictures, where there is one sub-layer), MPEG-1, -2 and -4 (B pictures). VP8, VP9 and AV1 adapt
 * their probabilities from picture to picture, so there nothing is left out.
 */
final class PacketInspector {
    /** What a packet holds: a picture others may need, one that none needs, or nothing that is shown. */
    enum Kind {
        NEEDED,
        DISPOSABLE,
        HIDDEN
    }

    private static final int START_CODE_BYTES = 3;
    private static final int VOP_START = 0xb6;
    private static final int VOP_TYPE_B = 2;
    private static final int PICTURE_START = 0x00;
    private static final int PICTURE_TYPE_B = 3;

    private final int codec;
    /** Bytes of the length before each NAL unit, or 0 where start codes part them. */
    private final int lengthBytes;

    private int highestLayer;

    PacketInspector(AVCodecParameters parameters) {
        this.codec = parameters.codec_id();
        this.lengthBytes = lengthBytes(parameters);
    }

    /** The kind of a packet; of HEVC it holds only as long as there are no {@linkplain #hasSubLayers() sub-layers}. */
    Kind inspect(AVPacket packet) {
        if (packet.size() == 0) {
            return Kind.HIDDEN;
        }
        return switch (codec) {
            case avcodec.AV_CODEC_ID_H264 -> h264(bytes(packet));
            case avcodec.AV_CODEC_ID_HEVC -> hevc(bytes(packet));
            case avcodec.AV_CODEC_ID_MPEG4 -> startCoded(bytes(packet), VOP_START, 0, 6, 0x3, VOP_TYPE_B);
            case avcodec.AV_CODEC_ID_MPEG1VIDEO, avcodec.AV_CODEC_ID_MPEG2VIDEO ->
                startCoded(bytes(packet), PICTURE_START, 1, 3, 0x7, PICTURE_TYPE_B);
            case avcodec.AV_CODEC_ID_VP8 -> (packet.data().get(0) & 0x10) == 0 ? Kind.HIDDEN : Kind.NEEDED;
            default -> Kind.NEEDED;
        };
    }

    /** Whether HEVC pictures seen so far lie in several temporal sub-layers: then a higher one may need any of them. */
    boolean hasSubLayers() {
        return highestLayer > 0;
    }

    private Kind h264(ByteBuffer data) {
        boolean anyPicture = false;
        for (int at = nextUnit(data, 0); at >= 0; at = nextUnit(data, at)) {
            int header = data.get(at) & 0xff;
            int type = header & 0x1f;
            if (type >= 1 && type <= 5) {
                if ((header & 0x60) != 0) {
                    return Kind.NEEDED;
                }
                anyPicture = true;
                if (lengthBytes == 0) {
                    return Kind.DISPOSABLE;
                }
            }
        }
        return anyPicture ? Kind.DISPOSABLE : Kind.NEEDED;
    }

    private Kind hevc(ByteBuffer data) {
        for (int at = nextUnit(data, 0); at >= 0 && at + 1 < data.limit(); at = nextUnit(data, at)) {
            int type = (data.get(at) >> 1) & 0x3f;
            if (type < 32) {
                highestLayer = Math.max(highestLayer, (data.get(at + 1) & 7) - 1);
                return type <= 14 && type % 2 == 0 ? Kind.DISPOSABLE : Kind.NEEDED;
            }
        }
        return Kind.NEEDED;
    }

    private static Kind startCoded(ByteBuffer data, int start, int skip, int shift, int mask, int typeB) {
        for (int i = 0; i + START_CODE_BYTES + 1 + skip < data.limit(); i++) {
            if (data.get(i) == 0 && data.get(i + 1) == 0 && data.get(i + 2) == 1 && (data.get(i + 3) & 0xff) == start) {
                int type = ((data.get(i + START_CODE_BYTES + 1 + skip) & 0xff) >> shift) & mask;
                return type == typeB ? Kind.DISPOSABLE : Kind.NEEDED;
            }
        }
        return Kind.NEEDED;
    }

    /** Where the header of the NAL unit after the one at {@code at} lies (0: the first), or -1 behind the last. */
    private int nextUnit(ByteBuffer data, int at) {
        if (lengthBytes == 0) {
            for (int i = at; i + START_CODE_BYTES < data.limit(); i++) {
                if (data.get(i) == 0 && data.get(i + 1) == 0 && data.get(i + 2) == 1) {
                    return i + START_CODE_BYTES;
                }
            }
            return -1;
        }
        long length = at == 0 ? 0 : length(data, at - lengthBytes);
        long next = (at == 0 ? 0 : at + length) + lengthBytes;
        return length >= 0 && next < data.limit() ? (int) next : -1;
    }

    private long length(ByteBuffer data, int at) {
        long length = 0;
        for (int i = 0; i < lengthBytes; i++) {
            length = length << 8 | (data.get(at + i) & 0xff);
        }
        return length;
    }

    private static ByteBuffer bytes(AVPacket packet) {
        BytePointer data = packet.data();
        return data.capacity(packet.size()).asByteBuffer();
    }

    private static int lengthBytes(AVCodecParameters parameters) {
        BytePointer extra = parameters.extradata();
        int size = parameters.extradata_size();
        if (parameters.codec_id() == avcodec.AV_CODEC_ID_H264 && size > 4 && extra.get(0) == 1) {
            return (extra.get(4) & 3) + 1;
        }
        // An hvcC record begins with its version, 1 (0 in old files); a stream with start codes begins 0, 0.
        boolean record = size > 22 && (extra.get(0) != 0 || extra.get(1) != 0 || extra.get(2) > 1);
        if (parameters.codec_id() == avcodec.AV_CODEC_ID_HEVC && record) {
            return (extra.get(21) & 3) + 1;
        }
        return 0;
    }
}

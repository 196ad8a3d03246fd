package io.kinora.video;

import java.nio.ByteBuffer;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.javacpp.BytePointer;

/**
 * Reads off a packet's bytes what its codec's rules promise about its picture, without decoding it.
 *
 * <p>A picture is disposable if none is predicted from it: H.264 with nal_ref_idc 0, HEVC sub-layer non-reference
 * pictures where there is one sub-layer, B pictures of MPEG-1, -2 and -4. VP8, VP9 and AV1 adapt their probabilities
 * from picture to picture, so there nothing is disposable. Decoding may begin at what the container calls a key frame,
 * but for H.264 only if it is an IDR picture or says that it takes no further picture to recover (containers also mark
 * the beginnings of a gradual refresh), and for HEVC only if it is a random access picture.
 */
final class PacketInspector {
    /** What a packet holds: whether its picture is shown, whether none needs it, whether decoding may begin with it. */
    record Traits(boolean hidden, boolean disposable, boolean entry) {
        private static final Traits NEEDED = new Traits(false, false, false);
        private static final Traits DISPOSABLE = new Traits(false, true, false);
        private static final Traits HIDDEN = new Traits(true, false, false);
        private static final Traits ENTRY = new Traits(false, false, true);
    }

    private static final int START_CODE_BYTES = 3;

    private static final int H264_SLICE = 1;
    private static final int H264_IDR = 5;
    private static final int H264_SEI = 6;
    private static final int RECOVERY_POINT = 6;
    private static final int HEVC_FIRST_RANDOM_ACCESS = 16;
    private static final int HEVC_LAST_RANDOM_ACCESS = 23;
    private static final int HEVC_LAST_NON_REFERENCE = 14;
    private static final int HEVC_FIRST_PARAMETER_SET = 32;

    private static final int VOP_START = 0xb6;
    private static final int VOP_TYPE_B = 2;
    private static final int PICTURE_START = 0x00;
    private static final int PICTURE_TYPE_B = 3;
    private static final int VP8_SHOWN = 0x10;

    private final int codec;
    /** Bytes of the length before each NAL unit, or 0 where start codes part them. */
    private final int lengthBytes;

    private int highestLayer;

    PacketInspector(AVCodecParameters parameters) {
        this.codec = parameters.codec_id();
        this.lengthBytes = lengthBytes(parameters);
    }

    /** What a packet holds; that a HEVC picture is disposable holds only while there are no {@linkplain #hasSubLayers() sub-layers}. */
    Traits inspect(AVPacket packet) {
        if (packet.size() == 0) {
            return Traits.HIDDEN;
        }
        Traits byContainer = (packet.flags() & avcodec.AV_PKT_FLAG_KEY) != 0 ? Traits.ENTRY : Traits.NEEDED;
        return switch (codec) {
            case avcodec.AV_CODEC_ID_H264 -> h264(bytes(packet), byContainer);
            case avcodec.AV_CODEC_ID_HEVC -> hevc(bytes(packet), byContainer);
            case avcodec.AV_CODEC_ID_MPEG4 ->
                isB(bytes(packet), VOP_START, 0, 6, 0x3, VOP_TYPE_B) ? Traits.DISPOSABLE : byContainer;
            case avcodec.AV_CODEC_ID_MPEG1VIDEO, avcodec.AV_CODEC_ID_MPEG2VIDEO ->
                isB(bytes(packet), PICTURE_START, 1, 3, 0x7, PICTURE_TYPE_B) ? Traits.DISPOSABLE : byContainer;
            case avcodec.AV_CODEC_ID_VP8 -> (packet.data().get(0) & VP8_SHOWN) == 0 ? Traits.HIDDEN : byContainer;
            default -> byContainer;
        };
    }

    /** Whether HEVC pictures seen so far lie in several temporal sub-layers: then a higher one may need any of them. */
    boolean hasSubLayers() {
        return highestLayer > 0;
    }

    private Traits h264(ByteBuffer data, Traits byContainer) {
        boolean recovered = false;
        boolean anyPicture = false;
        for (int at = nextUnit(data, 0); at >= 0; at = nextUnit(data, at)) {
            int header = data.get(at) & 0xff;
            int type = header & 0x1f;
            if (type == H264_IDR) {
                return byContainer;
            }
            if (type == H264_SEI) {
                recovered |= recoversAtOnce(data, at + 1);
            }
            if (type >= H264_SLICE && type < H264_IDR) {
                if ((header & 0x60) != 0) {
                    return recovered ? byContainer : Traits.NEEDED;
                }
                anyPicture = true;
                if (lengthBytes == 0) {
                    return Traits.DISPOSABLE;
                }
            }
        }
        return anyPicture ? Traits.DISPOSABLE : Traits.NEEDED;
    }

    /** Whether a supplemental message at this place is a recovery point whose frame count, an Exp-Golomb number, is 0. */
    private static boolean recoversAtOnce(ByteBuffer data, int start) {
        int at = start;
        while (at + 2 < data.limit()) {
            int type = data.get(at) & 0xff;
            int size = data.get(at + 1) & 0xff;
            if (type == 0xff || size == 0xff || type == 0x80) {
                return false;
            }
            if (type == RECOVERY_POINT) {
                return (data.get(at + 2) & 0x80) != 0;
            }
            at += 2 + size;
        }
        return false;
    }

    private Traits hevc(ByteBuffer data, Traits byContainer) {
        for (int at = nextUnit(data, 0); at >= 0 && at + 1 < data.limit(); at = nextUnit(data, at)) {
            int type = (data.get(at) >> 1) & 0x3f;
            if (type < HEVC_FIRST_PARAMETER_SET) {
                highestLayer = Math.max(highestLayer, (data.get(at + 1) & 7) - 1);
                if (type >= HEVC_FIRST_RANDOM_ACCESS && type <= HEVC_LAST_RANDOM_ACCESS) {
                    return byContainer;
                }
                return type <= HEVC_LAST_NON_REFERENCE && type % 2 == 0 ? Traits.DISPOSABLE : Traits.NEEDED;
            }
        }
        return Traits.NEEDED;
    }

    /** Whether the first picture header, {@code skip} bytes behind its start code, has a type. */
    private static boolean isB(ByteBuffer data, int start, int skip, int shift, int mask, int typeB) {
        int typeAt = START_CODE_BYTES + 1 + skip;
        for (int i = 0; i + typeAt < data.limit(); i++) {
            if (isStartCode(data, i) && (data.get(i + START_CODE_BYTES) & 0xff) == start) {
                return (((data.get(i + typeAt) & 0xff) >> shift) & mask) == typeB;
            }
        }
        return false;
    }

    private static boolean isStartCode(ByteBuffer data, int at) {
        return data.get(at) == 0 && data.get(at + 1) == 0 && data.get(at + 2) == 1;
    }

    /** Where the header of the NAL unit after the one at {@code at} lies (0: the first), or -1 behind the last. */
    private int nextUnit(ByteBuffer data, int at) {
        if (lengthBytes == 0) {
            for (int i = at; i + START_CODE_BYTES < data.limit(); i++) {
                if (isStartCode(data, i)) {
                    return i + START_CODE_BYTES;
                }
            }
            return -1;
        }
        long next = at == 0 ? lengthBytes : at + length(data, at - lengthBytes) + lengthBytes;
        return next < data.limit() ? (int) next : -1;
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

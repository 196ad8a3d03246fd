package io.kinora.video;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVIOInterruptCB;
import org.bytedeco.ffmpeg.avformat.Read_packet_Pointer_BytePointer_int;
import org.bytedeco.ffmpeg.avformat.Seek_Pointer_long_int;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/** The bytes of one clip as FFmpeg reads them. The demuxer gets this stream and may open nothing else. */
abstract sealed class ClipInput implements OpenedParts.Part {
    abstract AVIOContext context();

    @Override
    public abstract void close();

    /** Reads a regular file through FFmpeg's file protocol, interrupted by the deadline. */
    static ClipInput ofFile(String name, Path path, Deadline deadline) {
        return new OfFile(name, path, deadline);
    }

    /** Reads a copy of the bytes in native memory. */
    static ClipInput ofBytes(byte[] bytes) {
        return new OfBytes(bytes);
    }

    private static final class OfFile extends ClipInput {
        private final AVIOContext context = new AVIOContext(null);

        private OfFile(String name, Path path, Deadline deadline) {
            AVDictionary options = new AVDictionary(null);
            Ffmpeg.put(options, "protocol_whitelist", "file");
            try (AVIOInterruptCB interrupt = deadline.interrupt();
                    BytePointer url = new BytePointer("file:" + path.toAbsolutePath(), StandardCharsets.UTF_8)) {
                int opened = avformat.avio_open2(context, url, avformat.AVIO_FLAG_READ, interrupt, options);
                if (opened < 0) {
                    throw new UnreadableClipException("%s cannot be opened: %s".formatted(name, Ffmpeg.text(opened)));
                }
            } finally {
                avutil.av_dict_free(options);
            }
        }

        @Override
        AVIOContext context() {
            return context;
        }

        @Override
        public void close() {
            avformat.avio_closep(context);
        }
    }

    private static final class OfBytes extends ClipInput {
        private static final int BUFFER_BYTES = 1 << 16;

        /** Address of the bytes, their number, and the position to be read next; what the callbacks know. */
        private static final int ADDRESS = 0;

        private static final int SIZE = 1;
        private static final int POSITION = 2;

        private static final Read_packet_Pointer_BytePointer_int READ =
                Ffmpeg.forever(new Read_packet_Pointer_BytePointer_int() {
                    @Override
                    public int call(Pointer opaque, BytePointer target, int wanted) {
                        LongPointer state = new LongPointer(opaque);
                        long position = state.get(POSITION);
                        long count = Math.min(wanted, state.get(SIZE) - position);
                        if (count <= 0) {
                            return avutil.AVERROR_EOF;
                        }
                        Pointer.memcpy(target, new Address(state.get(ADDRESS) + position), count);
                        state.put(POSITION, position + count);
                        return (int) count;
                    }
                });

        private static final Seek_Pointer_long_int SEEK = Ffmpeg.forever(new Seek_Pointer_long_int() {
            @Override
            public long call(Pointer opaque, long offset, int whence) {
                LongPointer state = new LongPointer(opaque);
                long size = state.get(SIZE);
                if ((whence & avformat.AVSEEK_SIZE) != 0) {
                    return size;
                }
                long target =
                        switch (whence & ~avformat.AVSEEK_FORCE) {
                            case SEEK_SET -> offset;
                            case SEEK_CUR -> state.get(POSITION) + offset;
                            case SEEK_END -> size + offset;
                            default -> -1;
                        };
                if (target < 0) {
                    return avutil.AVERROR_EINVAL();
                }
                state.put(POSITION, Math.min(target, size));
                return target;
            }
        });

        // stdio.h, the same on every platform.
        private static final int SEEK_SET = 0;
        private static final int SEEK_CUR = 1;
        private static final int SEEK_END = 2;

        private final BytePointer bytes;
        private final LongPointer state;
        private final AVIOContext context;

        private OfBytes(byte[] bytes) {
            this.bytes = new BytePointer(Math.max(1, bytes.length));
            this.bytes.put(bytes);
            this.state = new LongPointer(3);
            state.put(ADDRESS, this.bytes.address());
            state.put(SIZE, bytes.length);
            state.put(POSITION, 0);
            this.context = avformat.avio_alloc_context(
                    new BytePointer(avutil.av_malloc(BUFFER_BYTES)), BUFFER_BYTES, 0, state, READ, null, SEEK);
        }

        @Override
        AVIOContext context() {
            return context;
        }

        @Override
        public void close() {
            // The demuxer may have exchanged the buffer for a larger one; it is the context's, not ours.
            avutil.av_free(context.buffer());
            avformat.avio_context_free(context);
            state.close();
            bytes.close();
        }

        /** A place in native memory that somebody else frees. */
        private static final class Address extends Pointer {
            Address(long address) {
                this.address = address;
            }
        }
    }
}

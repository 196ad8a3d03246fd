package io.kinora.video;

import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVDictionaryEntry;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.avutil.LogCallback;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FunctionPointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** FFmpeg's process-wide settings, made once when the first clip is opened, and the words for its error numbers. */
final class Ffmpeg {
    private static final Logger LOGGER = LoggerFactory.getLogger("io.kinora.video.ffmpeg");

    /** No picture or index we accept needs more in one piece; a header that asks for more is refused by FFmpeg. */
    private static final long LARGEST_ALLOCATION = 1L << 29;

    private static final int ERROR_TEXT_BYTES = 128;

    // FFmpeg keeps the address of this object for the life of the process.
    private static final LogCallback TO_SLF4J = forever(new LogCallback() {
        @Override
        public void call(int level, BytePointer message) {
            forward(level, message.getString(StandardCharsets.UTF_8).strip());
        }
    });

    static {
        avutil.av_max_alloc(LARGEST_ALLOCATION);
        // FFmpeg's errors are facts about a clip, which our exceptions report; they are logged only for who debugs.
        avutil.av_log_set_level(
                LOGGER.isTraceEnabled()
                        ? avutil.AV_LOG_VERBOSE
                        : LOGGER.isDebugEnabled() ? avutil.AV_LOG_WARNING : avutil.AV_LOG_PANIC);
        avutil.setLogCallback(TO_SLF4J);
    }

    private Ffmpeg() {}

    /** Loads the native libraries and makes the settings; does nothing the second time. */
    static void load() {
        // The work is done by the initializer of this class.
    }

    /** A callback that outlives every pointer scope, one open around its first use included. */
    static <T extends FunctionPointer> T forever(T callback) {
        callback.retainReference();
        return callback;
    }

    /** What an error number means, in FFmpeg's words. */
    static String text(int error) {
        byte[] text = new byte[ERROR_TEXT_BYTES];
        avutil.av_strerror(error, text, text.length);
        int end = 0;
        while (end < text.length && text[end] != 0) {
            end++;
        }
        return new String(text, 0, end, StandardCharsets.UTF_8);
    }

    static boolean isPositive(AVRational ratio) {
        return ratio.num() > 0 && ratio.den() > 0;
    }

    /** Copies one option into a dictionary that FFmpeg will free. */
    static void put(AVDictionary dictionary, String key, String value) {
        avutil.av_dict_set(dictionary, key, value, 0);
    }

    /** Hands each pair of a dictionary, which may be null, to the visitor. */
    static void forEach(AVDictionary dictionary, BiConsumer<String, String> visitor) {
        if (dictionary == null || dictionary.isNull()) {
            return;
        }
        AVDictionaryEntry entry = null;
        try (BytePointer any = new BytePointer("")) {
            while ((entry = avutil.av_dict_get(dictionary, any, entry, avutil.AV_DICT_IGNORE_SUFFIX)) != null) {
                visitor.accept(
                        entry.key().getString(StandardCharsets.UTF_8),
                        entry.value().getString(StandardCharsets.UTF_8));
            }
        }
    }

    /** The text at an address of FFmpeg's, or {@code unknown} where it has none. */
    static String name(BytePointer text) {
        return text == null || text.isNull() ? "unknown" : text.getString(StandardCharsets.UTF_8);
    }

    private static void forward(int level, String message) {
        if (message.isEmpty()) {
            return;
        }
        if (level <= avutil.AV_LOG_PANIC) {
            LOGGER.error(message);
        } else if (level <= avutil.AV_LOG_WARNING) {
            LOGGER.debug(message);
        } else {
            LOGGER.trace(message);
        }
    }
}

package io.kinora.kafka.headers;

import io.kinora.kafka.MalformedRecordException;
import io.kinora.kafka.MalformedRecordException.Code;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A media type as far as reading a body needs it.
 *
 * @param mediaType {@code type/subtype}, lower case
 * @param charset the parameter of that name, lower case
 */
record ContentType(String mediaType, Optional<String> charset) {
    private static final Pattern MEDIA_TYPE = Pattern.compile("[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}");
    private static final Pattern CHARSET = Pattern.compile(";\\s*charset\\s*=\\s*\"?([^\";\\s]+)\"?");

    /** @throws MalformedRecordException when the text is no media type */
    static ContentType parse(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        int parameters = lower.indexOf(';');
        String mediaType = (parameters < 0 ? lower : lower.substring(0, parameters)).strip();
        if (!MEDIA_TYPE.matcher(mediaType).matches()) {
            throw new MalformedRecordException(
                    Code.CONTENT_TYPE, "content-type is \"%s\", expected type/subtype".formatted(text));
        }
        Matcher charset = CHARSET.matcher(lower);
        return new ContentType(mediaType, charset.find() ? Optional.of(charset.group(1)) : Optional.empty());
    }

    boolean isJson() {
        return mediaType.equals("application/json") || mediaType.endsWith("+json");
    }

    boolean isPlainText() {
        return mediaType.equals("text/plain");
    }

    /** A video, a picture, or a sound. */
    boolean isMedium() {
        return mediaType.startsWith("video/") || mediaType.startsWith("image/") || mediaType.startsWith("audio/");
    }

    boolean isCloudEvent() {
        return mediaType.startsWith("application/cloudevents");
    }

    /** True unless another charset than UTF-8 (or its part, ASCII) is named. */
    boolean isUtf8() {
        return charset.map(name -> name.equals("utf-8") || name.equals("utf8") || name.equals("us-ascii"))
                .orElse(true);
    }
}

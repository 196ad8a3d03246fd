package io.kinora.actors.pipeline;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Which topics of others clips are taken from.
 *
 * @param topics names, or regular expressions that whole names have to match; none for the topic of clips alone
 * @param piecesWithin how much older than its last piece the others of a clip may be
 */
record IntakeSettings(List<String> topics, Duration piecesWithin) {
    IntakeSettings {
        topics = List.copyOf(topics);
        for (String topic : topics) {
            try {
                Pattern.compile(topic);
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        "kinora.pipelines.clip-topics has \"%s\", which is no regular expression: %s"
                                .formatted(topic, e.getDescription()),
                        e);
            }
        }
        if (piecesWithin.isNegative() || piecesWithin.isZero()) {
            throw new IllegalArgumentException(
                    "kinora.pipelines.pieces-within is %s, must be longer than nothing".formatted(piecesWithin));
        }
    }

    /**
     * Reads {@code kinora.pipelines}.
     *
     * @param root the whole configuration
     * @throws com.typesafe.config.ConfigException when a key is missing or of another type
     */
    static IntakeSettings from(Config root) {
        Config pipelines = root.getConfig("kinora.pipelines");
        return new IntakeSettings(pipelines.getStringList("clip-topics"), pipelines.getDuration("pieces-within"));
    }
}

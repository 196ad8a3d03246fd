package io.kinora.kafka.topic;

import java.util.List;

/** Topics on the cluster cannot serve as they are declared. Nothing was changed: an operator decides. */
public final class IncompatibleTopicException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    IncompatibleTopicException(List<String> problems) {
        super(String.join("; ", problems));
    }
}

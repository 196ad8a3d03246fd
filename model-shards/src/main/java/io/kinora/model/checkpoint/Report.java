package io.kinora.model.checkpoint;

import io.kinora.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** The differences between what a model asks for and what its files hold. */
final class Report {
    private final List<String> missing = new ArrayList<>();
    private final List<String> misshapen = new ArrayList<>();
    private final List<String> surplus = new ArrayList<>();

    void missing(String name, Shape expected) {
        missing.add("%s %s".formatted(name, expected));
    }

    void misshapen(String name, Shape stored, Shape expected) {
        misshapen.add("%s has shape %s, expected %s".formatted(name, stored, expected));
    }

    void surplus(String name) {
        surplus.add(name);
    }

    boolean isEmpty() {
        return missing.isEmpty() && misshapen.isEmpty() && surplus.isEmpty();
    }

    /** All differences in one message. */
    CheckpointException exception(Path path) {
        return new CheckpointException(message(path));
    }

    /** With what the model's constructor threw when it went on. */
    CheckpointException exception(Path path, RuntimeException consequence) {
        return new CheckpointException(message(path), consequence);
    }

    private String message(Path path) {
        StringJoiner message = new StringJoiner("; ", path + " does not fit the model: ", "");
        if (!missing.isEmpty()) {
            message.add("missing %d: %s".formatted(missing.size(), String.join(", ", missing)));
        }
        if (!misshapen.isEmpty()) {
            message.add("misshapen %d: %s".formatted(misshapen.size(), String.join(", ", misshapen)));
        }
        if (!surplus.isEmpty()) {
            message.add("not taken %d: %s".formatted(surplus.size(), Listing.first(surplus)));
        }
        return message.toString();
    }
}

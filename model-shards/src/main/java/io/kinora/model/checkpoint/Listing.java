package io.kinora.model.checkpoint;

import java.util.Collection;
import java.util.stream.Collectors;

/** Names in a message: a checkpoint of another model has hundreds that nobody reads. */
final class Listing {
    private static final int SHOWN = 20;

    private Listing() {}

    static String first(Collection<String> names) {
        String shown = names.stream().limit(SHOWN).collect(Collectors.joining(", "));
        return names.size() <= SHOWN ? shown : "%s and %d more".formatted(shown, names.size() - SHOWN);
    }
}

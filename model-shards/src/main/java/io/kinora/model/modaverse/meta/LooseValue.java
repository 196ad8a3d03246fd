package io.kinora.model.modaverse.meta;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@link LooseReader} reads. */
sealed interface LooseValue {
    /** A text, quoted or not; numbers and the like are their own spelling. */
    record Word(String text) implements LooseValue {}

    /** A list or a tuple. */
    record Items(List<LooseValue> values) implements LooseValue {
        /** Copies the list. */
        public Items {
            values = List.copyOf(values);
        }
    }

    /** An object; of a name that stands twice, the last counts. */
    record Fields(Map<String, LooseValue> byName) implements LooseValue {
        /** Copies the map. */
        public Fields {
            byName = Map.copyOf(byName);
        }

        /** The first of these names that is there. */
        Optional<LooseValue> at(String... names) {
            return Arrays.stream(names)
                    .filter(byName::containsKey)
                    .map(byName::get)
                    .findFirst();
        }
    }
}

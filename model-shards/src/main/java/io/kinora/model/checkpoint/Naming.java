package io.kinora.model.checkpoint;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * From the names in a file to the names a model asks for.
 *
 * <p>Namings are chained with {@link #then}: the released file of a whole system, seen as one of its parts, with old names made new.
 */
@FunctionalInterface
public interface Naming {
    /** The name the model knows, or empty if the tensor is none of the model's. */
    Optional<String> nameOf(String stored);

    /** Every name as it is stored. */
    static Naming asStored() {
        return Optional::of;
    }

    /** Only names that start with the prefix (dot included, as {@code "model."}), without it. */
    static Naming under(String prefix) {
        return stored -> stored.startsWith(prefix) ? Optional.of(stored.substring(prefix.length())) : Optional.empty();
    }

    /** Every name, without the prefix where it has it, as {@code "module."} of data-parallel training. */
    static Naming without(String prefix) {
        return stored -> Optional.of(stored.startsWith(prefix) ? stored.substring(prefix.length()) : stored);
    }

    /** Whole dotted segments replaced, as {@code query} by {@code to_q}; a new segment may have dots in it, as {@code to_out.0}. */
    static Naming replacing(Map<String, String> segments) {
        Map<String, String> replacements = Map.copyOf(segments);
        return stored -> Optional.of(Stream.of(stored.split("\\.", -1))
                .map(segment -> replacements.getOrDefault(segment, segment))
                .collect(Collectors.joining(".")));
    }

    /** This naming, and then another on what it gives. */
    default Naming then(Naming next) {
        return stored -> nameOf(stored).flatMap(next::nameOf);
    }
}

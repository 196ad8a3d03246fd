package io.kinora.training.eval;

import io.kinora.training.world.Colour;
import io.kinora.training.world.Shape;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One shape through a clip: what was found of it in each frame, or nothing where it could not be seen. */
final class Track {
    private final List<Optional<Blob>> blobs = new ArrayList<>();

    /** A shape that is first seen after so many frames. */
    Track(int missed) {
        for (int i = 0; i < missed; i++) {
            blobs.add(Optional.empty());
        }
    }

    void add(Optional<Blob> blob) {
        blobs.add(blob);
    }

    /** One for each frame. */
    List<Optional<Blob>> blobs() {
        return List.copyOf(blobs);
    }

    /** Those frames in which it can be seen. */
    List<Blob> seen() {
        return blobs.stream().flatMap(Optional::stream).toList();
    }

    /** Where it was last. */
    Blob last() {
        List<Blob> seen = seen();
        return seen.get(seen.size() - 1);
    }

    /** The colour of most of its frames, by area. */
    Colour colour() {
        Map<Colour, Double> votes = new EnumMap<>(Colour.class);
        seen().forEach(blob -> votes.merge(blob.colour(), blob.area(), Double::sum));
        return votes.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
    }

    /** The shape whose outline is nearest to the mean outline; larger pictures of it weigh more. */
    Shape shape() {
        double fill = 0;
        double solidity = 0;
        double weight = 0;
        for (Blob blob : seen()) {
            fill += blob.fill() * blob.area();
            solidity += blob.solidity() * blob.area();
            weight += blob.area();
        }
        return Outlines.nearest(fill / weight, solidity / weight);
    }

    double area() {
        return seen().stream().mapToDouble(Blob::area).sum();
    }
}

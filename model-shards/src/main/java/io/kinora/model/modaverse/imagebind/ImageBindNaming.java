package io.kinora.model.modaverse.imagebind;

import io.kinora.model.checkpoint.Naming;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Of the six modalities of the released file, only those that are wanted: {@code modality_trunks.vision…} and the like. */
public final class ImageBindNaming implements Naming {
    private final Set<String> modalities;

    private ImageBindNaming(Set<String> modalities) {
        this.modalities = modalities;
    }

    /** The tensors of these modalities, as {@code vision} and {@code audio}. */
    public static ImageBindNaming of(String... modalities) {
        return new ImageBindNaming(Arrays.stream(modalities).collect(Collectors.toUnmodifiableSet()));
    }

    @Override
    public Optional<String> nameOf(String stored) {
        String[] segments = stored.split("\\.", 3);
        return segments.length > 1 && modalities.contains(segments[1]) ? Optional.of(stored) : Optional.empty();
    }
}

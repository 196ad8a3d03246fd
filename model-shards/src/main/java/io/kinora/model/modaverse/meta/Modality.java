package io.kinora.model.modaverse.meta;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What an answer may be made of, in the order of the released model's flags. */
public enum Modality {
    TEXT,
    IMAGE,
    AUDIO,
    VIDEO;

    /** All, in order. */
    public static final List<Modality> ALL = List.of(values());

    private static final String MODEL_PREFIX = "text-to-";

    /** The word by which the language model names it: one added token, as {@code [IMAGE]}. */
    public String flag() {
        return "[" + name() + "]";
    }

    /** In lower case, as configurations and addresses have it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** By its {@link #label}, whatever the case. */
    public static Optional<Modality> labelled(String label) {
        return Arrays.stream(values())
                .filter(modality -> modality.name().equals(label.strip().toUpperCase(Locale.ROOT)))
                .findFirst();
    }

    /** What a model of the paper makes, as {@code text-to-image}, or a label alone. */
    static Optional<Modality> ofModel(String model) {
        String name = model.strip().toLowerCase(Locale.ROOT).replace(' ', '-').replace('_', '-');
        return labelled(name.startsWith(MODEL_PREFIX) ? name.substring(MODEL_PREFIX.length()) : name);
    }
}

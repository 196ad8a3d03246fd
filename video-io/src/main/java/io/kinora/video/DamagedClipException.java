package io.kinora.video;

import java.util.List;

/** A clip that can be read only in part, refused because the caller asked for whole clips only. Never retry. */
public final class DamagedClipException extends UnreadableClipException {
    private final transient List<String> damage;

    DamagedClipException(String name, List<String> damage) {
        super("%s is damaged: %s".formatted(name, String.join("; ", damage)));
        this.damage = List.copyOf(damage);
    }

    /** What was found, in words, at least one entry. */
    public List<String> damage() {
        return damage;
    }
}

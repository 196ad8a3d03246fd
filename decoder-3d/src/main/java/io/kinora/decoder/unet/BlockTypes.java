package io.kinora.decoder.unet;

import io.kinora.decoder.nn.ModuleConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Reads block type names of a configuration. */
final class BlockTypes {
    private BlockTypes() {}

    /** Which blocks attend, in their order. */
    static List<Boolean> attending(ModuleConfig config, List<String> types, String attending, String plain) {
        List<Boolean> attends = new ArrayList<>();
        for (String type : types) {
            if (!type.equals(attending) && !type.equals(plain)) {
                throw config.invalid(
                        "block type '%s' is unknown here; there are %s and %s".formatted(type, attending, plain));
            }
            attends.add(type.equals(attending));
        }
        return List.copyOf(attends);
    }

    /** Up blocks stand lowest level first; by level, the order is the other way round. */
    static <T> List<T> byLevel(List<T> upBlocks) {
        List<T> reversed = new ArrayList<>(upBlocks);
        Collections.reverse(reversed);
        return List.copyOf(reversed);
    }
}

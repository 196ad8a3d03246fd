package io.kinora.model.emu2;

import io.kinora.model.checkpoint.Naming;
import java.util.List;
import java.util.Optional;

/**
 * From the names in any released Emu2 file to those the classes here ask for, which are the native ones: {@code visual.*},
 * {@code decoder.lm.*}, {@code project_up}, {@code project_down}. The Hugging Face files put {@code model.} before the first two, the
 * native Emu2-Gen file {@code multimodal_encoder.} before all, beside an image decoder that is none of this model's.
 */
enum Emu2Naming implements Naming {
    RELEASED;

    private static final String ENCODER = "multimodal_encoder.";
    private static final String MODEL = "model.";
    private static final List<String> IMAGE_DECODER = List.of("unet.", "vae.", "safety_checker.");

    @Override
    public Optional<String> nameOf(String stored) {
        if (IMAGE_DECODER.stream().anyMatch(stored::startsWith)) {
            return Optional.empty();
        }
        String inner = stored.startsWith(ENCODER) ? stored.substring(ENCODER.length()) : stored;
        return Optional.of(inner.startsWith(MODEL) ? inner.substring(MODEL.length()) : inner);
    }
}

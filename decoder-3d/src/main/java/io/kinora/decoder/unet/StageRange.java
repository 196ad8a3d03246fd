package io.kinora.decoder.unet;

import io.kinora.model.checkpoint.Weights;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A run of a U-Net's stages, for cutting it over devices. With L levels stage 0 is the input, 1 to L the down blocks, L+1 the mid block,
 * L+2 to 2L+1 the up blocks, and 2L+2 the output.
 *
 * @param from first stage
 * @param to stage after the last
 */
public record StageRange(int from, int to) {
    /** Checks that there is at least one stage. */
    public StageRange {
        if (from < 0 || to <= from) {
            throw new IllegalArgumentException("no stages in %d..%d".formatted(from, to));
        }
    }

    /** Number of stages of a U-Net with that many levels. */
    public static int stages(int levels) {
        return 2 * levels + 3;
    }

    /** All stages of a U-Net with that many levels. */
    public static StageRange all(int levels) {
        return new StageRange(0, stages(levels));
    }

    /**
     * Cuts a U-Net into runs of stages such that the largest weighs as little as it can.
     *
     * @param weights of each stage, in any unit
     * @throws IllegalArgumentException if there are fewer stages than parts
     */
    public static List<StageRange> cut(List<Long> weights, int parts) {
        int stages = weights.size();
        if (parts < 1 || parts > stages) {
            throw new IllegalArgumentException(
                    "a U-Net of %d stages is cut into 1 to %d parts, not %d".formatted(stages, stages, parts));
        }
        long low = Collections.max(weights);
        long high = weights.stream().mapToLong(Long::longValue).sum();
        while (low < high) {
            long middle = low + (high - low) / 2;
            if (cutAt(weights, parts, middle).size() <= parts) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return cutAt(weights, parts, low);
    }

    /** Runs that weigh no more than the limit, as few as it takes but at least so many. */
    private static List<StageRange> cutAt(List<Long> weights, int parts, long limit) {
        List<StageRange> ranges = new ArrayList<>();
        int from = 0;
        long weight = 0;
        for (int stage = 0; stage < weights.size(); stage++) {
            boolean needed = weights.size() - stage < parts - ranges.size();
            if (stage > from && (weight + weights.get(stage) > limit || needed)) {
                ranges.add(new StageRange(from, stage));
                from = stage;
                weight = 0;
            }
            weight += weights.get(stage);
        }
        ranges.add(new StageRange(from, weights.size()));
        return ranges;
    }

    /** How the names of a stage's weights begin, beside those that every stage has. */
    public static List<String> prefixes(int stage, int levels) {
        if (stage == 0) {
            return List.of("conv_in.", "transformer_in.");
        }
        if (stage <= levels) {
            return List.of("down_blocks.%d.".formatted(stage - 1));
        }
        if (stage == levels + 1) {
            return List.of("mid_block.");
        }
        return stage < 2 * levels + 2
                ? List.of("up_blocks.%d.".formatted(stage - levels - 2))
                : List.of("conv_norm_out.", "conv_out.");
    }

    /** Leaves out the weights of all other stages. */
    public void ignoreOthers(Weights weights, int levels) {
        for (int stage = 0; stage < stages(levels); stage++) {
            if (!contains(stage)) {
                prefixes(stage, levels).forEach(weights::ignore);
            }
        }
    }

    boolean contains(int stage) {
        return from <= stage && stage < to;
    }
}

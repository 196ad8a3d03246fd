package io.kinora.model.shard;

import java.util.ArrayList;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;

/**
 * How a model is laid on devices: each gets parts that follow each other, and the fullest device is as little full as the order allows.
 *
 * @param stages one for each device that gets something, in order
 */
public record ShardPlan(List<PlannedStage> stages) {
    private static final int SEARCH_STEPS = 60;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;

    /** Copies the list. */
    public ShardPlan {
        stages = List.copyOf(stages);
    }

    /**
     * Plans a model.
     *
     * @throws PlanRefusedException if it does not fit, with the bytes needed and the bytes there are
     */
    public static ShardPlan of(ModelFootprint model, List<DeviceBudget> devices) {
        if (devices.isEmpty()) {
            throw new IllegalArgumentException("a plan needs a device");
        }
        if (!fits(model, devices, 1)) {
            throw refusal(model, devices);
        }
        double tooLittle = 0;
        double enough = 1;
        for (int step = 0; step < SEARCH_STEPS; step++) {
            double share = (tooLittle + enough) / 2;
            if (fits(model, devices, share)) {
                enough = share;
            } else {
                tooLittle = share;
            }
        }
        return new ShardPlan(fill(model, devices, enough));
    }

    private static boolean fits(ModelFootprint model, List<DeviceBudget> devices, double share) {
        return fill(model, devices, share).stream()
                        .mapToInt(stage -> stage.parts().size())
                        .sum()
                == model.pieces().size();
    }

    /** As many parts on each device as this share of it holds; parts may be left over. */
    private static List<PlannedStage> fill(ModelFootprint model, List<DeviceBudget> devices, double share) {
        List<PlannedStage> stages = new ArrayList<>();
        int next = 0;
        for (int number = 0; number < devices.size(); number++) {
            DeviceBudget device = devices.get(number);
            int to = next;
            while (to < model.pieces().size()
                    && PlannedStage.of(number, device, model.pieces().subList(next, to + 1))
                                    .utilisation()
                            <= share) {
                to++;
            }
            if (to > next) {
                stages.add(PlannedStage.of(number, device, model.pieces().subList(next, to)));
            }
            next = to;
        }
        return stages;
    }

    private static PlanRefusedException refusal(ModelFootprint model, List<DeviceBudget> devices) {
        long activations = model.pieces().stream()
                .mapToLong(ModelFootprint.Piece::activationBytes)
                .max()
                .orElse(0);
        long needed = model.weightBytes() + model.cacheBytes() + activations;
        long available = devices.stream().mapToLong(DeviceBudget::bytes).sum();
        List<PlannedStage> placed = fill(model, devices, 1);
        int count = placed.stream().mapToInt(stage -> stage.parts().size()).sum();
        String message = String.format(
                Locale.ROOT,
                "the model needs at least %s (weights %s, keys and values %s, activations %s) and %d device%s of together %s hold %d of"
                        + " its %d parts: no room for the %s",
                size(needed),
                size(model.weightBytes()),
                size(model.cacheBytes()),
                size(activations),
                devices.size(),
                devices.size() == 1 ? "" : "s",
                size(available),
                count,
                model.pieces().size(),
                model.pieces().get(count).name());
        return new PlanRefusedException(message, needed, available);
    }

    /** Bytes that all devices together are planned to use. */
    public long totalBytes() {
        return stages.stream().mapToLong(PlannedStage::totalBytes).sum();
    }

    /** A table for people: a line for each device. */
    public String table() {
        StringBuilder text = new StringBuilder();
        try (Formatter out = new Formatter(text, Locale.ROOT)) {
            out.format(
                    "%-12s %-10s %11s %11s %11s %11s %11s %5s%n",
                    "device", "layers", "weights", "KV cache", "activations", "total", "budget", "used");
            for (PlannedStage stage : stages) {
                out.format(
                        "%-12s %-10s %11s %11s %11s %11s %11s %4.0f%%%n",
                        stage.device().name(),
                        stage.layers(),
                        size(stage.weightBytes()),
                        size(stage.cacheBytes()),
                        size(stage.activationBytes()),
                        size(stage.totalBytes()),
                        size(stage.device().bytes()),
                        100 * stage.utilisation());
            }
        }
        return text.toString();
    }

    /** As people write it: {@code 12.34 GiB}, or {@code 12.34 MiB} below one GiB. */
    public static String size(long bytes) {
        return bytes < GIB
                ? String.format(Locale.ROOT, "%.2f MiB", (double) bytes / MIB)
                : String.format(Locale.ROOT, "%.2f GiB", (double) bytes / GIB);
    }
}

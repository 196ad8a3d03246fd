package io.kinora.model.shard;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A device and the bytes that a model may take of it. */
public record DeviceBudget(String name, long bytes) {
    private static final int MOST_DEVICES = 1024;
    private static final Pattern GROUP = Pattern.compile(
            "(?:(\\d{1,4})\\s*x\\s*)?(\\d{1,9}(?:\\.\\d{1,3})?)\\s*([kmgt]i?b)", Pattern.CASE_INSENSITIVE);

    /** Checks that there is something to have. */
    public DeviceBudget {
        if (name.isBlank() || bytes < 1) {
            throw new IllegalArgumentException(
                    "a device has a name and bytes, got '%s' with %d".formatted(name, bytes));
        }
    }

    /**
     * Reads a list as {@code 4x80GB} or {@code 80GB,2x24GiB}: GB counts in thousands, GiB in 1024s. The devices are named {@code device 0},
     * {@code device 1} …
     *
     * @throws IllegalArgumentException if the text is something else; the message says what is allowed
     */
    public static List<DeviceBudget> parse(String text) {
        List<DeviceBudget> devices = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            Matcher group = GROUP.matcher(part.strip());
            if (!group.matches()) {
                throw new IllegalArgumentException(
                        "cannot read devices '%s': write 80GB, 4x80GB or 80GB,2x24GiB".formatted(text));
            }
            int count = group.group(1) == null ? 1 : Integer.parseInt(group.group(1));
            if (count < 1 || devices.size() + count > MOST_DEVICES) {
                throw new IllegalArgumentException(
                        "'%s' asks for %d devices; allowed are 1 to %d".formatted(text, count, MOST_DEVICES));
            }
            long bytes = (long) (Double.parseDouble(group.group(2)) * unit(group.group(3)));
            for (int i = 0; i < count; i++) {
                devices.add(new DeviceBudget("device " + devices.size(), bytes));
            }
        }
        return List.copyOf(devices);
    }

    private static double unit(String suffix) {
        String lower = suffix.toLowerCase(Locale.ROOT);
        double base = lower.contains("i") ? 1024 : 1000;
        return Math.pow(base, "kmgt".indexOf(lower.charAt(0)) + 1);
    }
}

package io.kinora.tensor;

import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where an engine keeps and computes its tensors: {@code cpu}, {@code cuda:0}, {@code cuda:1} … */
public record Device(Kind kind, int index) {
    /** Kinds of processor. */
    public enum Kind {
        CPU,
        CUDA
    }

    /** The processor the program runs on. */
    public static final Device CPU = new Device(Kind.CPU, 0);

    private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");

    /** Checks that the index exists in principle: not negative, and 0 for the CPU. */
    public Device {
        Objects.requireNonNull(kind);
        if (index < 0 || (kind == Kind.CPU && index != 0)) {
            throw new IllegalArgumentException("no device %s:%d".formatted(kind, index));
        }
    }

    /** The CUDA device of that index. */
    public static Device cuda(int index) {
        return new Device(Kind.CUDA, index);
    }

    /**
     * Reads {@code cpu}, {@code cuda} (the first one) or {@code cuda:N}.
     *
     * @throws IllegalArgumentException if the text is none of these
     */
    public static Device parse(String text) {
        String name = text.strip().toLowerCase(Locale.ROOT);
        if (name.equals("cpu")) {
            return CPU;
        }
        Matcher cuda = CUDA.matcher(name);
        if (!cuda.matches()) {
            throw new IllegalArgumentException("unknown device '%s': use cpu, cuda or cuda:N".formatted(text));
        }
        return cuda(cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1)));
    }

    /** {@code cpu} or {@code cuda:N}; {@link #parse} reads it back. */
    @Override
    public String toString() {
        return kind == Kind.CPU ? "cpu" : "cuda:" + index;
    }
}

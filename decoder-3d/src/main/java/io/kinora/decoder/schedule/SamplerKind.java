package io.kinora.decoder.schedule;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The methods there are, with the names that checkpoints and users give them. */
public enum SamplerKind {
    /** Denoising diffusion implicit models, Song et al. 2020. */
    DDIM("ddim", "DDIMScheduler"),
    /** DPM-Solver and DPM-Solver++, multistep, Lu et al. 2022. */
    DPM_SOLVER("dpm++", "DPMSolverMultistepScheduler"),
    /** Euler's method over sigma, Karras et al. 2022 algorithm 2. */
    EULER("euler", "EulerDiscreteScheduler"),
    /** Euler's method with noise added back at each step. */
    EULER_ANCESTRAL("euler-a", "EulerAncestralDiscreteScheduler"),
    /** Pseudo numerical methods, Liu et al. 2022. */
    PNDM("pndm", "PNDMScheduler");

    private final String shortName;
    private final String className;

    SamplerKind(String shortName, String className) {
        this.shortName = shortName;
        this.className = className;
    }

    /** The name for users, such as {@code dpm++}. */
    public String shortName() {
        return shortName;
    }

    /** The class name in released configurations, such as {@code DPMSolverMultistepScheduler}. */
    public String className() {
        return className;
    }

    /**
     * The kind of that short name (in any case) or class name.
     *
     * @throws IllegalArgumentException if there is none; the message lists what there is
     */
    public static SamplerKind parse(String name) {
        for (SamplerKind kind : values()) {
            if (kind.className.equals(name) || kind.shortName.equals(name.toLowerCase(Locale.ROOT))) {
                return kind;
            }
        }
        throw new IllegalArgumentException("unknown sampler '%s': there is %s".formatted(name, names()));
    }

    /** All of them, for messages. */
    static String names() {
        return Arrays.stream(values())
                .map(kind -> "%s (%s)".formatted(kind.shortName, kind.className))
                .collect(Collectors.joining(", "));
    }
}

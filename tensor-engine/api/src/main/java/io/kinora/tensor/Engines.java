package io.kinora.tensor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** Finds and opens the engines on the class path. */
public final class Engines {
    /** The name that stands for the engine named by the system property {@code kinora.engine}, or else for the first engine that loads. */
    public static final String AUTO = "auto";

    private static final String PREFERRED = "kinora.engine";
    private static final String OPTIONAL = "nd4j";

    private Engines() {}

    /**
     * Opens the engine of that name.
     *
     * @throws EngineUnavailableException if there is none, or none loads; the message gives each one's reason
     */
    public static Engine open(String name, Device device) {
        return openNamed(name.equals(AUTO) ? System.getProperty(PREFERRED, AUTO) : name, device);
    }

    private static Engine openNamed(String name, Device device) {
        List<EngineProvider> providers = ServiceLoader.load(EngineProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> name.equals(AUTO) || provider.name().equals(name))
                .sorted(Comparator.comparingInt(EngineProvider::preference))
                .toList();
        List<EngineUnavailableException> reasons = new ArrayList<>();
        for (EngineProvider provider : providers) {
            try {
                return provider.open(device);
            } catch (EngineUnavailableException e) {
                reasons.add(e);
            }
        }
        if (providers.isEmpty()) {
            throw new EngineUnavailableException(
                    "no engine '%s' on the class path; there is %s%s".formatted(name, names(), hint(name)));
        }
        EngineUnavailableException failure = new EngineUnavailableException(
                reasons.stream().map(Throwable::getMessage).collect(Collectors.joining("; ")) + hint(name));
        reasons.forEach(failure::addSuppressed);
        throw failure;
    }

    /** How to get the engine that the ordinary build leaves out, where it is wanted and not there. */
    private static String hint(String name) {
        boolean wanted = name.equals(OPTIONAL) || name.equals(AUTO);
        return wanted && !names().contains(OPTIONAL)
                ? "; %1$s is built in by KINORA_PROFILES=%1$s ./kinora, or mvn -P%1$s".formatted(OPTIONAL)
                : "";
    }

    private static String names() {
        String names = ServiceLoader.load(EngineProvider.class).stream()
                .map(provider -> provider.get().name())
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "none" : names;
    }
}

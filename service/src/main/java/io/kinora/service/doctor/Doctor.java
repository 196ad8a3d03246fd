package io.kinora.service.doctor;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.util.ArrayList;
import java.util.List;

/** Examines the machine for what a configuration asks of it. Starts no service; computes and writes for some seconds. */
public final class Doctor {
    /** Looks at one thing. */
    @FunctionalInterface
    interface Examination {
        List<Finding> examine(Config config);
    }

    private record Named(String name, Examination examination) {}

    private static final List<Named> ALL = List.of(
            new Named("configuration", Machine::configuration),
            new Named("java", Machine::java),
            new Named("memory", Machine::memory),
            new Named("processor", Computing::processor),
            new Named("graphics card", Computing::graphicsCard),
            new Named("video", Codecs::examine),
            new Named("disk", Machine::disk),
            new Named("checkpoint", Computing::checkpoint),
            new Named("broker", Broker::examine));

    private Doctor() {}

    /** What was found, in the order in which things are needed. An examination that breaks is a finding too. */
    public static List<Finding> examine(Config config) {
        List<Finding> findings = new ArrayList<>();
        for (Named named : ALL) {
            try {
                findings.addAll(named.examination().examine(config));
            } catch (ConfigException e) {
                findings.add(Finding.failed(
                        named.name(), String.valueOf(e.getMessage()), "mend the key in your configuration file"));
            } catch (RuntimeException e) {
                findings.add(Finding.failed(
                        named.name(),
                        "it could not be examined: " + e,
                        "run with KINORA_LOG=DEBUG, and report it with what it says"));
            }
        }
        return findings;
    }
}

package io.kinora.kafka;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.Map;
import java.util.TreeMap;

/** Reads a configuration object as Kafka's flat properties, whose names have dots in them. */
public final class FlatProperties {
    private FlatProperties() {}

    /**
     * The properties by Kafka's names, which may be written with or without quotes.
     *
     * @throws IllegalArgumentException when one is given in both ways
     */
    public static Map<String, String> of(Config config) {
        Map<String, String> flat = new TreeMap<>();
        for (Map.Entry<String, ConfigValue> entry : config.entrySet()) {
            String name = String.join(".", ConfigUtil.splitPath(entry.getKey()));
            String before = flat.put(name, String.valueOf(entry.getValue().unwrapped()));
            if (before != null) {
                throw new IllegalArgumentException(
                        "%s is given twice, with and without quotes around its name".formatted(name));
            }
        }
        return flat;
    }
}

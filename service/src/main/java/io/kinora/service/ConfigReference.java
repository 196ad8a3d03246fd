package io.kinora.service;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Every key of the configuration with its default and its meaning, as the files that hold the defaults say. */
public final class ConfigReference {
    private static final String ROOT = "kinora";

    private ConfigReference() {}

    /**
     * A key.
     *
     * @param path from {@code kinora} on
     * @param value as HOCON; the default, or what was read over it
     * @param meaning the comment above it; may be empty
     */
    public record Key(String path, String value, String meaning) {}

    /** All keys of the defaults. */
    public static List<Key> defaults() {
        return of(ConfigFactory.parseResources("application.conf")
                .withFallback(ConfigFactory.parseResources("reference.conf"))
                .resolve());
    }

    /** All keys of a configuration, in the order of the files that they are in. */
    public static List<Key> of(Config config) {
        List<Key> keys = new ArrayList<>();
        collect(ROOT, config.getObject(ROOT), "", keys);
        return List.copyOf(keys);
    }

    private static void collect(String path, ConfigObject object, String above, List<Key> keys) {
        List<Map.Entry<String, ConfigValue>> entries = object.entrySet().stream()
                .sorted(Comparator.comparing((Map.Entry<String, ConfigValue> entry) -> nested(entry.getValue()))
                        .thenComparing(entry -> entry.getValue().origin().lineNumber())
                        .thenComparing(Map.Entry::getKey))
                .toList();
        for (Map.Entry<String, ConfigValue> entry : entries) {
            ConfigValue value = entry.getValue();
            String name = entry.getKey().contains(".") ? '"' + entry.getKey() + '"' : entry.getKey();
            String key = path + "." + name;
            String meaning = meaning(value);
            if (nested(value)) {
                collect(key, (ConfigObject) value, meaning, keys);
            } else {
                keys.add(new Key(key, rendered(value), meaning.isEmpty() ? above : meaning));
            }
        }
    }

    private static boolean nested(ConfigValue value) {
        return value instanceof ConfigObject object && !object.isEmpty();
    }

    private static String meaning(ConfigValue value) {
        return value.origin().comments().stream().map(String::strip).collect(Collectors.joining(" "));
    }

    private static String rendered(ConfigValue value) {
        return value instanceof ConfigList || value instanceof ConfigObject
                ? value.render(ConfigRenderOptions.concise())
                : String.valueOf(value.unwrapped());
    }

    /** The keys as a page of Markdown, a table for each section. */
    public static String markdown(List<Key> keys) {
        StringBuilder page = new StringBuilder("""
                # Configuration

                Every key, with its default and its unit. Made by `./kinora config --markdown`; a test sees that it is up to date.

                Give a file of your own with `--config FILE` (HOCON: `kinora.http.port = 9000`); the options of a command win over it. Durations are written `30 s`, `7 d`;
                sizes `8 MiB`. `./kinora config --config FILE` prints what is in force, and `./kinora doctor --config FILE` says whether it can be used.
                """);
        String section = "";
        for (Key key : keys) {
            String its = key.path().substring(0, key.path().lastIndexOf('.'));
            if (!its.equals(section)) {
                section = its;
                page.append("\n## ").append(section).append("\n\n| key | default | |\n| --- | --- | --- |\n");
            }
            page.append("| `%s` | %s | %s |\n"
                    .formatted(
                            key.path().substring(section.length() + 1),
                            key.value().isEmpty() ? "empty" : "`" + key.value().replace("|", "\\|") + "`",
                            key.meaning().replace("|", "\\|")));
        }
        return page.toString();
    }
}

package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import io.kinora.actors.HostSettings;
import io.kinora.actors.cluster.ClusterSettings;
import io.kinora.actors.cluster.Discovery;
import io.kinora.actors.cluster.Role;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.service.http.HttpSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The files under deploy/ say to each other and to the program what it understands. */
class DeploymentTest {
    private static final Path FILES = files();
    /** What a container's surroundings say. */
    private static final Config SURROUNDINGS =
            ConfigFactory.parseMap(Map.of("HOSTNAME", "node-1", "POD_IP", "10.0.0.1"));

    private static Path files() {
        Path module = Path.of("").toAbsolutePath();
        Path root = Files.isDirectory(module.resolve("deploy")) ? module : module.getParent();
        return root.resolve("deploy");
    }

    @Test
    void theNodesOfTheComposeFileHaveAllRolesAmongThemAndFindEachOther() throws IOException {
        JsonNode compose = documents("compose.yaml").get(0);
        Set<Role> roles = EnumSet.noneOf(Role.class);
        List<String> names = new ArrayList<>();
        compose.get("services").properties().forEach(service -> {
            if (service.getKey().startsWith("kinora")) {
                names.add(service.getKey());
                JsonNode node = service.getValue();
                String config = argument(node.path("command"), "kinora.conf");
                assertThat(mounted(node)).as(service.getKey()).contains("/etc/kinora/" + config);
                Config file = parse(FILES.resolve(config));
                Config configured = load(file);
                ClusterSettings cluster = ClusterSettings.from(configured);
                roles.addAll(cluster.roles());
                assertThat(cluster.enabled()).isTrue();
                assertThat(cluster.seeds()).allSatisfy(seed -> assertThat(
                                compose.get("services").has(seed.substring(0, seed.indexOf(':'))))
                        .isTrue());
                assertThat(KafkaSettings.from(configured)
                                .bootstrapServers()
                                .orElseThrow()
                                .split(","))
                        .allSatisfy(broker -> assertThat(
                                        compose.get("services").has(broker.substring(0, broker.indexOf(':'))))
                                .isTrue());
                check(file, configured);
            }
        });
        assertThat(names).contains("kinora-1", "kinora-2");
        assertThat(roles).containsExactlyInAnyOrder(Role.values());
    }

    @Test
    void thePodsOfTheManifestsHaveAllRolesAmongThemAndFindEachOther() throws IOException {
        List<JsonNode> objects = documents("kubernetes/kinora.yaml");
        JsonNode files = objects.stream()
                .filter(object -> object.path("kind").asText().equals("ConfigMap"))
                .findFirst()
                .orElseThrow()
                .get("data");
        Set<Role> roles = EnumSet.noneOf(Role.class);
        Set<String> parts = new HashSet<>();
        for (JsonNode object : objects) {
            JsonNode pod = object.at("/spec/template");
            if (pod.isMissingNode()) {
                continue;
            }
            String name = object.at("/metadata/name").asText();
            JsonNode labels = pod.at("/metadata/labels");
            assertThat(object.at("/spec/selector/matchLabels")).as(name).isEqualTo(labels);
            assertThat(parts.add(labels.get("part").asText())).as(name).isTrue();
            JsonNode container = pod.at("/spec/containers/0");
            Config file = parse(files, argument(container.get("args"), ""));
            Config configured = load(file);
            ClusterSettings cluster = ClusterSettings.from(configured);
            roles.addAll(cluster.roles());
            assertThat(cluster.discovery()).isEqualTo(Discovery.KUBERNETES);
            Config management = configured.getConfig("kinora.cluster.management");
            assertThat(labels.get("app").asText()).as("what is looked for").isEqualTo(management.getString("service"));
            assertThat(port(container, management.getString("port-name"))).isEqualTo(management.getInt("port"));
            assertThat(port(container, "remoting")).isEqualTo(configured.getInt("kinora.cluster.port"));
            if (cluster.roles().contains(Role.API)) {
                assertThat(port(container, "http"))
                        .isEqualTo(HttpSettings.from(configured).port());
                assertThat(container.at("/readinessProbe/httpGet/path").asText())
                        .isEqualTo("/ready");
            }
            assertThat(names(container.get("volumeMounts")))
                    .as(name)
                    .isEqualTo(Stream.concat(
                                    names(pod.at("/spec/volumes")).stream(),
                                    StreamSupport.stream(
                                                    object.at("/spec/volumeClaimTemplates")
                                                            .spliterator(),
                                                    false)
                                            .map(claim ->
                                                    claim.at("/metadata/name").asText()))
                            .collect(Collectors.toSet()));
            check(file, configured);
        }
        assertThat(roles).containsExactlyInAnyOrder(Role.values());
    }

    @Test
    void theImageStartsTheProgramWithAFileThatIsMounted() throws IOException {
        String dockerfile = Files.readString(FILES.resolve("Dockerfile"));
        assertThat(dockerfile).contains(Main.class.getName());
        Matcher command = Pattern.compile("CMD \\[(.*)]").matcher(dockerfile);
        assertThat(command.find()).isTrue();
        assertThat(command.group(1)).contains("serve", "/etc/kinora/kinora.conf");
        assertThat(Files.readString(FILES.resolve("README.md"))).contains("compose.yaml", "kubernetes/kinora.yaml");
    }

    /** Everything that reads the configuration reads it. */
    private static void check(Config file, Config configured) {
        HostSettings.from(configured);
        HttpSettings.from(configured);
        assertThat(ClusterSettings.applied(configured).getString("akka.actor.provider"))
                .isEqualTo("cluster");
        Config own = SURROUNDINGS.withFallback(file).resolve().getConfig("kinora");
        Config known = ConfigFactory.load().getConfig("kinora");
        own.entrySet().forEach(entry -> assertThat(known.hasPathOrNull(entry.getKey()))
                .as("kinora." + entry.getKey())
                .isTrue());
    }

    private static List<JsonNode> documents(String file) throws IOException {
        List<JsonNode> documents = new ArrayList<>();
        try (BufferedReader text = Files.newBufferedReader(FILES.resolve(file))) {
            new Yaml(new SafeConstructor(new LoaderOptions()))
                    .loadAll(text)
                    .forEach(document -> documents.add(new ObjectMapper().valueToTree(document)));
        }
        return documents;
    }

    private static List<String> mounted(JsonNode service) {
        return StreamSupport.stream(service.get("volumes").spliterator(), false)
                .map(volume -> volume.asText().split(":", -1)[1])
                .toList();
    }

    /** The file name behind --config. */
    private static String argument(JsonNode arguments, String otherwise) {
        for (int i = 0; i + 1 < arguments.size(); i++) {
            if (arguments.get(i).asText().equals("--config")) {
                return Path.of(arguments.get(i + 1).asText()).getFileName().toString();
            }
        }
        return otherwise;
    }

    private static int port(JsonNode container, String name) {
        return StreamSupport.stream(container.get("ports").spliterator(), false)
                .filter(port -> port.get("name").asText().equals(name))
                .findFirst()
                .orElseThrow()
                .get("containerPort")
                .asInt();
    }

    private static Set<String> names(JsonNode list) {
        Set<String> names = new HashSet<>();
        list.forEach(entry -> names.add(entry.get("name").asText()));
        return names;
    }

    private static Config parse(Path file) {
        return ConfigFactory.parseFile(file.toFile());
    }

    /** A file of a ConfigMap, whose includes are its neighbours. */
    private static Config parse(JsonNode files, String name) {
        return ConfigFactory.parseString(
                files.get(name).asText(), ConfigParseOptions.defaults().setIncluder(new Neighbours(files)));
    }

    private static Config load(Config file) {
        return SURROUNDINGS
                .withFallback(file)
                .withFallback(ConfigFactory.load())
                .resolve();
    }

    private record Neighbours(JsonNode files) implements ConfigIncluder {
        @Override
        public ConfigIncluder withFallback(ConfigIncluder fallback) {
            return this;
        }

        @Override
        public ConfigObject include(ConfigIncludeContext context, String what) {
            return parse(files, what).root();
        }
    }
}

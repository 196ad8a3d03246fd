package io.kinora.service.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.actors.HostSettings;
import io.kinora.actors.cluster.ClusterSettings;
import io.kinora.service.Page;
import io.kinora.service.http.HttpSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;

/** What the documents tell a reader to type is understood as it stands: commands, keys of the configuration, links. */
class DocumentedCommandsTest {
    static Stream<Page> pages() throws IOException {
        return Page.all().stream();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyCommandOfAPageIsUnderstood(Page page) {
        page.commands().stream()
                .filter(command -> command.calls("./kinora"))
                .forEach(command -> parse(page, command.words()));
    }

    /** A command in running text may leave out what goes without saying, but names nothing that is not there. */
    @ParameterizedTest
    @MethodSource("pages")
    void everyCommandThatAPageMentionsIsThere(Page page) {
        page.code().stream()
                .map(code -> new Page.Command(code, Optional.empty()).words())
                .filter(words ->
                        words.size() > 1 && List.of("./kinora", "kinora").contains(words.get(0)))
                .filter(words -> words.stream().noneMatch(word -> word.endsWith("…")))
                .forEach(words -> {
                    try {
                        KinoraCommand.commandLine()
                                .parseArgs(words.subList(1, words.size()).toArray(String[]::new));
                    } catch (MissingParameterException e) {
                        // the rest goes without saying
                    } catch (ParameterException e) {
                        fail("%s: %s: %s", page, String.join(" ", words), e.getMessage());
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyConfigurationOfAPageIsTaken(Page page) {
        Config known = ConfigFactory.load().getConfig("kinora");
        for (String text : page.configurations()) {
            Config file = ConfigFactory.parseString(text);
            file.resolve().getConfig("kinora").entrySet().stream()
                    .filter(entry -> !entry.getKey().startsWith("generators."))
                    .forEach(entry -> assertThat(known.hasPathOrNull(entry.getKey()))
                            .as("%s: kinora.%s", page, entry.getKey())
                            .isTrue());
            Config configured = file.withFallback(ConfigFactory.load()).resolve();
            HostSettings.from(configured);
            HttpSettings.from(configured);
            ClusterSettings.from(configured);
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyLinkOfAPageLeadsToAFile(Page page) {
        Path folder = page.file().getParent();
        assertThat(page.links()).allSatisfy(link -> assertThat(Files.exists(folder.resolve(link)))
                .as("%s: %s", page, link)
                .isTrue());
    }

    @Test
    void everyTutorialIsLinkedFromTheReadme() throws IOException {
        Path folder = Page.project().resolve("docs/tutorials");
        List<String> linked = Page.read(Page.project().resolve("README.md")).links();
        try (Stream<Path> tutorials = Files.list(folder)) {
            assertThat(tutorials.map(tutorial -> "docs/tutorials/" + tutorial.getFileName()))
                    .allSatisfy(tutorial -> assertThat(linked).contains(tutorial));
        }
    }

    private static void parse(Page page, List<String> words) {
        try {
            KinoraCommand.commandLine().parseArgs(words.subList(1, words.size()).toArray(String[]::new));
        } catch (ParameterException e) {
            fail("%s: %s: %s", page, String.join(" ", words), e.getMessage());
        }
    }
}

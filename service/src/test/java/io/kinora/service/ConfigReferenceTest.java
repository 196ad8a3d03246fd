package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The page of the configuration says what the code reads. */
class ConfigReferenceTest {
    @Test
    void thePageInTheDocumentationIsUpToDate() throws IOException {
        Path module = Path.of("").toAbsolutePath();
        Path root = Files.isDirectory(module.resolve("docs")) ? module : module.getParent();
        assertThat(Files.readString(root.resolve("docs/configuration.md")))
                .as("made anew by ./kinora config --markdown > docs/configuration.md")
                .isEqualTo(ConfigReference.markdown(ConfigReference.defaults()));
    }

    @Test
    void everyKeyHasAMeaningOfItsOwnOrItsSections() {
        assertThat(ConfigReference.defaults())
                .filteredOn(key -> key.path().startsWith("kinora.http"))
                .allSatisfy(key -> assertThat(key.meaning()).as(key.path()).isNotBlank());
    }
}

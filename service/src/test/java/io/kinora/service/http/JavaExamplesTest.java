package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.examples.LangChain4jExample;
import io.kinora.examples.OpenAiJavaExample;
import io.kinora.service.Printed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The Java programs that the documents show do what is said of them, and are shown as they are. */
@Tag("slow")
@ExtendWith(RunningKinora.Extension.class)
class JavaExamplesTest {
    private final RunningKinora kinora;

    @RegisterExtension
    final Printed printed = new Printed();

    JavaExamplesTest(RunningKinora kinora) {
        this.kinora = kinora;
    }

    @Test
    void openAiJavaAsksAboutAClipOfATopic() throws IOException {
        assertThat(printed(OpenAiJavaExample::main)).isNotBlank();
        assertShown(OpenAiJavaExample.class);
    }

    @Test
    void langChain4jAsksAboutAClipOfATopic() throws IOException {
        assertThat(printed(LangChain4jExample::main)).isNotBlank();
        assertShown(LangChain4jExample.class);
    }

    private String printed(Consumer<String[]> program) {
        program.accept(new String[] {
            kinora.face().address(),
            RunningKinora.KEY,
            kinora.publish("examples", "example").toString(),
            "What moves?"
        });
        return printed.out();
    }

    private static void assertShown(Class<?> example) throws IOException {
        Path project = ClientProgram.project();
        String source = Files.readString(
                project.resolve("service/src/test/java/" + example.getName().replace('.', '/') + ".java"));
        String shown = source.substring(source.indexOf("import "));
        assertThat(Files.readString(project.resolve("docs/tutorials/java.md"))).contains("```java\n" + shown + "```");
    }
}

package io.kinora.service.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.kinora.service.Page;
import io.kinora.service.Printed;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What all commands have in common. */
class EveryCommandTest {
    /** They print no result: one serves until it is stopped, the others are about the command line itself. */
    private static final Set<String> WITHOUT_RESULT = Set.of("serve", "help", "generate-completion");

    private static final Pattern EXAMPLE = Pattern.compile("^(?:Examples?: |\\s*)kinora (.*)$");

    @RegisterExtension
    final Printed printed = new Printed();

    private static Stream<CommandLine> leaves() {
        return leaves(KinoraCommand.commandLine());
    }

    private static Stream<CommandLine> leaves(CommandLine command) {
        return command.getSubcommands().isEmpty()
                ? Stream.of(command)
                : command.getSubcommands().values().stream().flatMap(EveryCommandTest::leaves);
    }

    private static String name(CommandLine command) {
        return command.getCommandSpec().qualifiedName();
    }

    @Test
    void everyCommandThatHasAResultPrintsItAsJsonIfAsked() {
        assertThat(leaves().filter(command -> !WITHOUT_RESULT.contains(command.getCommandName())))
                .hasSizeGreaterThan(30)
                .allSatisfy(command -> assertThat(command.getCommandSpec().findOption("--json"))
                        .as(name(command))
                        .isNotNull());
    }

    @Test
    void everyCommandSaysWhatItIsForAndWhatEachOfItsOptionsIs() {
        assertThat(leaves()).allSatisfy(command -> {
            assertThat(command.getCommandSpec().usageMessage().description())
                    .as(name(command))
                    .isNotEmpty();
            command.getCommandSpec().args().forEach(argument -> assertThat(argument.description())
                    .as("%s %s", name(command), argument.paramLabel())
                    .isNotEmpty());
        });
    }

    @Test
    void everyExampleInAHelpTextIsUnderstood() {
        List<String> examples = Stream.concat(Stream.of(KinoraCommand.commandLine()), all(KinoraCommand.commandLine()))
                .map(command -> String.join(
                        "\n", command.getCommandSpec().usageMessage().footer()))
                .flatMap(text -> text.replaceAll("\\\\\\s*\n\\s*", "").lines())
                .flatMap(line -> EXAMPLE.matcher(line).results().map((MatchResult found) -> found.group(1)))
                .filter(example -> !example.startsWith("help COMMAND"))
                .toList();
        assertThat(examples).hasSizeGreaterThan(20);
        for (String example : examples) {
            String[] words = new Page.Command(example, Optional.empty()).words().toArray(String[]::new);
            try {
                KinoraCommand.commandLine().parseArgs(words);
            } catch (ParameterException e) {
                fail("kinora %s: %s", example, e.getMessage());
            }
        }
    }

    private static Stream<CommandLine> all(CommandLine command) {
        return command.getSubcommands().values().stream().flatMap(sub -> Stream.concat(Stream.of(sub), all(sub)));
    }

    @Test
    void completionKnowsEveryCommand() {
        assertThat(KinoraCommand.run("generate-completion")).isZero();
        String script = printed.out();
        assertThat(leaves()).allSatisfy(command -> assertThat(script)
                .contains("function _picocli_" + name(command).replace(' ', '_').replace("-", "")));
    }
}

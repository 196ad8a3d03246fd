package io.kinora.service;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A page of documentation, and what a reader may copy from it. */
public record Page(Path file, String text) {
    private static final Pattern SHELL = Pattern.compile("```(?:sh|bash)\n(.*?)```", Pattern.DOTALL);
    private static final Pattern HOCON = Pattern.compile("```hocon\n(.*?)```", Pattern.DOTALL);
    private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
    private static final Pattern LINK = Pattern.compile("]\\(([^)#\\s]+)(?:#[^)]*)?\\)");
    private static final Pattern HEREDOC = Pattern.compile("<<(\\w+)");
    private static final Set<String> NOT_OURS = Set.of("target", ".git", "node_modules", "data", "shared");

    /**
     * A command of a page.
     *
     * @param line what is typed; continued lines are one
     * @param input the lines that follow it as its input
     */
    public record Command(String line, Optional<String> input) {
        private static final Pattern WORD = Pattern.compile("(?:'[^']*'|\"[^\"]*\"|[^\\s'\"&;|<>])+|[&;|<>]");
        private static final Pattern VARIABLE = Pattern.compile("[A-Z_]+=.*");
        private static final Pattern END = Pattern.compile("[&;|<>]");

        /** Its words without quotes, up to what the shell does with its output; variables that are set before it are left out. */
        public List<String> words() {
            List<String> words = new ArrayList<>();
            for (Matcher word = WORD.matcher(line); word.find(); ) {
                if (END.matcher(word.group()).matches()) {
                    break;
                }
                if (!words.isEmpty() || !VARIABLE.matcher(word.group()).matches()) {
                    words.add(word.group().replaceAll("'([^']*)'|\"([^\"]*)\"", "$1$2"));
                }
            }
            return words;
        }

        /** Whether it calls a program. */
        public boolean calls(String program) {
            return words().stream().findFirst().filter(program::equals).isPresent();
        }
    }

    /** Reads one. */
    public static Page read(Path file) {
        try {
            return new Page(file, Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The folder of the project. */
    public static Path project() {
        return Stream.iterate(Path.of("").toAbsolutePath(), Path::getParent)
                .filter(above -> Files.isDirectory(above.resolve("docs")))
                .findFirst()
                .orElseThrow();
    }

    /** Every page of the project. */
    public static List<Page> all() throws IOException {
        List<Page> pages = new ArrayList<>();
        collect(project(), pages);
        return pages;
    }

    private static void collect(Path folder, List<Page> pages) throws IOException {
        List<Path> inside;
        try (Stream<Path> files = Files.list(folder)) {
            inside = files.sorted().toList();
        }
        for (Path file : inside) {
            if (Files.isDirectory(file) && !NOT_OURS.contains(file.getFileName().toString())) {
                collect(file, pages);
            } else if (file.toString().endsWith(".md")) {
                pages.add(read(file));
            }
        }
    }

    /** The commands of its blocks of shell, in their order. */
    public List<Command> commands() {
        List<Command> commands = new ArrayList<>();
        for (Matcher block = SHELL.matcher(text); block.find(); ) {
            List<String> lines = block.group(1).lines().toList();
            for (int i = 0; i < lines.size(); i++) {
                StringBuilder line = new StringBuilder(withoutComment(lines.get(i)));
                while (line.toString().endsWith("\\") || line.toString().endsWith("|")) {
                    if (line.charAt(line.length() - 1) == '\\') {
                        line.setLength(line.length() - 1);
                    }
                    line.append(' ').append(withoutComment(lines.get(++i)).strip());
                }
                Matcher heredoc = HEREDOC.matcher(line);
                Optional<String> input = Optional.empty();
                if (heredoc.find()) {
                    StringBuilder body = new StringBuilder();
                    while (!lines.get(++i).equals(heredoc.group(1))) {
                        body.append(lines.get(i)).append('\n');
                    }
                    input = Optional.of(body.toString());
                }
                if (!line.toString().isBlank()) {
                    commands.add(new Command(line.toString().strip(), input));
                }
            }
        }
        return commands;
    }

    /** A hash that begins a word outside of quotes begins a comment. */
    private static String withoutComment(String line) {
        return line.replaceFirst("^((?:'[^']*'|\"[^\"]*\"|[^'\"#]|(?<=\\S)#)*?)(?:(?<=^|\\s)#.*)?$", "$1")
                .stripTrailing();
    }

    /** What stands in the running text as code. */
    public List<String> code() {
        return groups(CODE, text.replaceAll("(?s)```.*?```", ""));
    }

    /** Its configuration files: blocks of HOCON, and files that its commands write. */
    public List<String> configurations() {
        return Stream.concat(
                        groups(HOCON, text).stream(),
                        commands().stream()
                                .filter(command -> command.line().matches("cat > \\S+\\.conf .*"))
                                .map(command -> command.input().orElseThrow()))
                .toList();
    }

    /** The files that it links to, as it names them. */
    public List<String> links() {
        return groups(LINK, text.replaceAll("(?s)```.*?```", "")).stream()
                .filter(link -> !link.matches("[a-z]+:.*"))
                .toList();
    }

    private static List<String> groups(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
    }

    @Override
    public String toString() {
        return project().relativize(file).toString();
    }
}

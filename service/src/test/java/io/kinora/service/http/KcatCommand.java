package io.kinora.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A line of documentation that produces with kcat, {@code echo '…' | kcat -P …} or {@code kcat -P … FILE}, as the records that it produces.
 *
 * @param topic of the records
 * @param input what is piped into it; empty where a file is named
 */
record KcatCommand(
        String topic,
        Optional<String> key,
        Optional<String> keyDelimiter,
        boolean emptyIsNull,
        List<String> headers,
        Optional<String> input,
        Optional<String> file) {
    private static final Pattern BLOCK = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);
    private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|([^\\s'\"]+)");
    private static final Pattern COMMAND = Pattern.compile("(?:echo '(?<input>[^']*)' \\|\\s*)?kcat -P (?<rest>.*)");

    /** The producing commands of a page, in their order. */
    static List<KcatCommand> of(Path page) throws IOException {
        List<KcatCommand> commands = new ArrayList<>();
        Matcher block = BLOCK.matcher(Files.readString(page));
        while (block.find()) {
            for (String line :
                    block.group(1).replaceAll("\\|\n\\s*", "| ").lines().toList()) {
                Matcher command = COMMAND.matcher(line.replaceAll("\\s+#.*", ""));
                if (command.matches()) {
                    commands.add(parse(Optional.ofNullable(command.group("input")), command.group("rest")));
                }
            }
        }
        return commands;
    }

    private static KcatCommand parse(Optional<String> input, String rest) {
        List<String> words = new ArrayList<>();
        for (Matcher word = WORD.matcher(rest); word.find(); ) {
            words.add(word.group().replaceAll("['\"]", ""));
        }
        Properties options = new Properties();
        List<String> headers = new ArrayList<>();
        Optional<String> file = Optional.empty();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            switch (word) {
                case "-b", "-t", "-k" -> options.setProperty(word, words.get(++i));
                case "-H" -> headers.add(words.get(++i));
                case "-Z" -> options.setProperty(word, "");
                default -> {
                    if (word.startsWith("-K")) {
                        options.setProperty("-K", word.substring(2));
                    } else if (word.startsWith("-")) {
                        throw new IllegalArgumentException("kcat %s: what is %s?".formatted(rest, word));
                    } else {
                        file = Optional.of(word);
                    }
                }
            }
        }
        return new KcatCommand(
                options.getProperty("-t"),
                Optional.ofNullable(options.getProperty("-k")),
                Optional.ofNullable(options.getProperty("-K")),
                options.containsKey("-Z"),
                headers,
                input,
                file);
    }

    /**
     * What it produces.
     *
     * @param folder of the file that it names
     */
    ProducerRecord<byte[], byte[]> record(Path folder) throws IOException {
        byte[] value = file.isPresent()
                ? Files.readAllBytes(folder.resolve(file.get()))
                : input.orElseThrow().getBytes(UTF_8);
        byte[] name = key.map(text -> text.getBytes(UTF_8)).orElse(null);
        if (keyDelimiter.isPresent()) {
            String[] parts = input.orElseThrow().split(Pattern.quote(keyDelimiter.get()), 2);
            name = parts[0].getBytes(UTF_8);
            value = parts[1].getBytes(UTF_8);
        }
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(topic, name, emptyIsNull && value.length == 0 ? null : value);
        headers.forEach(header -> {
            String[] parts = header.split("=", 2);
            record.headers().add(parts[0], parts[1].getBytes(UTF_8));
        });
        return record;
    }
}

package io.kinora.training.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is asked about the clips of a folder, in one of two forms.
 *
 * <pre>
 *   questions.jsonl   a line for each question: {"clip": "a.mp4", "question": "What colour is it?", "answer": "red"}
 *   questions.csv     a line {@code clip,question,answer}, then a line for each question; quoted as RFC 4180 has it
 * </pre>
 *
 * <p>Clips are named by their paths inside the folder. Empty lines mean nothing.
 */
final class QuestionFile {
    private static final String JSONL = "questions.jsonl";
    private static final String CSV = "questions.csv";
    private static final List<String> COLUMNS = List.of("clip", "question", "answer");

    private final Path folder;
    private final Path file;

    private QuestionFile(Path folder, Path file) {
        this.folder = folder;
        this.file = file;
    }

    /** One question. */
    record Line(String clip, String question, String answer) {}

    /** The one that the folder has. */
    static QuestionFile in(Path folder) {
        List<Path> present = Stream.of(JSONL, CSV)
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .toList();
        if (present.size() != 1) {
            throw new ClipDataException("%s has %s, expected is one of %s and %s"
                    .formatted(folder, present.isEmpty() ? "no questions" : "both files of questions", JSONL, CSV));
        }
        return new QuestionFile(folder, present.get(0));
    }

    /** All questions, in their order. */
    List<Line> read() {
        List<Line> lines = file.endsWith(CSV) ? readCsv() : readJson();
        if (lines.isEmpty()) {
            throw new ClipDataException("%s asks nothing".formatted(file));
        }
        return lines;
    }

    private List<Line> readJson() {
        ObjectMapper json = new ObjectMapper();
        List<Line> lines = new ArrayList<>();
        List<String> texts = text().lines().toList();
        for (int i = 0; i < texts.size(); i++) {
            if (!texts.get(i).isBlank()) {
                try {
                    JsonNode node = json.readTree(texts.get(i));
                    List<String> fields = new ArrayList<>();
                    for (String column : COLUMNS) {
                        JsonNode value = node.path(column);
                        if (!value.isTextual()) {
                            throw refused(i + 1, "has no text '%s'".formatted(column));
                        }
                        fields.add(value.asText());
                    }
                    lines.add(line(i + 1, fields));
                } catch (JsonProcessingException e) {
                    throw refused(i + 1, "is no JSON: " + e.getOriginalMessage());
                }
            }
        }
        return lines;
    }

    private List<Line> readCsv() {
        List<List<String>> records = CsvText.records(text());
        if (records.isEmpty() || !records.get(0).equals(COLUMNS)) {
            throw refused(
                    1,
                    "is %s, expected clip,question,answer"
                            .formatted(records.isEmpty() ? "missing" : String.join(",", records.get(0))));
        }
        List<Line> lines = new ArrayList<>();
        for (int i = 1; i < records.size(); i++) {
            List<String> fields = records.get(i);
            if (fields.size() != COLUMNS.size()) {
                throw refused(i + 1, "has %d fields, expected 3".formatted(fields.size()));
            }
            lines.add(line(i + 1, fields));
        }
        return lines;
    }

    private Line line(int number, List<String> fields) {
        for (int i = 0; i < COLUMNS.size(); i++) {
            if (fields.get(i).isBlank()) {
                throw refused(number, "has an empty '%s'".formatted(COLUMNS.get(i)));
            }
        }
        Path clip = folder.resolve(fields.get(0)).normalize();
        if (!clip.startsWith(folder.normalize()) || !Files.isRegularFile(clip)) {
            throw refused(number, "names the clip %s, which is not in %s".formatted(fields.get(0), folder));
        }
        return new Line(fields.get(0), fields.get(1).strip(), fields.get(2).strip());
    }

    private ClipDataException refused(int number, String what) {
        return new ClipDataException("%s: line %d %s".formatted(file, number, what));
    }

    private String text() {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new ClipDataException("%s cannot be read: %s".formatted(file, e), e);
        }
    }
}

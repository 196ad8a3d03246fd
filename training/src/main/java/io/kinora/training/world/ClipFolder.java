package io.kinora.training.world;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes clips of one shape into a folder, with what is to be asked about them in {@code questions.jsonl}: a line for each
 * question, as {@code {"clip": "clip-01.mp4", "question": "What colour is the shape?", "answer": "red"}}. It is the form in
 * which users bring clips of their own for fine-tuning.
 */
public final class ClipFolder {
    /** Name of the file of questions. */
    public static final String QUESTIONS = "questions.jsonl";

    private static final int MOST_TRIED = 1_000_000;

    private final World world;
    private final Split split;
    private final ClipWish wish;

    /** Clips of that part of a world which are wanted. */
    public ClipFolder(World world, Split split, ClipWish wish) {
        this.world = world;
        this.split = split;
        this.wish = wish;
    }

    /**
     * Writes over files of the same names.
     *
     * @return the clips' files
     * @throws IllegalArgumentException if the split has no such clips
     * @throws IOException if the folder cannot be written
     */
    public List<Path> write(Path folder, int clips, Filming filming) throws IOException {
        Files.createDirectories(folder);
        List<Path> files = new ArrayList<>();
        StringBuilder lines = new StringBuilder();
        ObjectMapper json = new ObjectMapper();
        for (long index = 0; files.size() < clips; index++) {
            if (index == MOST_TRIED) {
                throw new IllegalArgumentException("no such clip is in the %s part of the world".formatted(split));
            }
            Scene scene = world.soloScene(split, index);
            if (wish.allows(scene)) {
                String name = "clip-%02d.%s"
                        .formatted(files.size() + 1, filming.format().extension());
                files.add(Files.write(folder.resolve(name), filming.film(wish.painted(scene))));
                for (Question question : Questions.about(scene, Split.TRAIN, index)) {
                    ObjectNode line = json.createObjectNode();
                    line.put("clip", name);
                    line.put("question", wish.reworded(scene, question.text()));
                    line.put("answer", wish.reworded(scene, question.answer()));
                    lines.append(line).append('\n');
                }
            }
        }
        Files.writeString(folder.resolve(QUESTIONS), lines);
        return List.copyOf(files);
    }
}

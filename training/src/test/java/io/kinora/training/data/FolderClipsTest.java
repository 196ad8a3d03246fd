package io.kinora.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kinora.training.world.ClipFolder;
import io.kinora.training.world.ClipWish;
import io.kinora.training.world.Filming;
import io.kinora.training.world.Split;
import io.kinora.training.world.World;
import io.kinora.video.Rational;
import io.kinora.video.VideoFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FolderClipsTest {
    private static final ClipWish TURQUOISE = new ClipWish(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(new ClipWish.Paint("turquoise", 0x40e0d0)));

    @TempDir
    Path folder;

    @Test
    void aFolderThatTheWorldWroteCanBeTrainedOn() throws IOException {
        new ClipFolder(new World(1), Split.TRAIN, TURQUOISE)
                .write(folder, 3, new Filming(VideoFormat.MP4_H264, 64, 64, Rational.of(8, 1), 8, 80));
        FolderClips clips = new FolderClips(folder, 56, 4);
        assertThat(clips.clips()).isEqualTo(3);
        ClipExample example = clips.example(7, 8);
        assertThat(example.frames()).hasSize(8).allMatch(frame -> frame.width() == 56 && frame.height() == 56);
        assertThat(example.questions()).hasSize(4).doesNotHaveDuplicates();
        assertThat(clips.example(7, 8)).isEqualTo(example);
        assertThat(new FolderClips(folder, 56, 4).example(7, 8)).isEqualTo(example);
        assertThat(new FolderClips(folder, 56, 100).example(1, 1).questions())
                .anyMatch(asked -> asked.answer().equals("turquoise"));
    }

    @Test
    void commaSeparatedQuestionsMayBeQuoted() throws IOException {
        Files.write(folder.resolve("a.mp4"), new byte[1]);
        Files.writeString(
                folder.resolve("questions.csv"),
                "\ufeffclip,question,answer\r\na.mp4,\"First, what is \"\"it\"\"?\",a cat\r\n\r\na.mp4,Where?,here");
        assertThat(QuestionFile.in(folder).read())
                .isEqualTo(List.of(
                        new QuestionFile.Line("a.mp4", "First, what is \"it\"?", "a cat"),
                        new QuestionFile.Line("a.mp4", "Where?", "here")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    questions.jsonl | {"clip":"a.mp4","question":"What?"}                    | line 1 has no text 'answer'
                    questions.jsonl | {"clip":"a.mp4",                                       | line 1 is no JSON
                    questions.jsonl | {"clip":"b.mp4","question":"What?","answer":"x"}       | line 1 names the clip b.mp4
                    questions.jsonl | {"clip":"../a.mp4","question":"What?","answer":"x"}    | line 1 names the clip ../a.mp4
                    questions.jsonl | {"clip":"a.mp4","question":" ","answer":"x"}           | line 1 has an empty 'question'
                    questions.csv   | clip,what                                              | line 1 is clip,what, expected clip,question,answer
                    questions.csv   | clip,question,answer                                   | asks nothing
                    other.txt       | x                                                      | has no questions, expected is one of questions.jsonl and questions.csv
                    """)
    void whatIsWrongIsSaidWithItsPlace(String file, String text, String message) throws IOException {
        Files.write(folder.resolve("a.mp4"), new byte[1]);
        Files.writeString(folder.resolve(file), text);
        assertThatThrownBy(() -> new FolderClips(folder, 56, 4))
                .isInstanceOf(ClipDataException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aClipThatCannotBeDecodedIsNamed() throws IOException {
        Files.write(folder.resolve("a.mp4"), new byte[100]);
        Files.writeString(folder.resolve("questions.csv"), "clip,question,answer\na.mp4,What?,x\n");
        assertThatThrownBy(() -> new FolderClips(folder, 56, 4).example(0, 8))
                .isInstanceOf(ClipDataException.class)
                .hasMessageContaining("a.mp4");
    }
}

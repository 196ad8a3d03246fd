package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.service.Printed;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The tutorials do what they say, command by command, with the checkpoint that Kinora ships. */
@Tag("slow")
class TutorialsTest {
    @TempDir
    static Path service;

    private static FreshKinora kinora;

    @RegisterExtension
    final Printed printed = new Printed();

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws Exception {
        kinora = FreshKinora.ofShapes(service);
    }

    @AfterAll
    static void stop() throws Exception {
        kinora.close();
    }

    @Test
    void aCamera() throws Exception {
        TutorialRun page = new TutorialRun("camera.md", kinora, folder, printed);
        page.leaveOut("./kinora serve");
        page.leaveOut("./kinora ingest rtsp://");
        page.run("./kinora shapes");
        assertThat(page.run("./kinora ingest")).contains("clips of door on kinora.clips");
        page.runUntil("curl localhost:8080/v1/streams", shown -> shown.contains("door"));
        assertThat(page.run("curl localhost:8080/v1/streams/door/clips")).contains("kafka://kinora.clips/");

        assertThat(page.run("./kinora session ask")).contains("red");
        page.run("echo 'What moves?'");
        page.runUntil("kcat -C", shown -> shown.contains("\"questionId\":\"kinora.questions-"));

        assertThat(page.run("./kinora stand set")).contains("circle stands");
        page.run("./kinora ingest");
        assertThat(page.runUntil("curl localhost:8080/v1/alerts", shown -> shown.contains("\"raised\"")))
                .contains("kafka://kinora.clips/", "\"circle\"");
        page.assertThatNothingIsLeft();
    }

    @Test
    void aQuestionThatStands() throws Exception {
        TutorialRun page = new TutorialRun("standing-question.md", kinora, folder, printed);
        page.run("./kinora shapes");
        page.run("./kinora ingest");
        page.run("./kinora ingest");
        page.run("./kinora stand set");
        page.run("./kinora ingest");
        page.runUntil("kcat -C", shown -> shown.contains("\"subscription\":{\"id\":\"star\""));
        assertThat(page.run("./kinora stand set")).contains("changed star");
        page.run("./kinora stand set");
        assertThat(page.run("./kinora stand list")).contains("star", "active");
        page.run("./kinora stand pause");
        page.run("./kinora stand resume");
        assertThat(page.run("./kinora backfill")).contains("3 clips", "3 answered");
        page.run("./kinora stand delete");
        page.assertThatNothingIsLeft();
    }

    @Test
    void aClipThatIsMade() throws Exception {
        TutorialRun page = new TutorialRun("generate.md", kinora, folder, printed);
        page.run("./kinora generate");
        assertThat(Files.size(folder.resolve("my-preview.jpg"))).isPositive();
        assertThat(page.run("./kinora probe")).contains("h264");
        page.run("./kinora generate --from-clip");
        assertThat(Files.size(folder.resolve("my-again.mp4"))).isPositive();

        assertThat(page.run("curl localhost:8080/v1/videos -d")).contains("\"queued\"");
        page.run("curl localhost:8080/v1/videos/ID");
        assertThat(page.run("curl -N localhost:8080/v1/videos/ID/events")).contains("\"completed\"");
        page.run("curl -o my-job.mp4");
        assertThat(Files.readAllBytes(folder.resolve("my-job.mp4")))
                .isEqualTo(Files.readAllBytes(folder.resolve("my-star.mp4")));
        page.run("curl -o my-sheet.jpg");
        assertThat(Files.size(folder.resolve("my-sheet.jpg"))).isPositive();
        page.run("curl localhost:8080/v1/videos/ID/remix");

        page.run("echo 'a green circle moves up'");
        page.runUntil("./kinora jobs list", shown -> shown.contains("circle-1"));
        page.run("./kinora jobs cancel");
        page.runUntil("./kinora jobs show", shown -> shown.contains("cancelled"));
        page.leaveOut("./kinora generate \"a lighthouse in a storm\"");
        page.leaveOut("./kinora generate \"a lighthouse\"");
        page.leaveOut("./kinora generate \"in winter\"");
        page.assertThatNothingIsLeft();
    }
}

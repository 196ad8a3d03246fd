package io.kinora.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What OpenAI's clients for Node and Python do, on machines that have these languages and can get the packages. Where not, there are no tests of them, and a line
 * says why; {@code -Dkinora.clients=required} makes that a failure.
 */
@Tag("slow")
@ExtendWith(RunningKinora.Extension.class)
class NodeAndPythonClientsTest {
    private static final List<String> THINGS = List.of(
            "models",
            "a chat about a clip",
            "a streamed chat about an uploaded clip",
            "an error in the middle of a stream",
            "videos",
            "pictures",
            "streamed pictures");

    private final RunningKinora kinora;

    @TempDir
    private Path folder;

    NodeAndPythonClientsTest(RunningKinora kinora) {
        this.kinora = kinora;
    }

    @TestFactory
    Stream<DynamicContainer> clientsDoWhatTheyShould() throws Exception {
        Path clip = Files.write(folder.resolve("clip.mp4"), kinora.clipBytes());
        List<ClientProgram> programs = List.of(ClientProgram.node(), ClientProgram.python());
        List<DynamicContainer> tests = new ArrayList<>();
        ExecutorService installing = Executors.newFixedThreadPool(programs.size());
        try {
            List<Future<Optional<String>>> hindrances = programs.stream()
                    .map(program -> installing.submit(program::hindrance))
                    .toList();
            try (HttpFace breaking = BreakingFace.start(kinora);
                    FreshKinora pictures = FreshKinora.ofPictures(folder)) {
                for (int i = 0; i < programs.size(); i++) {
                    ClientProgram program = programs.get(i);
                    Optional<String> hindrance = hindrances.get(i).get();
                    if (hindrance.isPresent()) {
                        program.tellThatItIsNotRun(hindrance.get());
                    } else {
                        tests.add(run(program, clip, breaking, pictures));
                    }
                }
            }
        } finally {
            installing.shutdownNow();
        }
        return tests.stream();
    }

    private DynamicContainer run(ClientProgram program, Path clip, HttpFace breaking, FreshKinora pictures)
            throws InterruptedException {
        ClientProgram.Ended ended = program.run(List.of(
                kinora.face().address(),
                clip.toString(),
                "--key=" + RunningKinora.KEY,
                "--breaking=" + breaking.address(),
                "--pictures=" + pictures.address()));
        System.out.printf("%s was run:%n%s", program.name(), ended.output());
        return tests(program, ended);
    }

    private static DynamicContainer tests(ClientProgram program, ClientProgram.Ended ended) {
        Stream<DynamicTest> things = THINGS.stream()
                .map(thing -> DynamicTest.dynamicTest(
                        thing, () -> assertThat(ended.output().lines()).contains("ok " + thing)));
        DynamicTest end = DynamicTest.dynamicTest(
                "it ends with 0",
                () -> assertThat(ended.status()).as(ended.output()).isZero());
        return DynamicContainer.dynamicContainer(program.name(), Stream.concat(things, Stream.of(end)));
    }
}

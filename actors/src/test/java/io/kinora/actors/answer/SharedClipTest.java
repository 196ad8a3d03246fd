package io.kinora.actors.answer;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.TestProbe;
import io.kinora.actors.UntrainedModel;
import io.kinora.video.DecodeLimits;
import io.kinora.video.EncodeSettings;
import io.kinora.video.Rational;
import io.kinora.video.RgbFrame;
import io.kinora.video.VideoEncoder;
import io.kinora.video.VideoSource;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many questions on one clip: everything that does not depend on the question is computed once. */
class SharedClipTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int QUESTIONS = 16;

    @TempDir
    Path folder;

    @Test
    void sixteenQuestionsAtOnceDecodeEncodeAndReadTheClipOnce() throws IOException {
        try (UntrainedModel model = UntrainedModel.in(folder)) {
            Conversation.Clip clip =
                    new Conversation.Clip(VideoSource.bytes(clip()), "a".repeat(64), 8, DecodeLimits.defaults());
            List<TestProbe<AnswerEvent>> probes = IntStream.range(0, QUESTIONS)
                    .mapToObj(i -> {
                        TestProbe<AnswerEvent> probe = model.kit().createTestProbe();
                        AnswerRequest request = new AnswerRequest(
                                "q" + i,
                                Conversation.aboutClip(clip, "Question " + i + ": does anything move?"),
                                new AnswerRequest.OneOf(List.of("yes", "no")),
                                0,
                                Optional.empty());
                        model.hosts().answers().orElseThrow().tell(new AnswerDesk.Ask(request, probe.ref()));
                        return probe;
                    })
                    .toList();
            List<AnswerEvent.Answered> answers =
                    probes.stream().map(SharedClipTest::answered).toList();

            MeterRegistry registry = model.metrics().registry();
            assertThat(registry.timer("kinora.clip.decode").count()).isEqualTo(1);
            assertThat(registry.timer("kinora.clip.encode").count()).isEqualTo(1);
            assertThat(registry.counter("kinora.prefix.requests", "result", "miss")
                            .count())
                    .isEqualTo(1);
            assertThat(registry.counter("kinora.prefix.requests", "result", "hit")
                            .count())
                    .isEqualTo(QUESTIONS - 1);
            assertThat(answers.stream().filter(answer -> answer.cost().clipReused()))
                    .hasSize(QUESTIONS - 1);
        }
    }

    private static AnswerEvent.Answered answered(TestProbe<AnswerEvent> probe) {
        AnswerEvent event = probe.receiveMessage(PATIENCE);
        while (!(event instanceof AnswerEvent.Answered)) {
            assertThat(event).isInstanceOf(AnswerEvent.Watched.class);
            event = probe.receiveMessage(PATIENCE);
        }
        return (AnswerEvent.Answered) event;
    }

    private static byte[] clip() throws IOException {
        List<RgbFrame> frames = new ArrayList<>();
        IntStream.range(0, 24).forEach(i -> {
            byte[] pixels = new byte[64 * 48 * 3];
            Arrays.fill(pixels, (byte) (10 * i));
            frames.add(RgbFrame.of(64, 48, pixels));
        });
        return VideoEncoder.encode(frames, EncodeSettings.mp4(Rational.of(12, 1)));
    }
}

package io.kinora.actors.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.actors.UntrainedModel;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.record.StandingQuestion;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.testing.SharedBroker;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Many questions on one stream, over a real broker and the small untrained model; what they cost is in docs/performance.md. */
@ExtendWith(SharedBroker.class)
@Tag("slow")
final class ManyStandingQuestionsTest {
    private static final int QUESTIONS = 16;
    private static final int CLIPS = 4;
    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

    @TempDir
    Path folder;

    @Test
    void sixteenOnOneStreamDecodeEncodeAndReadEachClipOnce(KafkaClients clients) throws Exception {
        try (UntrainedModel model = UntrainedModel.in(folder);
                Bench bench = new Bench(clients);
                Pipelines running = bench.start(model)) {
            assertThat(running).isNotNull();
            for (int i = 0; i < QUESTIONS; i++) {
                bench.subscribe(Subscription.of(
                        "q%02d".formatted(i),
                        "cam",
                        StandingQuestion.of("Question %d: does anything move?".formatted(i), List.of("yes", "no"))));
            }
            for (int i = 0; i < CLIPS; i++) {
                bench.clip("cam", "clip-" + i, START.plusSeconds(i), Bench.video(20 * i));
            }
            assertThat(bench.answers(QUESTIONS * CLIPS))
                    .allMatch(answer -> answer.error().isEmpty());
            MeterRegistry registry = model.metrics().registry();
            assertThat(registry.timer("kinora.clip.decode").count()).isEqualTo(CLIPS);
            assertThat(registry.timer("kinora.clip.encode").count()).isEqualTo(CLIPS);
            assertThat(registry.counter("kinora.prefix.requests", "result", "miss")
                            .count())
                    .isEqualTo(CLIPS);
            assertThat(registry.counter("kinora.prefix.requests", "result", "hit")
                            .count())
                    .isEqualTo((QUESTIONS - 1) * CLIPS);
        }
    }
}

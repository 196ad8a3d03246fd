package io.kinora.actors.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.actors.UntrainedModel;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.AnsweredBehind;
import io.kinora.kafka.record.StandingQuestion;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.record.WhenBehind;
import io.kinora.kafka.testing.SharedBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A service that comes to its clips late, over a real broker and the small untrained model. */
@ExtendWith(SharedBroker.class)
@Tag("slow")
final class LateClipsTest {
    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

    @TempDir
    Path folder;

    @Test
    void whatIsLateIsPassedOverWhereTheQuestionSaysSoAndTheNextAnswerTells(KafkaClients clients) throws Exception {
        try (UntrainedModel model = UntrainedModel.in(folder);
                Bench bench = new Bench(clients)) {
            Subscription newest = Subscription.of("newest", "door", StandingQuestion.of("Who?", List.of("he", "she")))
                    .withSince(Instant.EPOCH)
                    .withWhenBehind(new WhenBehind(
                            WhenBehind.Policy.SKIP_TO_LATEST, Optional.empty(), Optional.of(Duration.ofSeconds(30))));
            bench.subscribe(newest);
            for (int i = 0; i < 10; i++) {
                bench.clip("door", "door-" + i, START.plusSeconds(10L * i), Bench.video(i));
            }
            try (Pipelines running = bench.start(model)) {
                assertThat(running).isNotNull();
                List<Answer> answers = bench.answers(4);
                assertThat(answers.stream()
                                .map(answer -> answer.clip().orElseThrow().clipId()))
                        .containsExactly("door-6", "door-7", "door-8", "door-9");
                assertThat(answers.get(0).behind())
                        .contains(new AnsweredBehind(WhenBehind.Policy.SKIP_TO_LATEST, Duration.ZERO, 6));
                assertThat(answers.get(1).behind()).isEmpty();
            }
        }
    }
}

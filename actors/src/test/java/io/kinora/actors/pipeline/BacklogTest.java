package io.kinora.actors.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.actors.UntrainedModel;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.record.StandingQuestion;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.testing.SharedBroker;
import io.kinora.kafka.topic.Topic;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Clips that come faster than the model answers, over a real broker and the small untrained model. */
@ExtendWith(SharedBroker.class)
@Tag("slow")
final class BacklogTest {
    /** 1000 in the long run: {@code -Dkinora.backlog.clips=1000}. */
    private static final int CLIPS = Integer.getInteger("kinora.backlog.clips", 60);

    private static final int A_SECOND = 20;
    private static final long MEBIBYTE = 1 << 20;
    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

    @TempDir
    Path folder;

    @Test
    void theLagGrowsAndDrainsMemoryStaysAndNoneIsDropped(KafkaClients clients) throws Exception {
        try (UntrainedModel model = UntrainedModel.in(folder);
                Bench bench = new Bench(clients);
                Pipelines running = bench.start(model)) {
            assertThat(running).isNotNull();
            bench.subscribe(
                    Subscription.of("what", "cam", StandingQuestion.of("What happens in this clip?", List.of())));
            bench.clip("cam", "first", START, Bench.video(0));
            bench.answers(1);
            long before = heap();
            long begun = System.nanoTime();
            for (int i = 1; i < CLIPS; i++) {
                bench.clip("cam", "clip-" + i, START.plusMillis(50L * i), Bench.video(i % 230));
                long due = begun + TimeUnit.SECONDS.toNanos(i) / A_SECOND;
                TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
            }
            int answered = bench.read(bench.topic(Topic.ANSWERS)).size();
            assertThat(answered).as("clips come faster than answers").isLessThan(CLIPS);
            assertThat(heap() - before)
                    .as("bytes of heap for a backlog of %d clips", CLIPS - answered)
                    .isLessThan(64 * MEBIBYTE);
            assertThat(bench.answers(CLIPS).stream()
                            .map(answer -> answer.clip().orElseThrow().clipId()))
                    .containsExactlyElementsOf(IntStream.range(0, CLIPS)
                            .mapToObj(i -> i == 0 ? "first" : "clip-" + i)
                            .toList());
        }
    }

    /** What is in use once what nobody needs is gone. */
    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}

package io.kinora.actors.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.kinora.kafka.record.ClipReference;
import io.kinora.kafka.record.GenerationSettings;
import io.kinora.kafka.record.JobOrder;
import io.kinora.kafka.record.JobState;
import io.kinora.kafka.record.Prompt;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JobTableTest {
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
    private static final ClipReference PLACE = new ClipReference("videos", 0, 7);

    private final JobTable table = new JobTable(Duration.ofDays(7));

    @Test
    void aJobThatHasEndedIsForgottenWhenItsTimeHasCome() {
        JobState ended = table.end(queued("a", Optional.empty()).cancelled(NOON));
        assertThat(ended.expiresAt()).hasValue(NOON.plus(Duration.ofDays(7)));
        table.put(queued("b", Optional.empty()));
        assertThat(table.expired(NOON.plus(Duration.ofDays(7)))).isEmpty();
        assertThat(table.expired(NOON.plus(Duration.ofDays(8)))).containsExactly("a");
    }

    @Test
    void onlyAJobThatWaitsIsLate() {
        table.put(queued("waits", Optional.of(NOON)));
        table.put(queued("runs", Optional.of(NOON)));
        table.put(queued("has time", Optional.of(NOON.plusSeconds(60))));
        table.started("runs");
        assertThat(table.late(NOON)).isEmpty();
        assertThat(table.late(NOON.plusSeconds(1))).extracting(JobState::jobId).containsExactly("waits");
    }

    @Test
    void whileItsResultIsWrittenNothingElseEndsAJob() {
        JobState state = queued("a", Optional.empty());
        table.put(state);
        table.ending("a");
        assertThat(table.unfinished("a")).isEmpty();
        assertThat(table.find("a")).isPresent();
        table.ended(state.succeeded(PLACE, NOON));
        assertThat(table.find("a").orElseThrow().status()).isEqualTo(JobState.Status.SUCCEEDED);
    }

    @Test
    void aJobThatIsDeletedWhileItsResultIsWrittenStaysForgotten() {
        JobState state = queued("a", Optional.empty());
        table.put(state);
        table.ending("a");
        table.forget("a");
        table.ended(state.succeeded(PLACE, NOON));
        assertThat(table.find("a")).isEmpty();
    }

    @Test
    void stepsAreToldOnceAndOnlyOfJobsThatRun() {
        table.put(queued("a", Optional.empty()));
        table.started("a");
        assertThat(table.moved(NOON)).isEmpty();
        table.stepped("a", 1, 25);
        table.stepped("a", 2, 25);
        table.previewed("a", new byte[] {1, 2, 3});
        JobState moved = table.moved(NOON).get(0);
        assertThat(moved.progress().orElseThrow().step()).isEqualTo(2);
        assertThat(moved.progress().orElseThrow().preview()).hasValue("data:image/jpeg;base64,AQID");
        assertThat(table.moved(NOON)).isEmpty();
        table.stepped("a", 3, 25);
        table.end(table.find("a").orElseThrow().cancelled(NOON));
        assertThat(table.moved(NOON)).as("a job that has ended").isEmpty();
    }

    @Test
    void aPreviewThatIsTooLargeForAStateIsLeftOut() {
        table.put(queued("a", Optional.empty()));
        table.started("a");
        table.stepped("a", 1, 2);
        table.previewed("a", new byte[JobState.Progress.MAX_PREVIEW_LENGTH]);
        assertThat(table.moved(NOON).get(0).progress().orElseThrow().preview()).isEmpty();
    }

    private static JobState queued(String job, Optional<Instant> deadline) {
        Prompt.Generate request = new Prompt.Generate(
                job,
                "a red ball",
                "",
                Optional.empty(),
                GenerationSettings.withSeed(7),
                new JobOrder("default", 0, deadline));
        return JobState.queued(request, NOON.minusSeconds(60));
    }
}

package io.kinora.actors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.TestProbe;
import io.kinora.actors.adapter.Emu2Parts;
import io.kinora.actors.answer.AnswerDesk;
import io.kinora.actors.answer.AnswerEvent;
import io.kinora.actors.answer.AnswerRequest;
import io.kinora.actors.answer.Conversation;
import io.kinora.actors.shard.LanguageModelStage;
import io.kinora.model.emu2.Emu2Options;
import io.kinora.model.emu2.Emu2Workload;
import io.kinora.model.shard.DeviceBudget;
import io.kinora.model.shard.ShardPlan;
import io.kinora.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint that is laid on devices by plan: the stages are the plan's, and answers are those of one stage. */
final class PlannedServingTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String DEVICES = "kinora.language-model.devices";
    private static final Emu2Options OPTIONS = Emu2Options.asStored(1 << 20).withComputeType(DType.F32);

    @TempDir
    private Path folder;

    @Test
    void aPlanOfUnevenDevicesServesAsPlannedAndAnswersAsOneStageDoes() throws IOException {
        String alone;
        long bytes;
        try (UntrainedModel model = UntrainedModel.in(folder)) {
            alone = answer(model);
            Emu2Parts parts = Emu2Parts.open(model.checkpoint(), model.engine(), OPTIONS);
            bytes = plan(parts, "1TB").totalBytes();
            String list = devices(bytes);
            List<Integer> planned = plan(parts, list).stages().stream()
                    .map(stage -> stage.layers().size())
                    .filter(layers -> layers > 0)
                    .toList();
            assertThat(planned).hasSizeGreaterThan(1).doesNotHaveDuplicates();
            assertThat(loaded(parts, list)).isEqualTo(planned);
        }
        try (UntrainedModel model = UntrainedModel.in(folder, Map.of(DEVICES, devices(bytes)))) {
            assertThat(answer(model)).isEqualTo(alone);
        }
    }

    @Test
    void devicesThatDoNotSufficeAreRefusedWithTheFigures() {
        assertThatThrownBy(() -> UntrainedModel.in(folder, Map.of(DEVICES, "2x100kB")))
                .isInstanceOf(CompletionException.class)
                .hasStackTraceContaining("needs at least")
                .hasStackTraceContaining("no room for");
    }

    /** Three devices that hold the model in parts of different sizes; the second is too small for any. */
    private static String devices(long bytes) {
        return "%dkB,%dkB,%dkB".formatted(bytes * 9 / 10_000, bytes / 4_000, bytes * 3 / 4_000);
    }

    private static ShardPlan plan(Emu2Parts parts, String devices) {
        int positions = parts.config().language().maxPositions();
        return parts.plan(DeviceBudget.parse(devices), new Emu2Workload(8, positions, 512, parts.imagesAtOnce()));
    }

    /** Layers of each stage, as its key/value cache has them. */
    private static List<Integer> loaded(Emu2Parts parts, String devices) {
        List<Integer> layers = new ArrayList<>();
        for (Supplier<LanguageModelStage> stage : parts.stages(plan(parts, devices))) {
            try (LanguageModelStage open = stage.get()) {
                layers.add(open.cache().layout().layers());
            }
        }
        return layers;
    }

    private static String answer(UntrainedModel model) {
        TestProbe<AnswerEvent> probe = model.kit().createTestProbe();
        AnswerRequest request = new AnswerRequest(
                "q",
                new Conversation(
                        Optional.empty(),
                        List.of(new Conversation.Turn(
                                Conversation.Speaker.USER,
                                List.of(new Conversation.Words("What moves to the right?"))))),
                AnswerRequest.Free.greedy(24),
                0,
                Optional.empty());
        model.hosts().answers().orElseThrow().tell(new AnswerDesk.Ask(request, probe.ref()));
        while (true) {
            AnswerEvent event = probe.receiveMessage(PATIENCE);
            assertThat(event).isNotInstanceOf(AnswerEvent.NotAnswered.class);
            if (event instanceof AnswerEvent.Answered answered) {
                return answered.text();
            }
        }
    }
}

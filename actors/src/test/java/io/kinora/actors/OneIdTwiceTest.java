package io.kinora.actors;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.FishingOutcomes;
import akka.actor.testkit.typed.javadsl.TestProbe;
import io.kinora.actors.answer.AnswerDesk;
import io.kinora.actors.answer.AnswerEvent;
import io.kinora.actors.answer.AnswerRequest;
import io.kinora.actors.answer.Conversation;
import io.kinora.actors.render.RenderDesk;
import io.kinora.actors.render.RenderEvent;
import io.kinora.actors.render.RenderRequest;
import io.kinora.actors.shard.RenderSettings;
import io.kinora.actors.shard.TextEnd;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two requests of one id at once: the second is refused, and whoever sent it cannot give the first one up. */
@Tag("slow")
class OneIdTwiceTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String ID = "both";

    @TempDir
    Path folder;

    @Test
    void aRefusedAskerCannotGiveUpTheFirstOnesQuestionOrJob() throws IOException {
        try (UntrainedModel model = UntrainedModel.in(folder)) {
            var answers = model.hosts().answers().orElseThrow();
            TestProbe<AnswerEvent> asker = model.kit().createTestProbe();
            TestProbe<AnswerEvent> second = model.kit().createTestProbe();
            answers.tell(new AnswerDesk.Ask(question(), asker.ref()));
            answers.tell(new AnswerDesk.Ask(question(), second.ref()));
            assertThat(second.expectMessageClass(AnswerEvent.NotAnswered.class, PATIENCE)
                            .code())
                    .isEqualTo("duplicate");
            answers.tell(new AnswerDesk.Cancel(ID, second.ref()));
            AnswerEvent answer = asker.receiveMessage(PATIENCE);
            while (answer instanceof AnswerEvent.Piece) {
                answer = asker.receiveMessage(PATIENCE);
            }
            assertThat(((AnswerEvent.Answered) answer).end()).isNotEqualTo(TextEnd.CANCELLED);

            var renders = model.hosts().renders().orElseThrow();
            RenderRequest job = RenderRequest.words(ID, "a red circle", RenderSettings.DEFAULT);
            TestProbe<RenderEvent> maker = model.kit().createTestProbe();
            TestProbe<RenderEvent> other = model.kit().createTestProbe();
            renders.tell(new RenderDesk.Render(job, maker.ref()));
            renders.tell(new RenderDesk.Render(job, other.ref()));
            assertThat(other.expectMessageClass(RenderEvent.NotMade.class, PATIENCE)
                            .code())
                    .isEqualTo("duplicate");
            renders.tell(new RenderDesk.Cancel(ID, other.ref()));
            maker.fishForMessage(
                    PATIENCE,
                    event -> event instanceof RenderEvent.Stepped
                            ? FishingOutcomes.complete()
                            : FishingOutcomes.continueAndIgnore());
            renders.tell(new RenderDesk.Cancel(ID, maker.ref()));
            RenderEvent end = maker.receiveMessage(PATIENCE);
            while (!(end instanceof RenderEvent.NotMade)) {
                end = maker.receiveMessage(PATIENCE);
            }
            assertThat(((RenderEvent.NotMade) end).code()).isEqualTo("cancelled");
        }
    }

    private static AnswerRequest question() {
        Conversation words = new Conversation(
                Optional.empty(),
                List.of(new Conversation.Turn(
                        Conversation.Speaker.USER, List.of(new Conversation.Words("Does anything move?")))));
        return new AnswerRequest(ID, words, AnswerRequest.Free.greedy(48), 0, Optional.empty());
    }
}

package io.kinora.kafka.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.kinora.kafka.MalformedRecordException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

final class SubscriptionTest {
    private static final StandingQuestion QUESTION = StandingQuestion.of("Is the gate open?", List.of("yes", "no"));
    private static final ClipReference CLIP = new ClipReference("kinora.clips", 2, 17);

    @Test
    void aSubscriptionComesBackFromItsBody() {
        Subscription subscription =
                Subscription.of("gate", "cam*", QUESTION).withAlert(Subscription.AlertRule.at("yes", 0.8));
        Subscription.Body body = WireJson.read(WireJson.write(subscription), Subscription.Body.class);
        assertThat(body.resolve(Optional.of("gate"))).isEqualTo(subscription);
    }

    @Test
    void anotherQuestionIsAnotherVersionAndAnotherThresholdIsNot() {
        Subscription subscription = Subscription.of("gate", "cam*", QUESTION);
        assertThat(subscription.withAlert(Subscription.AlertRule.at("yes", 0.5)).version())
                .isEqualTo(subscription.version());
        assertThat(Subscription.of("gate", "*", QUESTION).version()).isEqualTo(subscription.version());
        assertThat(Subscription.of("gate", "cam*", StandingQuestion.of("Is it shut?", List.of("yes", "no")))
                        .version())
                .isNotEqualTo(subscription.version());
        assertThat(Subscription.of("gate", "cam*", StandingQuestion.of("Is the gate open?", List.of("no", "yes")))
                        .version())
                .isNotEqualTo(subscription.version());
    }

    @Test
    void theQuestionAboutAClipIsNamedBySubscriptionVersionAndPlace() {
        Subscription subscription = Subscription.of("gate", "cam*", QUESTION);
        Question question = subscription.about(CLIP);
        assertThat(question.id()).isEqualTo("gate/" + subscription.version() + "/kinora.clips-2-17");
        assertThat(question.clip()).isEqualTo(new ClipTarget.At(CLIP));
        assertThat(question).isEqualTo(subscription.about(CLIP));
        assertThat(subscription.about(new ClipReference("t".repeat(249), 0, 1)).id())
                .hasSizeLessThanOrEqualTo(256);
    }

    @Test
    void anAlertAboutAChoiceThatIsNoneIsRefusedWithThoseThatAre() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Subscription.of("gate", "*", QUESTION).withAlert(Subscription.AlertRule.at("maybe", 0.5)))
                .withMessageContaining("maybe")
                .withMessageContaining("[yes, no]");
    }

    @Test
    void aReleaseAboveTheThresholdIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new Subscription.AlertRule("yes", 0.5, Optional.of(0.6), Optional.empty(), Optional.empty()))
                .withMessageContaining("alert.release")
                .withMessageContaining("0.0 to 0.5");
    }

    @Test
    void aKeyAndAnIdThatDifferAreRefused() {
        Subscription.Body body = WireJson.read(
                "{\"id\":\"a\",\"streams\":\"*\",\"question\":{\"text\":\"What?\"}}", Subscription.Body.class);
        assertThatExceptionOfType(MalformedRecordException.class)
                .isThrownBy(() -> body.resolve(Optional.of("b")))
                .withMessageContaining("\"a\"")
                .withMessageContaining("\"b\"");
    }

    @Property
    void aPatternMatchesAsItsRegularExpressionDoes(
            @ForAll @StringLength(min = 1, max = 8) @CharRange(from = 'a', to = 'b') @Chars({'*', '?'}) String pattern,
            @ForAll @StringLength(max = 8) @CharRange(from = 'a', to = 'b') String stream) {
        String regex = pattern.replace("*", ".*").replace("?", ".");
        assertThat(Subscription.of("s", pattern, QUESTION).names(stream)).isEqualTo(Pattern.matches(regex, stream));
    }
}

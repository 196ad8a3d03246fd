package io.kinora.kafka.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ClipReferenceTest {
    @Property
    void everyReferenceIsReadBackFromItsText(@ForAll("references") ClipReference reference) {
        assertThat(ClipReference.parse(reference.toString())).isEqualTo(reference);
    }

    @Property
    void whatParsesIsWrittenBackLetterByLetter(@ForAll("nearReferences") String text) {
        try {
            assertThat(ClipReference.parse(text)).hasToString(text);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining(text);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "kafka://",
                "kafka:///0/0",
                "kafka://t/0",
                "kafka://t/0/1/2",
                "kafka://t/-1/0",
                "kafka://t/00/0",
                "kafka://t/2147483648/0",
                "kafka://t/0/9223372036854775808",
                "kafka://../0/0",
                "kafka://a b/0/0",
                "kafka://a/../b/0/0",
                "kafka://t/0/0 ",
                "Kafka://t/0/0",
                "http://t/0/0"
            })
    void anythingElseIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> ClipReference.parse(text));
    }

    @Test
    void onlyTextWithTheSchemeClaimsToBeAReference() {
        assertThat(ClipReference.parseIfReference("clip-7")).isEmpty();
        assertThat(ClipReference.parseIfReference("kafka://t/1/2")).contains(new ClipReference("t", 1, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> ClipReference.parseIfReference("kafka://t/x/2"));
    }

    @Provide
    Arbitrary<ClipReference> references() {
        Arbitrary<String> topics = Arbitraries.strings()
                .withCharRange('a', 'z')
                .withCharRange('A', 'Z')
                .withCharRange('0', '9')
                .withChars("._-")
                .ofMinLength(1)
                .ofMaxLength(249)
                .filter(topic -> !topic.equals(".") && !topic.equals(".."));
        return Combinators.combine(
                        topics,
                        Arbitraries.integers().between(0, Integer.MAX_VALUE),
                        Arbitraries.longs().between(0, Long.MAX_VALUE))
                .as(ClipReference::new);
    }

    @Provide
    Arbitrary<String> nearReferences() {
        Arbitrary<String> parts =
                Arbitraries.strings().withChars("kafka:/0129._-x ").ofMaxLength(12);
        return Combinators.combine(parts, parts, parts).as((a, b, c) -> "kafka://" + a + "/" + b + "/" + c);
    }
}

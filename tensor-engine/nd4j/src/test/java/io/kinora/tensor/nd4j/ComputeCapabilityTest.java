package io.kinora.tensor.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ComputeCapabilityTest {
    @ParameterizedTest
    @ValueSource(strings = {"9.0", "10.0", "12.1"})
    void hopperAndLaterAreRefusedByName(String line) {
        assertThat(ComputeCapability.parse(line + "\n").orElseThrow().refusal())
                .hasValueSatisfying(reason -> assertThat(reason)
                        .contains("compute capability " + line)
                        .contains("use the engine libtorch"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"7.5", "8.0", "8.6", "8.9"})
    void cardsUpToAdaAreTaken(String line) {
        assertThat(ComputeCapability.parse(line).orElseThrow().refusal()).isEmpty();
    }

    @Test
    void whatIsNoAnswerIsNone() {
        assertThat(ComputeCapability.parse("NVIDIA-SMI has failed")).isEmpty();
    }
}

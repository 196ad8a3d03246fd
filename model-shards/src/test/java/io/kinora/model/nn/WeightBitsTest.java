package io.kinora.model.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.kinora.tensor.Quantization;
import org.junit.jupiter.api.Test;

final class WeightBitsTest {
    @Test
    void groupsAreTheLargestThatDivideEveryMatrix() {
        assertThat(WeightBits.named("int4").scheme(6656, 17920)).isEqualTo(new Quantization.Int4Groups(128));
        assertThat(WeightBits.INT4.scheme(256, 192)).isEqualTo(new Quantization.Int4Groups(64));
        assertThat(WeightBits.INT4.scheme(96)).isEqualTo(new Quantization.Int4Groups(32));
        assertThat(WeightBits.named("int8").scheme(7)).isEqualTo(new Quantization.Int8PerChannel());
    }

    @Test
    void whatCannotBeDoneIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightBits.INT4.scheme(64, 40))
                .withMessageContaining("40")
                .withMessageContaining("32");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightBits.named("int3"))
                .withMessageContaining("int8 and int4");
    }
}

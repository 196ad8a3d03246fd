package io.kinora.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class TorchRandomTest {
    /** Torch's vectorised logarithm, sine and cosine are within an ulp of the true value each. */
    private static final float NORMAL_TOLERANCE = 4e-7f;

    static Stream<JsonNode> sequences() throws IOException {
        try (InputStream json = TorchRandomTest.class.getResourceAsStream("noise.json")) {
            return StreamSupport.stream(new ObjectMapper().readTree(json).spliterator(), false);
        }
    }

    @ParameterizedTest
    @MethodSource("sequences")
    void successiveDrawsAreThoseOfTorch(JsonNode sequence) {
        TorchRandom random = new TorchRandom(sequence.get("seed").longValue());
        for (JsonNode draw : sequence.get("draws")) {
            boolean normal = draw.get("kind").asText().equals("randn");
            int count = draw.get("count").asInt();
            float[] values = normal ? random.normal(count) : random.uniform(count);
            assertThat(values).hasSize(count);
            for (Iterator<String> at = draw.get("values").fieldNames(); at.hasNext(); ) {
                String position = at.next();
                float expected = (float) draw.get("values").get(position).doubleValue();
                float tolerance = normal ? NORMAL_TOLERANCE * Math.abs(expected) : 0;
                assertThat(Math.abs(values[Integer.parseInt(position)] - expected))
                        .as(
                                "value %s of %s after seed %s, expected %s",
                                position, draw.get("kind"), sequence.get("seed"), expected)
                        .isLessThanOrEqualTo(tolerance);
            }
        }
    }

    @Test
    void seed42BeginsAsEverybodyKnows() {
        float[] values = new TorchRandom(42).normal(16);
        float[] expected = {1.9269153f, 1.4872841f, 0.9007172f, -2.105521f};
        assertThat(Arrays.copyOf(values, 4)).usingComparatorWithPrecision(5e-7f).containsExactly(expected);
    }

    @Test
    void normalValuesHaveMeanZeroAndVarianceOne() {
        float[] values = new TorchRandom(3).normal(1 << 18);
        double sum = 0;
        double squares = 0;
        for (float value : values) {
            sum += value;
            squares += (double) value * value;
        }
        assertThat(sum / values.length).isBetween(-0.01, 0.01);
        assertThat(squares / values.length).isBetween(0.99, 1.01);
    }

    @Test
    void drawsOfWholeBlocksJoinToOneDraw() {
        TorchRandom halves = new TorchRandom(1);
        float[] first = halves.normal(16);
        float[] second = halves.normal(16);
        assertThat(new TorchRandom(1).normal(32)).startsWith(first).endsWith(second);
    }
}

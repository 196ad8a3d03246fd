package io.kinora.model.llm.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.model.llm.LlamaConfig;
import io.kinora.model.nn.WeightBits;
import io.kinora.model.shard.LayerRange;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How a case wants the language model held, which changes nothing of what is computed, or what a reference with the same weights
 * computes: {@code stages} and {@code language_weights} ({@code int8}, {@code int4}) in the case's {@code config}.
 *
 * @param ranges the layers of each stage
 * @param scheme how the matrices of the layers are kept; empty for as they are
 */
public record CaseStages(List<LayerRange> ranges, Optional<Quantization> scheme) {
    /** Takes a copy. */
    public CaseStages {
        ranges = List.copyOf(ranges);
    }

    /**
     * Reads a case; without a word about it the model is in one piece and as stored.
     *
     * @throws ParityException if there are not that many layers, or no such weights
     */
    public static CaseStages of(ParityCase parityCase, LlamaConfig config) {
        JsonNode wanted = parityCase.config();
        int count = wanted.path("stages").asInt(1);
        int layers = config.layers();
        if (count < 1 || count > layers) {
            throw new ParityException("%s: %d layers are cut into 1 to %d stages, the case wants %d"
                    .formatted(parityCase.folder(), layers, layers, count));
        }
        List<LayerRange> ranges = IntStream.range(0, count)
                .mapToObj(i -> new LayerRange(i * layers / count, (i + 1) * layers / count))
                .toList();
        Optional<Quantization> scheme = Optional.of(
                        wanted.path("language_weights").asText(""))
                .filter(name -> !name.isEmpty())
                .map(WeightBits::named)
                .map(config::scheme);
        return new CaseStages(ranges, scheme);
    }
}

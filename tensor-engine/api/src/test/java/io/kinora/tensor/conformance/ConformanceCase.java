package io.kinora.tensor.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.tensor.DType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** One call of an operation with PyTorch's result. */
record ConformanceCase(
        String name,
        String operation,
        Map<String, StoredTensor> inputs,
        JsonNode arguments,
        List<StoredTensor> expected) {

    /** Every committed case, in the order of the generator. */
    static List<ConformanceCase> all() {
        try (InputStream file = ConformanceCase.class.getResourceAsStream("cases.json")) {
            return StreamSupport.stream(new ObjectMapper().readTree(file).spliterator(), false)
                    .map(ConformanceCase::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the conformance cases", e);
        }
    }

    private static ConformanceCase read(JsonNode node) {
        Map<String, StoredTensor> inputs = new LinkedHashMap<>();
        node.get("inputs")
                .properties()
                .forEach(input -> inputs.put(input.getKey(), StoredTensor.read(input.getValue())));
        List<StoredTensor> expected = StreamSupport.stream(node.get("expected").spliterator(), false)
                .map(StoredTensor::read)
                .toList();
        return new ConformanceCase(
                node.get("name").asText(), node.get("operation").asText(), inputs, node.get("arguments"), expected);
    }

    /** The types to run it in: those engines compute in; its floating-point inputs are converted to each. */
    static Stream<DType> types() {
        return Stream.of(DType.F32, DType.F64, DType.BF16, DType.F16);
    }

    @Override
    public String toString() {
        return name;
    }
}

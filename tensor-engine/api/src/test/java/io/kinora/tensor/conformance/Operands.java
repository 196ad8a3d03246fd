package io.kinora.tensor.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** The inputs of one case on an engine, in one type and layout, and its arguments. */
final class Operands {
    private final Engine engine;
    private final Map<String, Tensor> inputs;
    private final JsonNode arguments;

    private Operands(Engine engine, Map<String, Tensor> inputs, JsonNode arguments) {
        this.engine = engine;
        this.inputs = inputs;
        this.arguments = arguments;
    }

    static Operands of(ConformanceCase theCase, Engine engine, DType dtype, Layout layout) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        theCase.inputs().forEach((name, stored) -> {
            Tensor tensor = stored.on(engine);
            inputs.put(name, layout.of(tensor.dtype().isFloat() ? tensor.to(dtype) : tensor, engine));
        });
        return new Operands(engine, inputs, theCase.arguments());
    }

    Engine engine() {
        return engine;
    }

    List<Tensor> all() {
        return List.copyOf(inputs.values());
    }

    Tensor tensor(String name) {
        return optional(name).orElseThrow(() -> new IllegalArgumentException("the case has no input " + name));
    }

    Optional<Tensor> optional(String name) {
        return Optional.ofNullable(inputs.get(name));
    }

    int integer(String name) {
        return argument(name).asInt();
    }

    double number(String name) {
        return argument(name).asDouble();
    }

    String text(String name) {
        return argument(name).asText();
    }

    long[] integers(String name) {
        return StreamSupport.stream(argument(name).spliterator(), false)
                .mapToLong(JsonNode::asLong)
                .toArray();
    }

    private JsonNode argument(String name) {
        if (!arguments.has(name)) {
            throw new IllegalArgumentException("the case has no argument " + name);
        }
        return arguments.get(name);
    }
}

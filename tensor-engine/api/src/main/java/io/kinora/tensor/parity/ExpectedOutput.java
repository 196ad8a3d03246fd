package io.kinora.tensor.parity;

import com.fasterxml.jackson.databind.JsonNode;

/** What the official implementation gave for one output. */
public sealed interface ExpectedOutput {
    /** Its name. */
    String name();

    /**
     * A tensor: every element may differ by {@code atol + rtol * |expected|}; whole numbers must be equal.
     *
     * @param tensor its name in {@code tensors.safetensors}
     */
    record OfTensor(String name, String tensor, double atol, double rtol) implements ExpectedOutput {}

    /** A literal, which must be equal. */
    record OfValue(String name, JsonNode value) implements ExpectedOutput {}
}

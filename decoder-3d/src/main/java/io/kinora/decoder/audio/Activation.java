package io.kinora.decoder.audio;

import io.kinora.decoder.nn.ModuleConfig;
import io.kinora.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** A function between two linear layers, by the name that configurations give it. */
public enum Activation {
    GELU(Tensor::gelu),
    /** GELU by hyperbolic tangent, Hendrycks and Gimpel 2016, section 2. */
    GELU_NEW(x -> x.mul(x)
            .mul(x)
            .mul(0.044715)
            .add(x)
            .mul(Math.sqrt(2 / Math.PI))
            .tanh()
            .add(1)
            .mul(x)
            .mul(0.5)),
    QUICK_GELU(Tensor::quickGelu),
    RELU(Tensor::relu),
    SILU(Tensor::silu),
    TANH(Tensor::tanh);

    @SuppressWarnings("ImmutableEnumChecker") // a function without state
    private final UnaryOperator<Tensor> function;

    Activation(UnaryOperator<Tensor> function) {
        this.function = function;
    }

    /** The one that a key of a configuration names. */
    static Activation of(ModuleConfig config, String key, Activation absent) {
        if (!config.has(key)) {
            return absent;
        }
        String name = config.text(key).orElseThrow().toUpperCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(activation -> activation.name().equals(name))
                .findFirst()
                .orElseThrow(() -> config.invalid("'%s' is '%s'; supported is %s"
                        .formatted(
                                key,
                                name.toLowerCase(Locale.ROOT),
                                Arrays.toString(values()).toLowerCase(Locale.ROOT))));
    }

    Tensor apply(Tensor x) {
        return function.apply(x);
    }
}

package io.kinora.decoder.nn;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.file.TensorInfo;
import io.kinora.tensor.safetensors.SafetensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One case of a parity fixture: inputs and outputs of the official implementation, and its configuration. */
public final class Fixture {
    private static final double LARGEST_RELATIVE_ERROR = 1e-4;

    private final String file;
    private final String name;
    private final Engine engine;
    private final JsonNode config;

    private Fixture(String file, String name, Engine engine, JsonNode config) {
        this.file = file;
        this.name = name;
        this.engine = engine;
        this.config = config;
    }

    /** The cases of a fixture file, as {@code "blocks"}. */
    public static List<String> names(String file) {
        List<String> names = new ArrayList<>();
        json(file).fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** One case. */
    public static Fixture of(Engine engine, String file, String name) {
        JsonNode config = json(file).path(name);
        assertThat(config.isObject()).as("case %s of %s", name, file).isTrue();
        return new Fixture(file, name, engine, config);
    }

    /** What the case says besides tensors. */
    public JsonNode config() {
        return config;
    }

    /** The network's configuration. */
    public ModuleConfig module() {
        return ModuleConfig.parse(name, config.get("config").toString());
    }

    /** True if the case has a tensor of that name. */
    public boolean has(String tensor) {
        return read(tensor, TensorReader.EXISTS);
    }

    /** A tensor of the case, in the scope of the caller. */
    public Tensor tensor(String tensor) {
        return read(tensor, (bytes, key) -> {
            TensorInfo info = bytes.tensors().get(key);
            return engine.copyOf(bytes.bytes(key), info.dtype(), info.shape());
        });
    }

    /** Compares with the official output: the largest difference, against the largest value. */
    public void assertMatches(String tensor, Tensor actual) {
        Tensor expected = tensor(tensor);
        assertThat(actual.shape()).as(name + "." + tensor).isEqualTo(expected.shape());
        float[] got = actual.toFloats();
        float[] want = expected.toFloats();
        double peak = 0;
        double worst = 0;
        int at = 0;
        for (int i = 0; i < want.length; i++) {
            peak = Math.max(peak, Math.abs(want[i]));
            double difference = Math.abs(got[i] - want[i]);
            if (!(difference <= worst)) {
                worst = difference;
                at = i;
            }
        }
        assertThat(worst / peak)
                .as("%s.%s: element %d of %s is %s, expected %s"
                        .formatted(name, tensor, at, actual.shape(), got[at], want[at]))
                .isLessThan(LARGEST_RELATIVE_ERROR);
    }

    private interface TensorReader<T> {
        TensorReader<Boolean> EXISTS = (bytes, key) -> bytes.tensors().containsKey(key);

        T read(SafetensorsFile bytes, String key);
    }

    private <T> T read(String tensor, TensorReader<T> reader) {
        try (SafetensorsFile bytes = SafetensorsFile.open(resource(file + ".safetensors"))) {
            return reader.read(bytes, name + "." + tensor);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode json(String file) {
        try {
            return new ObjectMapper().readTree(resource(file + ".json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path resource(String name) {
        try {
            return Path.of(Fixture.class.getResource("/parity/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}

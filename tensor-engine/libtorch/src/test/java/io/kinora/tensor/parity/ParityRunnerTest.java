package io.kinora.tensor.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.OutputReport.Verdict;
import io.kinora.tensor.safetensors.SafetensorsWriter;
import io.kinora.tensor.safetensors.SafetensorsWriter.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ParityRunnerTest {
    /** Adds up the rows of its input, and names what it was given. */
    private static final class RowSums implements ParityComponent {
        @Override
        public String name() {
            return "row_sums";
        }

        @Override
        public void run(ParityCase parityCase, Engine engine, ParityOutputs outputs) {
            Tensor x = parityCase.tensor("x", engine);
            outputs.put("sums", x.sum(1));
            outputs.put("ids", engine.arange(0, 6).reshape(2, 3));
            outputs.put("names", parityCase.required("names"));
        }
    }

    /** {@code torch.randn(17, generator=torch.Generator().manual_seed(42))} of torch 2.13.0. */
    private static final float[] NOISE = {
        1.9269153f,
        -0.15959747f,
        -0.49739754f,
        0.43958926f,
        -0.75813115f,
        1.0783176f,
        0.80080056f,
        1.6806206f,
        0.3558599f,
        1.2964228f,
        0.6104665f,
        1.3347378f,
        -0.23162432f,
        0.04175949f,
        -0.2515753f,
        0.8598585f,
        -0.30972677f
    };

    private static Engine engine;

    @TempDir
    Path folder;

    @BeforeAll
    static void openEngine() {
        engine = Engines.open("libtorch", Device.CPU);
    }

    @AfterAll
    static void closeEngine() {
        engine.close();
    }

    @Test
    void outputsWithinTheirTolerancesAgree() throws IOException {
        tensors(matrix("input.x", DType.F16, 2, 3), vector("output.sums", 3.00001f, 12f));
        describe("""
                {"component": "row_sums",
                 "inputs": {"x": {"tensor": "input.x"}, "names": ["a", {"b": 1}]},
                 "outputs": {"sums": {"tensor": "output.sums", "atol": 1e-4, "rtol": 0},
                             "ids": {"value": [[0, 1, 2], [3, 4, 5]]},
                             "names": {"value": ["a", {"b": 1.0}]},
                             "unheard_of": {"value": 1}}}
                """);
        ParityReport report = run();

        assertThat(report.failure()).isEmpty();
        assertThat(report.outputs())
                .extracting(OutputReport::verdict)
                .containsExactly(Verdict.AGREES, Verdict.AGREES, Verdict.AGREES, Verdict.LEFT_OUT);
        assertThat(report.agrees()).isTrue();
        assertThat(report.outputs().get(3).line())
                .isEqualTo("unheard_of               left out: no output of that name");
    }

    @Test
    void theWorstElementIsNamed() throws IOException {
        tensors(matrix("input.x", DType.F32, 2, 3), vector("output.sums", 3.5f, 13f));
        describe(sums(0.1, 0.08));
        OutputReport sums = run().outputs().get(0);

        // 0.5 is beyond 0.1 + 0.08 * 3.5, and 1 is within 0.1 + 0.08 * 13
        assertThat(sums.verdict()).isEqualTo(Verdict.DIFFERS);
        assertThat(sums.worst()).containsExactly(0L);
        assertThat(sums.absoluteError()).isEqualTo(1);
        assertThat(sums.relativeError()).isEqualTo(1 / 13.0);
        assertThat(sums.detail()).isEqualTo("got 3.0, expected 3.5");
        assertThat(sums.line())
                .isEqualTo("sums                     DIFFERS largest error 1.00 absolute, 0.0769 relative"
                        + " (allowed 0.100 + 0.0800 x) at [0]: got 3.0, expected 3.5");
    }

    @Test
    void notANumberNeverAgreesWithANumber() throws IOException {
        tensors(matrix("input.x", DType.F32, 2, 3), vector("output.sums", Float.NaN, 12f));
        describe(sums(1e9, 1e9));

        assertThat(run().outputs().get(0).verdict()).isEqualTo(Verdict.DIFFERS);
    }

    @Test
    void anotherShapeDiffersWhateverTheTolerance() throws IOException {
        tensors(matrix("input.x", DType.F32, 2, 3), vector("output.sums", 3, 12, 0));
        describe(sums(1e9, 0));
        OutputReport sums = run().outputs().get(0);

        assertThat(sums.verdict()).isEqualTo(Verdict.DIFFERS);
        assertThat(sums.detail()).isEqualTo("got shape [2], expected [3]");
    }

    @Test
    void wholeNumbersMustBeEqualWhateverTheTolerance() throws IOException {
        tensors(matrix("input.x", DType.F32, 2, 3), longs("output.ids", new long[] {2, 3}, 0, 1, 2, 3, 4, 6));
        describe("""
                {"component": "row_sums", "inputs": {"x": {"tensor": "input.x"}, "names": 1},
                 "outputs": {"ids": {"tensor": "output.ids", "atol": 5, "rtol": 5}}}
                """);
        OutputReport ids = run().outputs().get(0);

        assertThat(ids.verdict()).isEqualTo(Verdict.DIFFERS);
        assertThat(ids.worst()).containsExactly(1L, 2L);
    }

    @Test
    void literalsDifferByContent() throws IOException {
        tensors(matrix("input.x", DType.F32, 2, 3));
        describe("""
                {"component": "row_sums", "inputs": {"x": {"tensor": "input.x"}, "names": ["a", "b"]},
                 "outputs": {"names": {"value": ["a", "c"]}, "ids": {"value": [[0, 1, 2], [3, 4]]}, "sums": {"value": "text"}}}
                """);
        ParityReport report = run();

        assertThat(report.agrees()).isFalse();
        assertThat(report.outputs()).allMatch(output -> output.verdict() == Verdict.DIFFERS);
        assertThat(report.outputs().get(0).detail()).isEqualTo("got [\"a\",\"b\"], expected [\"a\",\"c\"]");
    }

    @Test
    void everyFailureBecomesPartOfTheReport() throws IOException {
        assertThat(run().failure()).hasValueSatisfying(text -> assertThat(text).contains("cannot be read"));

        describe("{\"component\": ");
        assertThat(run().failure()).hasValueSatisfying(text -> assertThat(text).contains("is not JSON"));

        describe("{\"component\": \"row_sums\"}");
        assertThat(run().failure())
                .hasValueSatisfying(text -> assertThat(text).contains("needs a component and outputs"));

        describe("{\"component\": \"columns\", \"outputs\": {}}");
        assertThat(run().failure()).hasValue("there is no component 'columns'; there is row_sums");

        describe(sums(0, 0));
        assertThat(run().failure()).hasValueSatisfying(text -> assertThat(text).contains("has no tensors.safetensors"));

        tensors(matrix("input.y", DType.F32, 1, 1));
        assertThat(run().failure())
                .hasValueSatisfying(text -> assertThat(text).contains("tensors.safetensors has no input.x"));
    }

    @Test
    void aCaseWithNothingComparedDoesNotAgree() throws IOException {
        tensors(matrix("input.x", DType.F32, 2, 3));
        describe("""
                {"component": "row_sums", "inputs": {"x": {"tensor": "input.x"}, "names": 1}, "outputs": {"other": {"value": 1}}}
                """);

        assertThat(run().agrees()).isFalse();
    }

    @Test
    void foldersAreRelativeToTheCase() throws IOException {
        Files.createDirectories(folder.resolve("shared/checkpoint/unet"));
        Files.createDirectories(folder.resolve("case"));
        Files.writeString(folder.resolve("case/case.json"), """
                {"component": "x", "checkpoint": "../shared/checkpoint", "subfolder": "unet", "weights": "w.bin", "adapter": "lora",
                 "config": {"heads": 3}, "outputs": {}}
                """);
        try (ParityCase parityCase = ParityCase.open(folder.resolve("case"))) {
            assertThat(parityCase.checkpoint()).isEqualTo(folder.resolve("shared/checkpoint/unet"));
            assertThat(parityCase.checkpointRoot()).isEqualTo(folder.resolve("shared/checkpoint"));
            assertThat(parityCase.weights()).hasValue("w.bin");
            assertThat(parityCase.adapter()).hasValue(folder.resolve("case/lora"));
            assertThat(parityCase.config().path("heads").intValue()).isEqualTo(3);
            assertThatThrownBy(() -> parityCase.required("seed"))
                    .isInstanceOf(ParityException.class)
                    .hasMessageContaining("has no input seed");
        }
    }

    @Test
    void noiseIsTorchs() throws IOException {
        describe("""
                {"component": "noise", "inputs": {"seed": 42, "shapes": [[17]]}, "outputs": {"draw_0": {"tensor": "output.draw_0", "atol": 1e-5, "rtol": 1e-5}}}
                """);
        tensors(vector("output.draw_0", NOISE));

        assertThat(new ParityRunner(engine).components()).contains("noise");
        ParityReport report = new ParityRunner(engine).run(folder);
        assertThat(report.failure()).isEmpty();
        assertThat(report.agrees()).as(report.toString()).isTrue();
    }

    @Test
    void jsonOfAnInputIsHandedOutAsItIs() throws IOException {
        describe(
                "{\"component\": \"x\", \"inputs\": {\"messages\": [[{\"tensor\": \"input.a\"}, \"and\"]]}, \"outputs\": {}}");
        try (ParityCase parityCase = ParityCase.open(folder)) {
            JsonNode turn = parityCase.required("messages").path(0);

            assertThat(ParityCase.isTensor(turn.path(0))).isTrue();
            assertThat(ParityCase.isTensor(turn.path(1))).isFalse();
            assertThat(turn).isEqualTo(new ObjectMapper().readTree("[{\"tensor\": \"input.a\"}, \"and\"]"));
        }
    }

    private ParityReport run() {
        return new ParityRunner(engine, List.of(new RowSums())).run(folder);
    }

    private static String sums(double atol, double rtol) {
        return """
                {"component": "row_sums", "inputs": {"x": {"tensor": "input.x"}, "names": 1},
                 "outputs": {"sums": {"tensor": "output.sums", "atol": %s, "rtol": %s}}}
                """.formatted(atol, rtol);
    }

    private void describe(String json) throws IOException {
        Files.writeString(folder.resolve("case.json"), json);
    }

    private void tensors(Entry... entries) throws IOException {
        SafetensorsWriter.write(folder.resolve("tensors.safetensors"), List.of(entries), Map.of());
    }

    /** The numbers 0, 1, 2 … row by row. */
    private static Entry matrix(String name, DType dtype, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        try (Tensor tensor = engine.of(values, rows, columns);
                Tensor stored = tensor.to(dtype)) {
            byte[] bytes = stored.toBytes();
            return new Entry(name, dtype, Shape.of(rows, columns), () -> ByteBuffer.wrap(bytes));
        }
    }

    private static Entry vector(String name, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return new Entry(name, DType.F32, Shape.of(values.length), bytes::flip);
    }

    private static Entry longs(String name, long[] sizes, long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (long value : values) {
            bytes.putLong(value);
        }
        return new Entry(name, DType.I64, Shape.of(sizes), bytes::flip);
    }
}

package io.kinora.decoder.parity;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.kinora.tensor.DType;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.parity.ExpectedOutput;
import io.kinora.tensor.parity.ParityCase;
import io.kinora.tensor.parity.ParityOutputs;
import java.util.Optional;

/** Pictures in the form in which official pipelines hand them over: a batch of numbers in 0 to 1, or one picture of bytes. */
final class PictureForm {
    private static final double BYTES = 255;

    private PictureForm() {}

    /** Puts pictures {@code [N, Y, X, 3]} in 0 to 1 in the form in which the case has them. */
    static void put(ParityCase parityCase, String name, Tensor pictures, ParityOutputs outputs) {
        Optional<Tensor> stored = parityCase.outputs().stream()
                .filter(output -> output instanceof ExpectedOutput.OfTensor
                        && output.name().equals(name))
                .map(output -> ((ExpectedOutput.OfTensor) output).tensor())
                .map(tensor -> parityCase.tensor(
                        JsonNodeFactory.instance.objectNode().put("tensor", tensor), pictures.engine()))
                .findFirst();
        boolean bytes = stored.map(tensor -> !tensor.dtype().isFloat()).orElse(false);
        boolean one = stored.map(tensor -> tensor.rank() == 3).orElse(false) && pictures.dim(0) == 1;
        Tensor values = bytes ? pictures.mul(BYTES).round().to(DType.U8) : pictures;
        outputs.put(name, one ? values.squeeze(0) : values);
    }
}

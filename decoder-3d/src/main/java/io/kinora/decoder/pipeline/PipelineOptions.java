package io.kinora.decoder.pipeline;

import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import java.util.Optional;

/**
 * How a checkpoint is opened.
 *
 * @param computeType what weights are converted to and networks compute in
 * @param variant which of several released precisions, such as {@code fp16}; absent takes the files without a variant, or the only one there
 *     is
 */
public record PipelineOptions(DType computeType, Optional<String> variant) {
    /** Checks that networks can compute in the type. */
    public PipelineOptions {
        if (computeType != DType.F32 && computeType != DType.F16 && computeType != DType.BF16) {
            throw new IllegalArgumentException("networks compute in F32, F16 or BF16, not in " + computeType);
        }
    }

    /** What suits a device: single precision on a processor, half on a graphics card. */
    public static PipelineOptions forDevice(Device device) {
        return new PipelineOptions(device.kind() == Device.Kind.CPU ? DType.F32 : DType.F16, Optional.empty());
    }
}

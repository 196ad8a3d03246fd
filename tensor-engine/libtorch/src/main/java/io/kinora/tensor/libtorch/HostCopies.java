package io.kinora.tensor.libtorch;

import io.kinora.tensor.DType;
import io.kinora.tensor.ShapeException;
import java.lang.ref.Reference;
import java.util.function.Consumer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Elements copied out of native memory into Java arrays, whatever the layout, type and device. */
final class HostCopies {
    private HostCopies() {}

    static float[] floats(LibtorchTensor tensor) {
        float[] values = new float[arrayLength(tensor, 1)];
        return read("toFloats", tensor, ScalarType.Float, values, host -> new FloatPointer(host).get(values));
    }

    static long[] longs(LibtorchTensor tensor) {
        if (tensor.dtype().isFloat()) {
            throw new ShapeException(
                    "toLongs of %s: an integer or boolean tensor is needed".formatted(NativeErrors.describe(tensor)));
        }
        long[] values = new long[arrayLength(tensor, 1)];
        return read("toLongs", tensor, ScalarType.Long, values, host -> new LongPointer(host).get(values));
    }

    static byte[] bytes(LibtorchTensor tensor) {
        DType dtype = tensor.dtype();
        byte[] values = new byte[arrayLength(tensor, dtype.bytes())];
        return read("toBytes", tensor, ScalarTypes.of(dtype), values, host -> new BytePointer(host).get(values));
    }

    private static <T> T read(
            String operation, LibtorchTensor tensor, ScalarType type, T values, Consumer<Pointer> reader) {
        try (PointerScope temporaries = new PointerScope()) {
            Tensor host = tensor.at().cpu().to(type).contiguous();
            if (host.numel() > 0) { // libtorch has no address for an empty tensor
                reader.accept(host.data_ptr());
            }
            return values;
        } catch (RuntimeException e) {
            throw NativeErrors.translate(operation, e, tensor);
        } finally {
            Reference.reachabilityFence(tensor);
        }
    }

    private static int arrayLength(LibtorchTensor tensor, int bytesEach) {
        long length = Math.multiplyExact(tensor.shape().elements(), bytesEach);
        if (length > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(
                    "a tensor of shape %s does not fit into a Java array; read slices of it".formatted(tensor.shape()));
        }
        return (int) length;
    }
}

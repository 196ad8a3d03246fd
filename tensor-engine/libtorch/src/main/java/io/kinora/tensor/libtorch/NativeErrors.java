package io.kinora.tensor.libtorch;

import io.kinora.tensor.DeviceMemoryException;
import io.kinora.tensor.ShapeException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Turns what libtorch throws into the engine's exceptions, with the operation and its operands in the message. */
final class NativeErrors {
    private static final List<String> NO_MEMORY = List.of("out of memory", "can't allocate memory");
    private static final List<String> NOT_THE_CALLERS_FAULT =
            List.of("CUDA error", "cuDNN", "CUBLAS", "INTERNAL ASSERT", "could not create a primitive");

    private NativeErrors() {}

    /** The exception to throw for a failed operation. */
    static RuntimeException translate(String operation, RuntimeException failure, LibtorchTensor... operands) {
        boolean isNative = failure.getClass() == RuntimeException.class;
        if (!isNative && !(failure instanceof Misfit)) {
            return failure; // a closed tensor, for one
        }
        // A native message goes on with the C++ stack; the first line says what was wrong.
        String reason = String.valueOf(failure.getMessage()).lines().findFirst().orElse("no reason given");
        String call = operands.length == 0 ? operation : operation + " of " + describe(operands);
        String message = call + ": " + reason;
        if (NO_MEMORY.stream().anyMatch(reason::contains)) {
            return new DeviceMemoryException(message, failure);
        }
        if (NOT_THE_CALLERS_FAULT.stream().anyMatch(reason::contains)) {
            return new IllegalStateException(message, failure);
        }
        return new ShapeException(message, failure);
    }

    static String describe(LibtorchTensor... operands) {
        return Arrays.stream(operands)
                .map(operand -> operand.shape() + " " + operand.dtype())
                .collect(Collectors.joining(" and "));
    }
}

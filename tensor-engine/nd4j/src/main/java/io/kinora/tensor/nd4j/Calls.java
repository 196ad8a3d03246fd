package io.kinora.tensor.nd4j;

import io.kinora.tensor.DType;
import io.kinora.tensor.DeviceMemoryException;
import io.kinora.tensor.Shape;
import io.kinora.tensor.ShapeException;
import io.kinora.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs operations: owners of what they make, and the errors of those that fail. */
final class Calls {
    private final Nd4jEngine engine;
    private final ThreadLocal<ThreadScopes> scopes = ThreadLocal.withInitial(ThreadScopes::new);

    Calls(Nd4jEngine engine) {
        this.engine = engine;
    }

    Nd4jScope openScope() {
        return scopes.get().open();
    }

    /** A tensor of the innermost open scope of this thread. */
    Nd4jTensor own(Memory memory, Layout layout, DType dtype) {
        Nd4jTensor tensor = new Nd4jTensor(engine, memory, layout, dtype);
        scopes.get().innermost().ifPresent(scope -> scope.own(tensor));
        return tensor;
    }

    /** A tensor without elements. */
    Nd4jTensor empty(Shape shape, DType dtype) {
        return own(Memory.none(), Layout.rowMajor(shape), dtype);
    }

    /** Computes a tensor of a type; where it has no elements, nothing is computed. */
    Tensor compute(String operation, DType dtype, Shape shape, Function<Work, INDArray> body, Nd4jTensor... operands) {
        return call(
                operation,
                () -> {
                    if (shape.elements() == 0) {
                        return empty(shape, dtype);
                    }
                    try (Work work = new Work()) {
                        return work.result(this, body.apply(work), shape, dtype);
                    }
                },
                operands);
    }

    <T> T call(String operation, Supplier<T> body, Nd4jTensor... operands) {
        for (Nd4jTensor operand : operands) {
            operand.requireOpen();
        }
        try {
            return body.get();
        } catch (ShapeException | IllegalStateException failure) {
            if (failure.getClass().getPackageName().startsWith("org.nd4j")) {
                throw new ShapeException(message(operation, failure, operands), failure);
            }
            throw failure;
        } catch (OutOfMemoryError failure) {
            throw new DeviceMemoryException(message(operation, failure, operands), failure);
        } catch (RuntimeException failure) {
            String message = message(operation, failure, operands);
            throw message.contains("allocat")
                    ? new DeviceMemoryException(message, failure)
                    : new ShapeException(message, failure);
        }
    }

    private static String message(String operation, Throwable failure, Nd4jTensor... operands) {
        String call = operands.length == 0 ? operation : operation + " of " + describe(operands);
        return call + ": "
                + String.valueOf(failure.getMessage()).lines().findFirst().orElse("no reason given");
    }

    static String describe(Nd4jTensor... operands) {
        return Arrays.stream(operands)
                .map(operand -> operand.shape() + " " + operand.dtype())
                .collect(Collectors.joining(" and "));
    }

    /** The tensor as this engine's own. */
    Nd4jTensor mine(Tensor tensor) {
        if (tensor instanceof Nd4jTensor mine) {
            return mine;
        }
        throw new IllegalArgumentException("a tensor of engine %s on %s was given to engine %s on %s: adopt it first"
                .formatted(tensor.engine().name(), tensor.engine().device(), engine.name(), engine.device()));
    }

    Nd4jTensor[] mine(List<Tensor> tensors) {
        return tensors.stream().map(this::mine).toArray(Nd4jTensor[]::new);
    }

    /** Operands with an optional last one. */
    Nd4jTensor[] with(Optional<Tensor> last, Nd4jTensor... operands) {
        if (last.isEmpty()) {
            return operands;
        }
        Nd4jTensor[] all = Arrays.copyOf(operands, operands.length + 1);
        all[operands.length] = mine(last.get());
        return all;
    }
}

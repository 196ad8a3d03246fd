package io.kinora.tensor.libtorch;

import io.kinora.tensor.Tensor;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;

/**
 * The one way into libtorch: frees the temporaries of a call, translates its errors, and gives its result an owner.
 *
 * <p>Every native object that a body makes is attached to the {@link PointerScope} of its call and dies with it, but for the result.
 * Thread-safe.
 */
final class NativeCalls {
    private final LibtorchEngine engine;
    private final ThreadLocal<ThreadScopes> scopes = ThreadLocal.withInitial(ThreadScopes::new);

    NativeCalls(LibtorchEngine engine) {
        this.engine = engine;
    }

    LibtorchScope openScope() {
        return scopes.get().open();
    }

    /** True while this thread records for gradients. */
    boolean isRecording() {
        scopes.get(); // a thread that never computed still has libtorch's own default
        return GradMode.is_enabled();
    }

    /** A new tensor that shares no memory with the operands. */
    LibtorchTensor compute(String operation, Supplier<org.bytedeco.pytorch.Tensor> body, LibtorchTensor... operands) {
        return own(call(operation, () -> retained(body.get()), operands), Optional.empty());
    }

    /** {@link #compute} for what no scope may own: its holder closes it. */
    LibtorchTensor computeForever(
            String operation, Supplier<org.bytedeco.pytorch.Tensor> body, LibtorchTensor... operands) {
        return new LibtorchTensor(engine, call(operation, () -> retained(body.get()), operands), Optional.empty());
    }

    /** A new tensor that may share the memory of a source. */
    LibtorchTensor view(String operation, Supplier<org.bytedeco.pytorch.Tensor> body, LibtorchTensor source) {
        return own(call(operation, () -> retained(body.get()), source), source.memory());
    }

    /** Whatever a body makes of native tensors; what it wants to outlive the call it has to {@linkplain #retained retain}. */
    <T> T call(String operation, Supplier<T> body, LibtorchTensor... operands) {
        scopes.get(); // a thread's first call sets libtorch up for it
        try (PointerScope temporaries = new PointerScope()) {
            return body.get();
        } catch (RuntimeException e) {
            throw NativeErrors.translate(operation, e, operands);
        } finally {
            for (LibtorchTensor operand : operands) {
                Reference.reachabilityFence(operand);
            }
        }
    }

    /** Gives a retained native tensor to the innermost scope of this thread. */
    LibtorchTensor own(org.bytedeco.pytorch.Tensor retained, Optional<Object> memory) {
        LibtorchTensor tensor = new LibtorchTensor(engine, retained, memory);
        scopes.get().innermost().ifPresent(scope -> scope.own(tensor));
        return tensor;
    }

    /** A native tensor that lives on after the call that made it; a mere reference (an in-place result, a tuple's part) is copied. */
    static org.bytedeco.pytorch.Tensor retained(org.bytedeco.pytorch.Tensor made) {
        org.bytedeco.pytorch.Tensor owned = made.referenceCount() < 0 ? new org.bytedeco.pytorch.Tensor(made) : made;
        owned.retainReference();
        return owned;
    }

    /** The tensor as this engine's own. */
    LibtorchTensor mine(Tensor tensor) {
        if (tensor instanceof LibtorchTensor mine
                && (mine.engine() == engine || mine.engine().device().equals(engine.device()))) {
            return mine;
        }
        throw new IllegalArgumentException("a tensor of engine %s on %s was given to engine %s on %s: adopt it first"
                .formatted(tensor.engine().name(), tensor.engine().device(), engine.name(), engine.device()));
    }

    LibtorchTensor[] mine(List<Tensor> tensors) {
        return tensors.stream().map(this::mine).toArray(LibtorchTensor[]::new);
    }

    /** Operands with an optional last one. */
    LibtorchTensor[] with(Optional<Tensor> last, LibtorchTensor... operands) {
        if (last.isEmpty()) {
            return operands;
        }
        LibtorchTensor[] all = Arrays.copyOf(operands, operands.length + 1);
        all[operands.length] = mine(last.get());
        return all;
    }

    /** For use inside a call: libtorch's optional tensor. */
    TensorOptional optional(Optional<Tensor> tensor) {
        return tensor.map(present -> new TensorOptional(mine(present).at())).orElseGet(TensorOptional::new);
    }

    /** For use inside a call: the native tensor, if there is one. */
    Optional<org.bytedeco.pytorch.Tensor> present(Optional<Tensor> tensor) {
        return tensor.map(given -> mine(given).at());
    }

    /** For use inside a call: libtorch's list of tensors. */
    static TensorVector vector(LibtorchTensor... tensors) {
        return new TensorVector(
                Arrays.stream(tensors).map(LibtorchTensor::at).toArray(org.bytedeco.pytorch.Tensor[]::new));
    }
}

package io.kinora.tensor.libtorch;

import java.util.Optional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.global.torch;

/** What one thread has of an engine: its open scopes, and libtorch's per-thread settings. Confined to that thread. */
final class ThreadScopes {
    private Optional<LibtorchScope> innermost = Optional.empty();

    ThreadScopes() {
        // Asking makes libtorch give this thread's OpenMP the process's number of threads.
        torch.get_num_threads();
        // Gradients are a property of the thread in libtorch; inference records none.
        GradMode.set_enabled(false);
    }

    LibtorchScope open() {
        LibtorchScope scope = new LibtorchScope(this, innermost);
        innermost = Optional.of(scope);
        return scope;
    }

    void pop(LibtorchScope scope) {
        if (innermost.isEmpty() || innermost.get() != scope) {
            throw new IllegalStateException("a scope opened inside this one is still open; close inner scopes first");
        }
        innermost = scope.parent();
    }

    Optional<LibtorchScope> innermost() {
        return innermost;
    }
}

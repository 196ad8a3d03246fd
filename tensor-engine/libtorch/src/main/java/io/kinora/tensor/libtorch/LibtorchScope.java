package io.kinora.tensor.libtorch;

import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Owns tensors in the order they were made; each knows its slot, so handing one out costs no search. */
final class LibtorchScope implements Scope {
    private final ThreadScopes scopes;
    private final Thread thread = Thread.currentThread();
    private final Optional<LibtorchScope> parent;
    private final List<LibtorchTensor> owned = new ArrayList<>();
    private boolean open = true;

    LibtorchScope(ThreadScopes scopes, Optional<LibtorchScope> parent) {
        this.scopes = scopes;
        this.parent = parent;
    }

    @Override
    public Tensor keep(Tensor tensor) {
        requireUsable();
        if (tensor instanceof LibtorchTensor mine && mine.isOwnedBy(this)) {
            release(mine);
            parent.ifPresent(enclosing -> enclosing.own(mine));
        }
        return tensor;
    }

    @Override
    public Tensor detach(Tensor tensor) {
        requireUsable();
        if (tensor instanceof LibtorchTensor mine && mine.isOwnedBy(this)) {
            release(mine);
        }
        return tensor;
    }

    @Override
    public void close() {
        if (!open) {
            return;
        }
        requireUsable();
        scopes.pop(this);
        open = false;
        for (LibtorchTensor tensor : owned) {
            tensor.freeWithScope();
        }
        owned.clear();
    }

    Optional<LibtorchScope> parent() {
        return parent;
    }

    void own(LibtorchTensor tensor) {
        tensor.ownedBy(this, owned.size());
        owned.add(tensor);
    }

    /** Forgets a tensor that is handed out or closed early. A close from another thread leaves the entry for this scope's end. */
    void release(LibtorchTensor tensor) {
        if (Thread.currentThread() != thread) {
            return;
        }
        LibtorchTensor last = owned.remove(owned.size() - 1);
        if (last != tensor) {
            owned.set(tensor.slot(), last);
            last.ownedBy(this, tensor.slot());
        }
        tensor.ownedByNobody();
    }

    private void requireUsable() {
        if (Thread.currentThread() != thread) {
            throw new IllegalStateException("this scope belongs to thread '%s' and was used on '%s'"
                    .formatted(thread.getName(), Thread.currentThread().getName()));
        }
        if (!open) {
            throw new IllegalStateException("this scope is closed");
        }
    }
}

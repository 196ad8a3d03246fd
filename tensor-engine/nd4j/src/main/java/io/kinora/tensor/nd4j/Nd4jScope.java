package io.kinora.tensor.nd4j;

import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.Set;

/** Owns the tensors made on one thread while it is the innermost scope there. */
final class Nd4jScope implements Scope {
    private final ThreadScopes scopes;
    private final Thread thread = Thread.currentThread();
    private final Optional<Nd4jScope> parent;
    private final Set<Nd4jTensor> owned = Collections.newSetFromMap(new IdentityHashMap<>());
    private boolean open = true;

    Nd4jScope(ThreadScopes scopes, Optional<Nd4jScope> parent) {
        this.scopes = scopes;
        this.parent = parent;
    }

    @Override
    public Tensor keep(Tensor tensor) {
        requireUsable();
        if (tensor instanceof Nd4jTensor mine && owned.remove(mine)) {
            mine.ownedBy(parent);
            parent.ifPresent(enclosing -> enclosing.owned.add(mine));
        }
        return tensor;
    }

    @Override
    public Tensor detach(Tensor tensor) {
        requireUsable();
        if (tensor instanceof Nd4jTensor mine && owned.remove(mine)) {
            mine.ownedBy(Optional.empty());
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
        for (Nd4jTensor tensor : owned) {
            tensor.ownedBy(Optional.empty());
            tensor.close();
        }
        owned.clear();
    }

    Optional<Nd4jScope> parent() {
        return parent;
    }

    void own(Nd4jTensor tensor) {
        owned.add(tensor);
        tensor.ownedBy(Optional.of(this));
    }

    /** Forgets a tensor that is closed early. One closed by another thread stays until this scope's end, closed. */
    void release(Nd4jTensor tensor) {
        if (Thread.currentThread() == thread) {
            owned.remove(tensor);
        }
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

package io.kinora.tensor.nd4j;

import java.util.Optional;

/** The open scopes of one thread. Confined to that thread. */
final class ThreadScopes {
    private Optional<Nd4jScope> innermost = Optional.empty();

    Nd4jScope open() {
        Nd4jScope scope = new Nd4jScope(this, innermost);
        innermost = Optional.of(scope);
        return scope;
    }

    void pop(Nd4jScope scope) {
        if (innermost.isEmpty() || innermost.get() != scope) {
            throw new IllegalStateException("a scope opened inside this one is still open; close inner scopes first");
        }
        innermost = scope.parent();
    }

    Optional<Nd4jScope> innermost() {
        return innermost;
    }
}

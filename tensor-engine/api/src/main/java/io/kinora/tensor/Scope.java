package io.kinora.tensor;

/**
 * Owns the native memory of the tensors made while it is open.
 *
 * <p>Scopes nest per thread: a tensor belongs to the innermost open scope of the thread that makes it, and closing the scope
 * frees it, but for those handed out with {@link #keep}. A tensor made outside every scope belongs to its maker, who closes it.
 *
 * <pre>{@code
 * try (Scope scope = engine.scope()) {
 *     Tensor hidden = engine.linear(x, weight, bias);
 *     return scope.keep(hidden.silu());
 * }
 * }</pre>
 *
 * <p>Confined to the thread that opened it.
 */
public interface Scope extends AutoCloseable {
    /**
     * Hands a tensor of this scope to the enclosing scope, or, where there is none, to the caller, who then closes it. A tensor
     * that this scope does not own is returned as it is.
     */
    Tensor keep(Tensor tensor);

    /**
     * Takes a tensor of this scope out of all scopes: the caller owns it and closes it, or hands it to another thread. A cache
     * uses this for what outlives the request that made it.
     */
    Tensor detach(Tensor tensor);

    /** Frees what is still owned; scopes opened inside and left open are an {@link IllegalStateException}. */
    @Override
    void close();
}

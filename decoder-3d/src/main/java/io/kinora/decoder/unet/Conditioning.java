package io.kinora.decoder.unet;

import io.kinora.decoder.nn.Context;
import io.kinora.decoder.nn.CrossAttention;
import io.kinora.decoder.nn.CrossAttention.KeyValue;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A prompt, made ready once for a network: the keys and values of every cross-attention, and what joins the time embedding.
 *
 * <p>Belongs to the network that made it. Safe to read from several threads; {@link #close} frees its tensors.
 */
public final class Conditioning implements Context, AutoCloseable {
    private final Map<CrossAttention, KeyValue> projected;
    private final Optional<Tensor> added; // [B, D] or [B·F, D], added to the time embedding
    private final Optional<Tensor> joined; // [B, D'], joined to the time embedding

    private Conditioning(Map<CrossAttention, KeyValue> projected, Optional<Tensor> added, Optional<Tensor> joined) {
        this.projected = Map.copyOf(projected);
        this.added = added;
        this.joined = joined;
    }

    /** Projects a context for each attention; takes all tensors out of the scope they were made in. */
    static Conditioning of(
            Scope scope,
            Optional<Tensor> context,
            Collection<CrossAttention> attentions,
            Optional<Tensor> added,
            Optional<Tensor> joined) {
        Map<CrossAttention, KeyValue> projected = new HashMap<>();
        for (CrossAttention attention : attentions) {
            Tensor states = context.orElseThrow(() -> new IllegalArgumentException(
                    "this U-Net has cross-attention: a prompt without encoder hidden states is not enough"));
            KeyValue kv = attention.project(states);
            projected.put(attention, new KeyValue(scope.detach(kv.keys()), scope.detach(kv.values())));
        }
        return new Conditioning(projected, added.map(scope::detach), joined.map(scope::detach));
    }

    /**
     * The conditionings of several samples of one network as that of a batch of them all, in a row. A copy; the parts stay as they are.
     *
     * @throws IllegalArgumentException if they do not {@link #joins join}
     */
    public static Conditioning join(Engine engine, List<Conditioning> parts) {
        Conditioning one = parts.get(0);
        if (!parts.stream().allMatch(one::joins)) {
            throw new IllegalArgumentException("conditionings of %s tokens for %s images are no batch"
                    .formatted(
                            parts.stream().map(part -> part.size(2)).toList(),
                            parts.stream().map(part -> part.size(0)).toList()));
        }
        try (Scope scope = engine.scope()) {
            Map<CrossAttention, KeyValue> projected = new HashMap<>();
            for (CrossAttention attention : one.projected.keySet()) {
                List<KeyValue> each = parts.stream()
                        .map(part -> part.keysAndValues(attention))
                        .toList();
                Tensor keys = engine.cat(each.stream().map(KeyValue::keys).toList(), 0);
                Tensor values = engine.cat(each.stream().map(KeyValue::values).toList(), 0);
                projected.put(attention, new KeyValue(scope.detach(keys), scope.detach(values)));
            }
            // What joins the time embedding is in the schedules already.
            return new Conditioning(projected, Optional.empty(), Optional.empty());
        }
    }

    /** Whether this and the other, of one network and of as many samples, can be one batch. */
    public boolean joins(Conditioning other) {
        return size(0) == other.size(0) && size(2) == other.size(2);
    }

    /** Of all keys {@code [images, heads, tokens, width]}; 0 without cross-attention. */
    private long size(int axis) {
        return projected.values().stream()
                .findFirst()
                .map(kv -> kv.keys().dim(axis))
                .orElse(0L);
    }

    @Override
    public KeyValue keysAndValues(CrossAttention attention) {
        KeyValue kv = projected.get(attention);
        if (kv == null) {
            throw new IllegalArgumentException("this conditioning was made by another network");
        }
        return kv;
    }

    Optional<Tensor> added() {
        return added;
    }

    Optional<Tensor> joined() {
        return joined;
    }

    @Override
    public void close() {
        projected.values().forEach(kv -> {
            kv.keys().close();
            kv.values().close();
        });
        added.ifPresent(Tensor::close);
        joined.ifPresent(Tensor::close);
    }
}

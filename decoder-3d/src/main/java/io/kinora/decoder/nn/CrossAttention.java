package io.kinora.decoder.nn;

import io.kinora.model.checkpoint.Weights;
import io.kinora.tensor.AttentionMask;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.function.LongUnaryOperator;
import java.util.stream.LongStream;

/**
 * Multi-head attention of tokens to a conditioning, to one another, to the same pixel in other frames, or to other frames' tokens.
 *
 * <p>Queries, keys and values without bias, scale {@code 1/√d}. Official class: diffusers {@code Attention}. Thread-safe.
 */
public final class CrossAttention {
    private final Linear toQ; // C -> H·d
    private final Linear toK; // D -> H·d
    private final Linear toV; // D -> H·d
    private final Linear toOut; // H·d -> C
    private final long heads;
    private final long headWidth;

    /** Keys and values {@code [B, H, S, d]} of a conditioning, ready to be attended to. */
    public record KeyValue(Tensor keys, Tensor values) {
        /** The tokens attended to that belong to each of {@code rows} images, by index of the conditioning's batch. */
        KeyValue gather(Tensor rows) {
            Engine engine = keys.engine();
            return new KeyValue(engine.gather(keys, rows), engine.gather(values, rows));
        }
    }

    /** Takes {@code to_q, to_k, to_v, to_out.0}; {@code contextWidth} equals {@code width} for self-attention. */
    public CrossAttention(Weights weights, long width, long contextWidth, long heads, long headWidth) {
        long inner = heads * headWidth;
        this.toQ = Linear.withoutBias(weights.at("to_q"), width, inner);
        this.toK = Linear.withoutBias(weights.at("to_k"), contextWidth, inner);
        this.toV = Linear.withoutBias(weights.at("to_v"), contextWidth, inner);
        this.toOut = Linear.of(weights.at("to_out.0"), inner, width);
        this.heads = heads;
        this.headWidth = headWidth;
    }

    /** Keys and values of a conditioning {@code [B, S, D]}: they change with neither frame nor denoising step. */
    public KeyValue project(Tensor context) {
        return new KeyValue(heads(toK.forward(context)), heads(toV.forward(context)));
    }

    /** Tokens {@code [N, T, C]} attend to a conditioning of B rows, N being a multiple of B: its N/B images stand together. */
    public Tensor forward(Tensor x, KeyValue context) {
        try (Scope scope = x.engine().scope()) {
            long batch = context.keys().dim(0);
            Tensor q = toQ.forward(x).reshape(batch, x.dim(0) / batch * x.dim(1), heads * headWidth);
            Tensor attended = attend(heads(q), context); // [B, N/B·T, H·d]
            return scope.keep(toOut.forward(attended).reshape(x.dim(0), x.dim(1), x.dim(2)));
        }
    }

    /** Tokens {@code [N, T, C]} attend to the tokens of their own row. */
    public Tensor forward(Tensor x) {
        try (Scope scope = x.engine().scope()) {
            return scope.keep(toOut.forward(attend(heads(toQ.forward(x)), project(x))));
        }
    }

    /** Tokens {@code [B, F, P, C]} attend to the tokens of the same pixel in all frames. */
    Tensor overFrames(Tensor x) {
        try (Scope scope = x.engine().scope()) {
            Tensor attended = attend(
                    pixelHeads(toQ.forward(x)),
                    new KeyValue(pixelHeads(toK.forward(x)), pixelHeads(toV.forward(x)))); // [B·P, F, H·d]
            return scope.keep(toOut.forward(attended)
                    .reshape(x.dim(0), x.dim(2), x.dim(1), x.dim(3))
                    .permute(0, 2, 1, 3)); // [B, F, P, C]
        }
    }

    /** Tokens {@code [B·F, T, C]} attend to the tokens of the first frame, the frame before, and their own. */
    Tensor toFirstPreviousAndOwn(Tensor x, long frames) {
        try (Scope scope = x.engine().scope()) {
            KeyValue own = project(x); // [B·F, H, T, d]
            Tensor first = x.engine().of(frameRows(x.dim(0), frames, frame -> 0), x.dim(0));
            Tensor previous = x.engine().of(frameRows(x.dim(0), frames, frame -> Math.max(frame - 1, 0)), x.dim(0));
            KeyValue all = join(List.of(own.gather(first), own.gather(previous), own)); // [B·F, H, 3·T, d]
            return scope.keep(toOut.forward(attend(heads(toQ.forward(x)), all)));
        }
    }

    private static long[] frameRows(long images, long frames, LongUnaryOperator source) {
        return LongStream.range(0, images)
                .map(image -> image / frames * frames + source.applyAsLong(image % frames))
                .toArray();
    }

    private static KeyValue join(List<KeyValue> parts) {
        Engine engine = parts.get(0).keys().engine();
        return new KeyValue(
                engine.cat(parts.stream().map(KeyValue::keys).toList(), 2),
                engine.cat(parts.stream().map(KeyValue::values).toList(), 2));
    }

    private Tensor attend(Tensor q, KeyValue kv) { // q [N, H, T, d] -> [N, T, H·d]
        Tensor attended = q.engine()
                .attention(
                        q,
                        kv.keys(),
                        kv.values(),
                        AttentionMask.NONE,
                        1 / Math.sqrt((double) headWidth)); // [N, H, T, d]
        return attended.transpose(1, 2).reshape(q.dim(0), q.dim(2), heads * headWidth);
    }

    private Tensor heads(Tensor x) { // [N, T, H·d] -> [N, H, T, d]
        return x.reshape(x.dim(0), x.dim(1), heads, headWidth).transpose(1, 2);
    }

    private Tensor pixelHeads(Tensor x) { // [B, F, P, H·d] -> [B·P, H, F, d]
        return x.reshape(x.dim(0), x.dim(1), x.dim(2), heads, headWidth)
                .permute(0, 2, 3, 1, 4)
                .reshape(x.dim(0) * x.dim(2), heads, x.dim(1), headWidth);
    }
}

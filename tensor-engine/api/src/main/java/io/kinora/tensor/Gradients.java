package io.kinora.tensor;

import java.util.List;
import java.util.Optional;

/**
 * The training half of an engine: derivatives of what it computes, and steps along them.
 *
 * <p>Inside a {@link #record recording} the calling thread remembers how its tensors came about, as far as a {@linkplain #require required}
 * one took part. {@link #backward} then adds the derivative of a number by every required tensor to that tensor's gradient. The layers are
 * those that serve: outside a recording nothing of this costs anything.
 *
 * <p>Scopes free tensors in a recording as always; what the derivative needs of them lives on inside the engine until {@code backward}.
 * Thread-safe, but a tensor's gradient belongs to one thread at a time.
 */
public interface Gradients {
    /** Remembers what this thread computes, until closed. */
    interface Recording extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * How an optimiser's step moves parameters (Loshchilov and Hutter, 2019, arXiv:1711.05101).
     *
     * @param step number of this step, from 1
     * @param rate learning rate
     * @param beta1 decay of the mean of gradients
     * @param beta2 decay of the mean of their squares
     * @param eps added to the root of the latter
     * @param decay share of a parameter that the rate takes away
     */
    record AdamW(long step, double rate, double beta1, double beta2, double eps, double decay) {
        /** Checks the ranges. */
        public AdamW {
            if (step < 1 || rate < 0 || decay < 0 || !(eps > 0) || beta1 < 0 || beta1 >= 1 || beta2 < 0 || beta2 >= 1) {
                throw new IllegalArgumentException(
                        "no step of AdamW: step %d, rate %s, betas %s and %s, eps %s, decay %s"
                                .formatted(step, rate, beta1, beta2, eps, decay));
            }
        }
    }

    /**
     * A parameter as a step sees it; all four tensors have one shape.
     *
     * @param parameter the tensor that has the gradient
     * @param master the numbers that the step moves: the parameter, or what it is a rounded copy of
     * @param mean of its gradients, which the step writes
     * @param meanSquare of their squares, which the step writes
     */
    record Moments(Tensor parameter, Tensor master, Tensor mean, Tensor meanSquare) {}

    /** Starts a recording on this thread. Recordings nest. */
    Recording record();

    /** Asks for a tensor's gradient in later recordings; it must be one that nothing computed in a recording. */
    void require(Tensor parameter);

    /** The same elements without a past: what is computed from them has no derivative by what they came from. */
    Tensor detached(Tensor tensor);

    /**
     * Adds the derivative of a loss, a tensor of one element, to the gradient of every required tensor it was computed from.
     *
     * @throws ShapeException if the loss has several elements, or came about outside a recording
     */
    void backward(Tensor loss);

    /** The gradient so far, a view of it; empty if nothing was added since the last {@link #clear}. */
    Optional<Tensor> of(Tensor parameter);

    /** Forgets gradients. */
    void clear(List<Tensor> parameters);

    /** Length of all gradients together as one vector. */
    double norm(List<Tensor> parameters);

    /** Multiplies all gradients by a factor. */
    void scale(List<Tensor> parameters, double factor);

    /** Moves the masters of parameters that have a gradient by one step. */
    void step(List<Moments> parameters, AdamW how);

    /** Brings each average nearer to its value: {@code average += share · (value − average)}. */
    void average(List<Tensor> averages, List<Tensor> values, double share);

    /**
     * Mean over rows of −log softmax(logits)[target]: {@code logits [N, V]}, {@code targets} {@link DType#I64} {@code [N]}.
     *
     * @param ignored target of rows that do not count
     */
    Tensor crossEntropy(Tensor logits, Tensor targets, long ignored);
}

package io.kinora.tensor.libtorch;

import io.kinora.tensor.Gradients;
import io.kinora.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** libtorch's autograd, which is off on every thread but inside a recording. */
final class LibtorchGradients implements Gradients {
    private static final int MEAN = 1;

    private final NativeCalls calls;

    LibtorchGradients(NativeCalls calls) {
        this.calls = calls;
    }

    @Override
    public Recording record() {
        boolean before = calls.isRecording();
        Thread thread = Thread.currentThread();
        GradMode.set_enabled(true);
        return () -> {
            if (Thread.currentThread() != thread) {
                throw new IllegalStateException("this recording belongs to thread '%s' and was closed on '%s'"
                        .formatted(thread.getName(), Thread.currentThread().getName()));
            }
            GradMode.set_enabled(before);
        };
    }

    @Override
    public void require(Tensor parameter) {
        LibtorchTensor mine = calls.mine(parameter);
        run("require", () -> mine.at().set_requires_grad(true), mine);
    }

    @Override
    public Tensor detached(Tensor tensor) {
        LibtorchTensor mine = calls.mine(tensor);
        return calls.view("detached", () -> mine.at().detach(), mine);
    }

    @Override
    public void backward(Tensor loss) {
        LibtorchTensor mine = calls.mine(loss);
        run("backward", () -> mine.at().backward(), mine);
    }

    @Override
    public Optional<Tensor> of(Tensor parameter) {
        LibtorchTensor mine = calls.mine(parameter);
        return hasGradient(mine)
                ? Optional.of(calls.view("gradient", () -> mine.at().grad().detach(), mine))
                : Optional.empty();
    }

    @Override
    public void clear(List<Tensor> parameters) {
        for (LibtorchTensor mine : calls.mine(parameters)) {
            run("clear", () -> mine.at().mutable_grad().reset(), mine);
        }
    }

    @Override
    public double norm(List<Tensor> parameters) {
        double squares = 0;
        for (LibtorchTensor mine : calls.mine(parameters)) {
            if (hasGradient(mine)) {
                double length = calls.call(
                        "norm", () -> torch.linalg_vector_norm(mine.at().grad()).item_double(), mine);
                squares += length * length;
            }
        }
        return Math.sqrt(squares);
    }

    @Override
    public void scale(List<Tensor> parameters, double factor) {
        for (LibtorchTensor mine : calls.mine(parameters)) {
            if (hasGradient(mine)) {
                run("scale", () -> unrecorded(() -> mine.at().grad().mul_(new Scalar(factor))), mine);
            }
        }
    }

    @Override
    public void step(List<Moments> parameters, AdamW how) {
        for (Moments moments : parameters) {
            LibtorchTensor parameter = calls.mine(moments.parameter());
            if (hasGradient(parameter)) {
                LibtorchTensor master = calls.mine(moments.master());
                LibtorchTensor mean = calls.mine(moments.mean());
                LibtorchTensor square = calls.mine(moments.meanSquare());
                Runnable move = () -> move(parameter.at().grad(), master.at(), mean.at(), square.at(), how);
                run("step", () -> unrecorded(move), parameter, master, mean, square);
            }
        }
    }

    private static void move(
            org.bytedeco.pytorch.Tensor found,
            org.bytedeco.pytorch.Tensor value,
            org.bytedeco.pytorch.Tensor mean,
            org.bytedeco.pytorch.Tensor square,
            AdamW how) {
        org.bytedeco.pytorch.Tensor gradient = found.to(value.scalar_type());
        value.mul_(new Scalar(1 - how.rate() * how.decay()));
        mean.lerp_(gradient, new Scalar(1 - how.beta1()));
        square.mul_(new Scalar(how.beta2())).addcmul_(gradient, gradient, new Scalar(1 - how.beta2()));
        double bias1 = 1 - Math.pow(how.beta1(), (double) how.step());
        double bias2 = Math.sqrt(1 - Math.pow(how.beta2(), (double) how.step()));
        org.bytedeco.pytorch.Tensor root = square.sqrt().div_(new Scalar(bias2)).add_(new Scalar(how.eps()));
        value.addcdiv_(mean, root, new Scalar(-how.rate() / bias1));
    }

    @Override
    public void average(List<Tensor> averages, List<Tensor> values, double share) {
        LibtorchTensor[] into = calls.mine(averages);
        LibtorchTensor[] from = calls.mine(values);
        for (int i = 0; i < into.length; i++) {
            LibtorchTensor average = into[i];
            LibtorchTensor value = from[i];
            run("average", () -> unrecorded(() -> average.at().lerp_(value.at(), new Scalar(share))), average, value);
        }
    }

    @Override
    public Tensor crossEntropy(Tensor logits, Tensor targets, long ignored) {
        LibtorchTensor scores = calls.mine(logits);
        LibtorchTensor wanted = calls.mine(targets);
        return calls.compute(
                "crossEntropy",
                () -> torch.cross_entropy_loss(scores.at(), wanted.at(), new TensorOptional(), MEAN, ignored, 0),
                scores,
                wanted);
    }

    private boolean hasGradient(LibtorchTensor parameter) {
        return calls.call("gradient", () -> parameter.at().grad().defined(), parameter);
    }

    private void run(String operation, Runnable body, LibtorchTensor... operands) {
        calls.call(
                operation,
                () -> {
                    body.run();
                    return operation;
                },
                operands);
    }

    private static void unrecorded(Runnable body) {
        boolean before = GradMode.is_enabled();
        GradMode.set_enabled(false);
        try {
            body.run();
        } finally {
            GradMode.set_enabled(before);
        }
    }
}

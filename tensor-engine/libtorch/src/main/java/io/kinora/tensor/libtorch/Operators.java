package io.kinora.tensor.libtorch;

import java.util.Arrays;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;

/** Operators of libtorch that have no function in its C++ API, called by name. For use inside a call. */
final class Operators {
    private Operators() {}

    /** Calls {@code aten::name}, which takes these tensors and integers and returns one tensor. */
    static Tensor call(String name, Object... arguments) {
        OperatorHandle operator = Dispatcher.singleton().findSchemaOrThrow("aten::" + name, "");
        IValueVector stack = new IValueVector();
        Arrays.stream(arguments).map(Operators::boxed).forEach(stack::push_back);
        operator.callBoxed(stack);
        return new Tensor(stack.get(0).toTensor());
    }

    private static IValue boxed(Object argument) {
        return argument instanceof Tensor tensor ? new IValue(tensor) : new IValue(((Number) argument).longValue());
    }
}

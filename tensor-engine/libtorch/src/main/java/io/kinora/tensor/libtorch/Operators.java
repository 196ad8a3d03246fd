package io.kinora.tensor.libtorch;

import java.util.Arrays;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.OperatorName;
import org.bytedeco.pytorch.Tensor;

/** Operators of libtorch that have no function in its C++ API, called by name. For use inside a call. */
final class Operators {
    private Operators() {}

    /** Calls {@code aten::name}, which takes these tensors and integers and returns one tensor. */
    static Tensor call(String name, Object... arguments) {
        return call(
                named("aten::" + name, ""),
                Arrays.stream(arguments).map(Operators::boxed).toArray(IValue[]::new));
    }

    /** Calls an operator that returns one tensor. */
    static Tensor call(OperatorHandle operator, IValue... arguments) {
        IValueVector stack = new IValueVector(arguments);
        operator.callBoxed(stack);
        return new Tensor(stack.get(0).toTensor());
    }

    static OperatorHandle named(String name, String overload) {
        return Dispatcher.singleton().findSchemaOrThrow(name, overload);
    }

    /** Whether this build of libtorch has the operator. */
    static boolean has(String name, String overload) {
        return Dispatcher.singleton()
                .findSchema(new OperatorName(name, overload))
                .has_value();
    }

    /** An empty list of the very type that an operator declares for an argument. */
    static GenericList emptyList(OperatorHandle operator, int argument) {
        return new GenericList(
                operator.schema().arguments().getPointer(argument).type().get().containedType(0));
    }

    private static IValue boxed(Object argument) {
        return argument instanceof Tensor tensor ? new IValue(tensor) : new IValue(((Number) argument).longValue());
    }
}

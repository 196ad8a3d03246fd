package io.kinora.tensor.torchfile;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes pickles of dictionaries of float tensors, as torch.save does. */
final class PickleText {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    PickleText() {
        operation(0x80).operation(2).operation('}');
    }

    /** A view of the storage {@code data/0}. */
    PickleText tensor(String name, long storageElements, long offset, long[] sizes, long[] strides) {
        text(name).global("torch._utils", "_rebuild_tensor_v2").operation('(');
        operation('(')
                .text("storage")
                .global("torch", "FloatStorage")
                .text("0")
                .text("cpu")
                .number(storageElements);
        operation('t').operation('Q').number(offset).tuple(sizes).tuple(strides).operation(0x89);
        global("collections", "OrderedDict")
                .operation(')')
                .operation('R')
                .operation('t')
                .operation('R')
                .operation('s');
        return this;
    }

    byte[] bytes() {
        operation('.');
        return out.toByteArray();
    }

    private PickleText tuple(long... numbers) {
        operation('(');
        for (long number : numbers) {
            number(number);
        }
        return operation('t');
    }

    private PickleText number(long number) {
        operation(0x8a).operation(Long.BYTES);
        out.writeBytes(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(number)
                .array());
        return this;
    }

    private PickleText text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        operation('X');
        out.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(bytes.length)
                .array());
        out.writeBytes(bytes);
        return this;
    }

    private PickleText global(String module, String name) {
        operation('c');
        out.writeBytes("%s\n%s\n".formatted(module, name).getBytes(StandardCharsets.UTF_8));
        return this;
    }

    private PickleText operation(int operation) {
        out.write(operation);
        return this;
    }
}

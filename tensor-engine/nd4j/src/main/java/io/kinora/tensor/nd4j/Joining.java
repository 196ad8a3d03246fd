package io.kinora.tensor.nd4j;

import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import io.kinora.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Tensors put together, and rows picked and replaced. For use inside a call. */
final class Joining {
    private static final long LARGE = 4096;

    private Joining() {}

    static Tensor cat(Calls calls, List<Nd4jTensor> parts, int axis) {
        if (parts.isEmpty()) {
            throw new Misfit("there is nothing to join");
        }
        Layout first = parts.get(0).layout();
        int at = first.axis(axis);
        DType dtype = parts.get(0).dtype();
        long[] sizes = first.sizes();
        sizes[at] = 0;
        for (Nd4jTensor part : parts) {
            long[] own = part.layout().sizes();
            if (own.length != sizes.length) {
                throw new Misfit("they have %d and %d axes".formatted(sizes.length, own.length));
            }
            for (int i = 0; i < own.length; i++) {
                if (i != at && own[i] != sizes[i]) {
                    throw new Misfit("axis %d has sizes %d and %d".formatted(i, sizes[i], own[i]));
                }
            }
            sizes[at] += own[at];
            dtype = Types.promote(dtype, part.dtype());
        }
        Shape shape = Shape.of(sizes);
        DType result = dtype;
        return calls.compute("cat", result, shape, work -> {
            DataType type = Types.stored(result);
            List<Nd4jTensor> filled =
                    parts.stream().filter(part -> part.layout().elements() > 0).toList();
            if (shape.elements() > LARGE && Arrays.stream(sizes, 0, at).allMatch(size -> size == 1)) {
                return oneAfterAnother(work, filled, at, work.make(type, sizes));
            }
            INDArray[] rows =
                    filled.stream().map(part -> typed(work, part, type)).toArray(INDArray[]::new);
            return work.run("concat", type, sizes, new long[] {at}, rows);
        });
    }

    /** Parts that lie one after another in the whole: each is one copy, which for large ones is faster than ND4J's joining. */
    private static INDArray oneAfterAnother(Work work, List<Nd4jTensor> parts, int axis, INDArray whole) {
        Layout places = Layout.rowMajor(Shape.of(whole.shape()));
        long from = 0;
        for (Nd4jTensor part : parts) {
            long to = from + part.layout().sizes()[axis];
            work.view(whole, places.slice(axis, from, to)).assign(typed(work, part, whole.dataType()));
            from = to;
        }
        return whole;
    }

    /** As it is stored where that is the type, else read in it. */
    private static INDArray typed(Work work, Nd4jTensor part, DataType type) {
        return Types.stored(part.dtype()) == type ? work.rows(part) : work.read(part, type);
    }

    static Tensor gather(Calls calls, Nd4jTensor table, Nd4jTensor ids) {
        long[] rows = rows(table, ids);
        long[] tableSizes = table.layout().sizes();
        long[] idSizes = ids.layout().sizes();
        long[] sizes = Arrays.copyOf(idSizes, idSizes.length + tableSizes.length - 1);
        System.arraycopy(tableSizes, 1, sizes, idSizes.length, tableSizes.length - 1);
        Shape shape = Shape.of(sizes);
        return calls.compute("gather", table.dtype(), shape, work -> {
            INDArray from = work.rows(table);
            INDArray picked = work.make(from.dataType(), sizes);
            long row = Layout.rowMajor(shape).elements()
                    / Math.max(1, rows.length)
                    * from.dataType().width();
            long start = from.offset() * from.dataType().width();
            BytePointer source = new BytePointer(from.data().pointer());
            BytePointer target = new BytePointer(picked.data().pointer());
            for (int i = 0; i < rows.length; i++) {
                Pointer.memcpy(target.getPointer(i * row), source.getPointer(start + rows[i] * row), row);
            }
            return picked;
        });
    }

    static Tensor scatter(Calls calls, Nd4jTensor table, Nd4jTensor ids, Nd4jTensor values) {
        long[] at = rows(table, ids);
        long[] sizes = table.layout().sizes();
        long[] wanted = sizes.clone();
        wanted[0] = at.length;
        if (ids.layout().rank() != 1 || !Arrays.equals(values.layout().sizes(), wanted)) {
            throw new Misfit("%d positions take rows of %s".formatted(at.length, Arrays.toString(wanted)));
        }
        return calls.compute("scatterRows", table.dtype(), table.layout().shape(), work -> {
            INDArray result = work.copy(work.of(table));
            if (at.length > 0) {
                Nd4jTensor typed = (Nd4jTensor) values.to(table.dtype());
                for (int i = 0; i < at.length; i++) {
                    Layout place = Layout.rowMajor(table.layout().shape()).slice(0, at[i], at[i] + 1);
                    Layout row = typed.layout().slice(0, i, i + 1);
                    work.view(result, place).assign(work.at(typed, row));
                }
                if (typed != values) {
                    typed.close();
                }
            }
            return result;
        });
    }

    private static long[] rows(Nd4jTensor table, Nd4jTensor ids) {
        if (table.layout().rank() == 0) {
            throw new Misfit("a table has rows");
        }
        if (ids.dtype() != DType.I64 && ids.dtype() != DType.I32) {
            throw new Misfit("positions are whole numbers, not " + ids.dtype());
        }
        long[] rows = HostCopies.longs(ids);
        long count = table.layout().sizes()[0];
        for (long row : rows) {
            if (row < 0 || row >= count) {
                throw new Misfit("position %d is outside 0 to %d".formatted(row, count - 1));
            }
        }
        return rows;
    }

    static Tensor where(Calls calls, Nd4jTensor mask, Nd4jTensor yes, Nd4jTensor no) {
        DType dtype = Types.promote(yes.dtype(), no.dtype());
        Shape shape = Broadcast.of(
                mask.layout().shape(),
                Broadcast.of(yes.layout().shape(), no.layout().shape()));
        return calls.compute("where", dtype, shape, work -> {
            DataType type = Types.stored(dtype);
            DataType bits = Types.bits(dtype);
            INDArray chosen = repeated(work, work.cast(work.read(mask, DataType.BOOL), bits), shape); // 0 or 1
            INDArray wanted = repeated(work, work.read(yes, type), shape);
            INDArray other = repeated(work, work.read(no, type), shape);
            // On the bits, so that infinities and what is no number pass through; ND4J's own choice takes fifty times
            // as long.
            INDArray otherBits = work.as(other, bits);
            INDArray differing =
                    work.run("bitwise_xor", bits, shape.toArray(), new long[0], work.as(wanted, bits), otherBits);
            INDArray taken = work.pairInto("multiply", differing, chosen);
            INDArray result = work.make(type, shape.toArray());
            work.call("bitwise_xor", new long[0], new INDArray[] {taken, otherBits}, work.as(result, bits));
            return result;
        });
    }

    /** A row-major array with its axes of size 1 repeated. */
    static INDArray repeated(Work work, INDArray array, Shape shape) {
        if (Arrays.equals(array.shape(), shape.toArray())) {
            return array;
        }
        Layout place = Layout.rowMajor(Shape.of(array.shape())).expand(shape.toArray());
        return work.copy(work.view(array, place));
    }

    static Tensor pad(Calls calls, Nd4jTensor x, long... amounts) {
        if (amounts.length % 2 != 0 || amounts.length > 2 * x.layout().rank()) {
            throw new Misfit("%d amounts are no pairs for its axes".formatted(amounts.length));
        }
        long[] sizes = x.layout().sizes();
        long[] from = new long[sizes.length];
        for (int i = 0; i < amounts.length; i += 2) {
            int axis = sizes.length - 1 - i / 2;
            from[axis] = amounts[i];
            sizes[axis] += amounts[i] + amounts[i + 1];
            if (amounts[i] < 0 || amounts[i + 1] < 0) {
                throw new Misfit("nothing can be taken away");
            }
        }
        Shape shape = Shape.of(sizes);
        return calls.compute("pad", x.dtype(), shape, work -> {
            INDArray padded = work.filled(0, Types.stored(x.dtype()), sizes);
            Layout place = Layout.rowMajor(shape);
            for (int axis = 0; axis < sizes.length; axis++) {
                place = place.slice(axis, from[axis], from[axis] + x.layout().sizes()[axis]);
            }
            if (x.layout().elements() > 0) {
                work.view(padded, place).assign(work.of(x));
            }
            return padded;
        });
    }
}

package io.kinora.tensor.torchfile;

import io.kinora.tensor.DType;
import io.kinora.tensor.Shape;
import io.kinora.tensor.file.TensorInfo;
import io.kinora.tensor.torchfile.PickleGlobal.Dtype;
import io.kinora.tensor.torchfile.PickleGlobal.Function;
import io.kinora.tensor.torchfile.PickleGlobal.StorageType;
import io.kinora.tensor.torchfile.PickleValue.Plain;
import io.kinora.tensor.torchfile.PickleValue.Storage;
import io.kinora.tensor.torchfile.PickleValue.Tuple;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the few functions do that a pickle may call. */
final class PickleCalls {
    private static final int MAX_RANK = 64;

    private PickleCalls() {}

    static Object call(Function function, List<Object> arguments, PickleBudget budget) {
        return switch (function) {
            case ORDERED_DICT -> orderedDict(arguments, budget);
            case REBUILD_TENSOR_V2 -> rebuildTensor(arguments, Optional.empty());
            case REBUILD_TENSOR_V3 ->
                rebuildTensor(arguments, Optional.of(argument(arguments, 6, Dtype.class, "a dtype")));
            case REBUILD_PARAMETER, REBUILD_PARAMETER_WITH_STATE ->
                argument(arguments, 0, StridedTensor.class, "a tensor");
            case SIZE -> argument(arguments, 0, Tuple.class, "a tuple");
            case DEVICE -> Plain.DEVICE;
            case ENCODE -> Plain.BYTES;
            case SET -> arguments.isEmpty() ? new ArrayList<>() : argument(arguments, 0, List.class, "a list");
        };
    }

    /** The tuple by which {@code torch.save} refers to an entry of the archive. */
    static Storage storage(Object reference) {
        if (!(reference instanceof Tuple tuple)
                || tuple.items().size() != 5
                || !"storage".equals(tuple.items().get(0))) {
            throw new TorchFileException("the pickle refers to something outside that is no storage");
        }
        List<Object> items = tuple.items();
        Optional<DType> dtype =
                argument(items, 1, StorageType.class, "a storage class").dtype();
        String key = argument(items, 2, String.class, "a string");
        long elements = argument(items, 4, Long.class, "a number");
        int width = dtype.map(DType::bytes).orElse(1);
        if (elements < 0 || elements > Long.MAX_VALUE / width) {
            throw new TorchFileException("the pickle has a storage of %d elements".formatted(elements));
        }
        return new Storage(dtype, key, elements * width);
    }

    /** Python 2 gave the pairs as an argument; later versions set them one by one afterwards. */
    private static Map<Object, Object> orderedDict(List<Object> arguments, PickleBudget budget) {
        Map<Object, Object> map = new LinkedHashMap<>();
        if (!arguments.isEmpty()) {
            List<?> pairs = argument(arguments, 0, List.class, "a list of pairs");
            budget.spend(pairs.size());
            for (Object pair : pairs) {
                List<?> items =
                        pair instanceof Tuple tuple ? tuple.items() : pair instanceof List<?> list ? list : List.of();
                if (items.size() != 2) {
                    throw new TorchFileException("the pickle makes a dictionary of something other than pairs");
                }
                map.put(PickleReader.key(items.get(0)), items.get(1));
            }
        }
        return map;
    }

    /** (storage, offset, size, strides, requires_grad, hooks[, dtype][, metadata]). */
    private static StridedTensor rebuildTensor(List<Object> arguments, Optional<Dtype> ownType) {
        Storage storage = argument(arguments, 0, Storage.class, "a storage");
        int metadataAt = ownType.isPresent() ? 7 : 6;
        if (arguments.size() > metadataAt && isMarked(arguments.get(metadataAt))) {
            throw new TorchFileException(
                    "the pickle has a tensor that is marked as conjugated or negated; save it resolved");
        }
        DType dtype = ownType.map(PickleCalls::known)
                .or(storage::dtype)
                .orElseThrow(() -> new TorchFileException("the pickle has a tensor without a type"));
        long[] sizes = numbers(argument(arguments, 2, Tuple.class, "a tuple"));
        long[] strides = numbers(argument(arguments, 3, Tuple.class, "a tuple"));
        Shape shape = shape(sizes, dtype);
        return new StridedTensor(dtype, storage, argument(arguments, 1, Long.class, "a number"), shape, strides);
    }

    private static DType known(Dtype dtype) {
        return dtype.dtype()
                .orElseThrow(() -> new TorchFileException(
                        "the pickle has a tensor of torch." + dtype.name() + ", a type that is not read"));
    }

    private static boolean isMarked(Object metadata) {
        return metadata != Plain.NONE && !(metadata instanceof Map<?, ?> map && map.isEmpty());
    }

    private static Shape shape(long[] sizes, DType dtype) {
        try {
            Shape shape = Shape.of(sizes);
            TensorInfo.bytes(dtype, shape);
            return shape;
        } catch (IllegalArgumentException e) {
            throw new TorchFileException("the pickle has an impossible tensor: " + e.getMessage(), e);
        }
    }

    private static long[] numbers(Tuple tuple) {
        if (tuple.items().size() > MAX_RANK) {
            throw new TorchFileException("the pickle has a tensor of %d axes, at most %d are read"
                    .formatted(tuple.items().size(), MAX_RANK));
        }
        long[] numbers = new long[tuple.items().size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = argument(tuple.items(), i, Long.class, "a number");
        }
        return numbers;
    }

    private static <T> T argument(List<Object> arguments, int position, Class<T> type, String what) {
        if (position >= arguments.size() || !type.isInstance(arguments.get(position))) {
            throw new TorchFileException("the pickle calls a function whose argument %d should be %s, with %s"
                    .formatted(
                            position,
                            what,
                            position >= arguments.size() ? "none" : PickleReader.kind(arguments.get(position))));
        }
        return type.cast(arguments.get(position));
    }
}

package io.kinora.tensor.torchfile;

import io.kinora.tensor.DType;
import io.kinora.tensor.torchfile.PickleGlobal.Dtype;
import io.kinora.tensor.torchfile.PickleGlobal.Function;
import io.kinora.tensor.torchfile.PickleGlobal.StorageType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Everything a pickle may name: what {@code torch.save} writes for tensors, dictionaries and plain values. */
final class PickleAllowList {
    private static final Map<String, PickleGlobal> GLOBALS = globals();

    private PickleAllowList() {}

    /**
     * The global of that name.
     *
     * @throws TorchFileException if it is not on the list; the message has its full name
     */
    static PickleGlobal find(String module, String name) {
        String fullName = module + "." + name;
        PickleGlobal global = GLOBALS.get(fullName);
        if (global == null) {
            throw new TorchFileException(
                    ("the pickle names %s, which is none of the tensors, dictionaries and plain values that are read; nothing in it"
                                    + " was executed. Save the model's state_dict() alone, or convert it to safetensors")
                            .formatted(PickleInput.shortened(fullName)));
        }
        return global;
    }

    private static Map<String, PickleGlobal> globals() {
        Map<String, PickleGlobal> globals = new HashMap<>();
        globals.put("collections.OrderedDict", Function.ORDERED_DICT);
        globals.put("torch._utils._rebuild_tensor_v2", Function.REBUILD_TENSOR_V2);
        globals.put("torch._utils._rebuild_tensor_v3", Function.REBUILD_TENSOR_V3);
        globals.put("torch._utils._rebuild_parameter", Function.REBUILD_PARAMETER);
        globals.put("torch._utils._rebuild_parameter_with_state", Function.REBUILD_PARAMETER_WITH_STATE);
        globals.put("torch.Size", Function.SIZE);
        globals.put("torch.device", Function.DEVICE);
        globals.put("_codecs.encode", Function.ENCODE);
        globals.put("builtins.set", Function.SET);
        globals.put("builtins.frozenset", Function.SET);
        globals.put("__builtin__.set", Function.SET); // as protocol 2 spells them
        globals.put("__builtin__.frozenset", Function.SET);

        globals.put("torch.storage.UntypedStorage", new StorageType(Optional.empty()));
        globals.put("torch.UntypedStorage", new StorageType(Optional.empty()));
        Map.ofEntries(
                        Map.entry("Double", DType.F64),
                        Map.entry("Float", DType.F32),
                        Map.entry("Half", DType.F16),
                        Map.entry("BFloat16", DType.BF16),
                        Map.entry("Long", DType.I64),
                        Map.entry("Int", DType.I32),
                        Map.entry("Short", DType.I16),
                        Map.entry("Char", DType.I8),
                        Map.entry("Byte", DType.U8),
                        Map.entry("Bool", DType.BOOL))
                .forEach((name, dtype) ->
                        globals.put("torch.%sStorage".formatted(name), new StorageType(Optional.of(dtype))));
        Map.ofEntries(
                        Map.entry("float64", DType.F64),
                        Map.entry("float32", DType.F32),
                        Map.entry("float16", DType.F16),
                        Map.entry("bfloat16", DType.BF16),
                        Map.entry("float8_e4m3fn", DType.F8_E4M3),
                        Map.entry("float8_e5m2", DType.F8_E5M2),
                        Map.entry("int64", DType.I64),
                        Map.entry("int32", DType.I32),
                        Map.entry("int16", DType.I16),
                        Map.entry("int8", DType.I8),
                        Map.entry("uint64", DType.U64),
                        Map.entry("uint32", DType.U32),
                        Map.entry("uint16", DType.U16),
                        Map.entry("uint8", DType.U8),
                        Map.entry("bool", DType.BOOL))
                .forEach((name, dtype) -> globals.put("torch." + name, new Dtype(name, Optional.of(dtype))));
        List.of("complex32", "complex64", "complex128", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu")
                .forEach(name -> globals.put("torch." + name, new Dtype(name, Optional.empty())));
        return Map.copyOf(globals);
    }
}

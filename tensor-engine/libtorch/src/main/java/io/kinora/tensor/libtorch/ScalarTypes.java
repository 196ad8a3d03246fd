package io.kinora.tensor.libtorch;

import io.kinora.tensor.DType;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Element types as libtorch calls them. */
final class ScalarTypes {
    private ScalarTypes() {}

    static ScalarType of(DType dtype) {
        return switch (dtype) {
            case F64 -> ScalarType.Double;
            case F32 -> ScalarType.Float;
            case F16 -> ScalarType.Half;
            case BF16 -> ScalarType.BFloat16;
            case F8_E4M3 -> ScalarType.Float8_e4m3fn;
            case F8_E5M2 -> ScalarType.Float8_e5m2;
            case I64 -> ScalarType.Long;
            case I32 -> ScalarType.Int;
            case I16 -> ScalarType.Short;
            case I8 -> ScalarType.Char;
            case U64 -> ScalarType.UInt64;
            case U32 -> ScalarType.UInt32;
            case U16 -> ScalarType.UInt16;
            case U8 -> ScalarType.Byte;
            case BOOL -> ScalarType.Bool;
        };
    }

    /** For use inside a call: the type as an option. */
    static ScalarTypeOptional optional(ScalarType type) {
        return new ScalarTypeOptional(type);
    }

    static DType of(ScalarType type) {
        return switch (type.intern()) {
            case Double -> DType.F64;
            case Float -> DType.F32;
            case Half -> DType.F16;
            case BFloat16 -> DType.BF16;
            case Float8_e4m3fn -> DType.F8_E4M3;
            case Float8_e5m2 -> DType.F8_E5M2;
            case Long -> DType.I64;
            case Int -> DType.I32;
            case Short -> DType.I16;
            case Char -> DType.I8;
            case UInt64 -> DType.U64;
            case UInt32 -> DType.U32;
            case UInt16 -> DType.U16;
            case Byte -> DType.U8;
            case Bool -> DType.BOOL;
            default ->
                throw new IllegalStateException(
                        "libtorch made a tensor of type " + type + ", which this engine has no name for");
        };
    }
}

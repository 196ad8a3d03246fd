package io.kinora.tensor.nd4j;

import io.kinora.tensor.DType;
import org.nd4j.linalg.api.buffer.DataType;

/** Element types: how ND4J stores them, what it computes them in, and what two of them become together. */
final class Types {
    private Types() {}

    /** How elements are stored. The two 8-bit floats, which ND4J does not know, are bytes to it. */
    static DataType stored(DType dtype) {
        return switch (dtype) {
            case F64 -> DataType.DOUBLE;
            case F32 -> DataType.FLOAT;
            case F16 -> DataType.FLOAT16;
            case BF16 -> DataType.BFLOAT16;
            case F8_E4M3, F8_E5M2, U8 -> DataType.UINT8;
            case I64 -> DataType.INT64;
            case I32 -> DataType.INT32;
            case I16 -> DataType.INT16;
            case I8 -> DataType.INT8;
            case U64 -> DataType.UINT64;
            case U32 -> DataType.UINT32;
            case U16 -> DataType.UINT16;
            case BOOL -> DataType.BOOL;
        };
    }

    /** What an array of ND4J's holds. */
    static DType of(DataType type) {
        for (DType dtype : DType.values()) {
            if (!isFloat8(dtype) && stored(dtype) == type) {
                return dtype;
            }
        }
        throw new Misfit("arrays of %s are no tensors".formatted(type));
    }

    /** Whole numbers as wide. */
    static DataType bits(DType dtype) {
        return switch (dtype.bytes()) {
            case 1 -> DataType.INT8;
            case 2 -> DataType.INT16;
            case 4 -> DataType.INT32;
            default -> DataType.INT64;
        };
    }

    static boolean isFloat8(DType dtype) {
        return dtype == DType.F8_E4M3 || dtype == DType.F8_E5M2;
    }

    /** What numbers of the type are computed in: half precision in single, everything else in itself. */
    static DataType computed(DType dtype) {
        return dtype.isFloat() && dtype != DType.F64 ? DataType.FLOAT : stored(dtype);
    }

    /** As PyTorch promotes two tensors. */
    static DType promote(DType a, DType b) {
        if (a == b) {
            return a;
        }
        if (a.isFloat() && b.isFloat()) {
            return a == DType.F64 || b == DType.F64 ? DType.F64 : DType.F32;
        }
        if (a.isFloat() || b.isFloat()) {
            return a.isFloat() ? a : b;
        }
        if (a == DType.BOOL || b == DType.BOOL) {
            return a == DType.BOOL ? b : a;
        }
        boolean signed = isSigned(a) || isSigned(b);
        boolean both = isSigned(a) == isSigned(b);
        if (both) {
            return a.bytes() >= b.bytes() ? a : b;
        }
        DType unsigned = isSigned(a) ? b : a;
        DType other = isSigned(a) ? a : b;
        if (other.bytes() > unsigned.bytes()) {
            return other;
        }
        return signed && unsigned.bytes() == 1 ? DType.I16 : unsigned.bytes() == 2 ? DType.I32 : DType.I64;
    }

    private static boolean isSigned(DType dtype) {
        return dtype == DType.I64 || dtype == DType.I32 || dtype == DType.I16 || dtype == DType.I8;
    }
}

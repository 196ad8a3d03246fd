package io.kinora.tensor;

/**
 * Element type of a tensor, with the names that safetensors files use.
 *
 * <p>An engine computes in {@link #F64}, {@link #F32}, {@link #F16} and {@link #BF16}; the integer types and {@link #BOOL} carry
 * indices, pixels and masks; {@link #F8_E4M3} and {@link #F8_E5M2} are storage types that are widened when read.
 */
public enum DType {
    F64(8, Kind.FLOAT),
    F32(4, Kind.FLOAT),
    F16(2, Kind.FLOAT),
    BF16(2, Kind.FLOAT),
    F8_E4M3(1, Kind.FLOAT),
    F8_E5M2(1, Kind.FLOAT),
    I64(8, Kind.INTEGER),
    I32(4, Kind.INTEGER),
    I16(2, Kind.INTEGER),
    I8(1, Kind.INTEGER),
    U64(8, Kind.INTEGER),
    U32(4, Kind.INTEGER),
    U16(2, Kind.INTEGER),
    U8(1, Kind.INTEGER),
    BOOL(1, Kind.BOOLEAN);

    private enum Kind {
        FLOAT,
        INTEGER,
        BOOLEAN
    }

    private final int bytes;
    private final Kind kind;

    DType(int bytes, Kind kind) {
        this.bytes = bytes;
        this.kind = kind;
    }

    /** Bytes one element takes. */
    public int bytes() {
        return bytes;
    }

    /** True for the floating-point types. */
    public boolean isFloat() {
        return kind == Kind.FLOAT;
    }

    /** True for the integer types; false for {@link #BOOL}. */
    public boolean isInteger() {
        return kind == Kind.INTEGER;
    }
}

package io.kinora.decoder.pipeline;

/** A request that cannot be fulfilled as it is; asking again with another value may. The client's to correct. */
public final class InvalidRequestException extends IllegalArgumentException {
    private final String field;

    /**
     * About one field.
     *
     * @param field its name
     * @param got its value
     * @param allowed what it may be, in words
     */
    public InvalidRequestException(String field, Object got, String allowed) {
        super("%s is %s, allowed is %s".formatted(field, got, allowed));
        this.field = field;
    }

    /** The field that is wrong. */
    public String field() {
        return field;
    }
}

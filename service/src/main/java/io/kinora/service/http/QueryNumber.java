package io.kinora.service.http;

import java.util.Optional;

/** Whole numbers in the query of an address. */
final class QueryNumber {
    private QueryNumber() {}

    /** A number, or what stands for one that is not given. */
    static int read(String name, Optional<String> text, int otherwise, int min, int max) {
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text.get());
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw refused(name, text.get(), min, max);
        }
        throw refused(name, text.get(), min, max);
    }

    private static ApiException refused(String name, String text, int min, int max) {
        return ApiException.invalid(
                name, "%s has to be a whole number from %d to %d, got '%s'".formatted(name, min, max, text));
    }
}

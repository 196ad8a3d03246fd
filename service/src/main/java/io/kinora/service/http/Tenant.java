package io.kinora.service.http;

import com.typesafe.config.Config;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;

/**
 * Somebody who calls the API with a key of their own.
 *
 * @param name how logs, metrics and fair share call them
 * @param keySha256 SHA-256 of their key, 64 hexadecimal digits: the configuration need not hold the key itself
 * @param requestsPerMinute requests that they may begin in a minute
 * @param tokensPerMinute tokens, of prompts and of answers, that they may use in a minute
 * @param concurrent requests of theirs that may be worked on at once
 * @param operator whether they may see and change what belongs to all: streams, standing questions, dead letters
 */
public record Tenant(
        String name, String keySha256, int requestsPerMinute, int tokensPerMinute, int concurrent, boolean operator) {
    /** Everybody, where no tenants are configured. */
    static final Tenant ANYBODY =
            new Tenant("anybody", "0".repeat(64), Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, true);

    private static final int HASH_DIGITS = 64;

    /** Checks the hash and the limits. */
    public Tenant {
        keySha256 = keySha256.toLowerCase(Locale.ROOT);
        if (name.isBlank()) {
            throw new IllegalArgumentException("a tenant needs a name");
        }
        if (keySha256.length() != HASH_DIGITS || !keySha256.matches("[0-9a-f]+")) {
            throw new IllegalArgumentException(
                    "key-sha256 of tenant %s has to be the 64 hexadecimal digits of a SHA-256".formatted(name));
        }
        if (requestsPerMinute < 1 || tokensPerMinute < 1 || concurrent < 1) {
            throw new IllegalArgumentException("limits of tenant %s have to be 1 or more".formatted(name));
        }
    }

    static Tenant from(Config config) {
        return new Tenant(
                config.getString("name"),
                config.getString("key-sha256"),
                config.hasPath("requests-per-minute") ? config.getInt("requests-per-minute") : Integer.MAX_VALUE,
                config.hasPath("tokens-per-minute") ? config.getInt("tokens-per-minute") : Integer.MAX_VALUE,
                config.hasPath("concurrent") ? config.getInt("concurrent") : Integer.MAX_VALUE,
                config.hasPath("operator") && config.getBoolean("operator"));
    }

    /** Whether this is their key; takes the same time whatever the key is. */
    boolean owns(String key) {
        return MessageDigest.isEqual(
                Digests.sha256(key.getBytes(StandardCharsets.UTF_8)).getBytes(StandardCharsets.US_ASCII),
                keySha256.getBytes(StandardCharsets.US_ASCII));
    }
}

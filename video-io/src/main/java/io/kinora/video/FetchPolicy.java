package io.kinora.video;

import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;

/**
 * What may be fetched. Only http and https, only public addresses (no loopback, private, link-local, shared, multicast
 * or reserved ones, whatever a name resolves to), no user information in the URL, no proxy, no cookies.
 *
 * @param allowedHosts the only hosts that may be asked, by name or literal address in lower case; {@code *.example.org}
 *     stands for all names below example.org; empty allows every host
 * @param privateHosts hosts whose addresses need not be public, in the same notation
 * @param maxRedirects redirects that are followed, each checked like the first address; 0 refuses them
 * @param connectTimeout for one connection
 * @param totalTimeout for the whole fetch, redirects included
 */
public record FetchPolicy(
        Set<String> allowedHosts,
        Set<String> privateHosts,
        int maxRedirects,
        Duration connectTimeout,
        Duration totalTimeout) {
    private static final int MOST_REDIRECTS = 10;

    public FetchPolicy {
        allowedHosts = Set.copyOf(allowedHosts);
        privateHosts = Set.copyOf(privateHosts);
        if (maxRedirects < 0 || maxRedirects > MOST_REDIRECTS) {
            throw new IllegalArgumentException(
                    "maxRedirects is %d, allowed are 0 to %d".formatted(maxRedirects, MOST_REDIRECTS));
        }
        if (connectTimeout.isNegative() || connectTimeout.isZero()) {
            throw new IllegalArgumentException("connectTimeout is %s, need more than zero".formatted(connectTimeout));
        }
        if (totalTimeout.isNegative() || totalTimeout.isZero()) {
            throw new IllegalArgumentException("totalTimeout is %s, need more than zero".formatted(totalTimeout));
        }
    }

    /** Every public host, no redirects, 5 seconds to connect, 60 seconds in all. */
    public static FetchPolicy defaults() {
        return new FetchPolicy(Set.of(), Set.of(), 0, Duration.ofSeconds(5), Duration.ofSeconds(60));
    }

    /** This policy with these hosts as the only ones. */
    public FetchPolicy withAllowedHosts(Set<String> hosts) {
        return new FetchPolicy(hosts, privateHosts, maxRedirects, connectTimeout, totalTimeout);
    }

    /** This policy with these hosts' private addresses allowed. */
    public FetchPolicy withPrivateHosts(Set<String> hosts) {
        return new FetchPolicy(allowedHosts, hosts, maxRedirects, connectTimeout, totalTimeout);
    }

    /** This policy with so many redirects followed. */
    public FetchPolicy withMaxRedirects(int redirects) {
        return new FetchPolicy(allowedHosts, privateHosts, redirects, connectTimeout, totalTimeout);
    }

    /** This policy with another time for the whole fetch. */
    public FetchPolicy withTotalTimeout(Duration timeout) {
        return new FetchPolicy(allowedHosts, privateHosts, maxRedirects, connectTimeout, timeout);
    }

    boolean allows(String host) {
        return allowedHosts.isEmpty() || matches(allowedHosts, host);
    }

    boolean allowsPrivate(String host) {
        return matches(privateHosts, host);
    }

    /** A URL as messages show it: without user information, query and fragment, which may hold secrets. */
    static String shown(URI uri) {
        String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
        return "%s://%s%s%s"
                .formatted(uri.getScheme(), uri.getHost(), port, uri.getRawPath() == null ? "" : uri.getRawPath());
    }

    private static boolean matches(Set<String> patterns, String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return patterns.stream()
                .anyMatch(pattern -> pattern.startsWith("*.")
                        ? name.endsWith(pattern.substring(1)) && name.length() > pattern.length() - 1
                        : name.equals(pattern));
    }
}

package io.kinora.video;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;

/**
 * Refuses addresses that a stranger's URL must not reach: everything that is not on the public internet.
 *
 * <p>A host is resolved here and once more by the HTTP client. Between the two, Java's own cache of resolved names (30
 * seconds unless {@code networkaddress.cache.ttl} says otherwise) keeps the answer, so that a name cannot change its
 * address in between; with that cache set to 0 no name is trusted, only literal addresses.
 */
final class AddressGuard {
    /** Not public by IANA's special-purpose registry, as first address and number of leading bits. */
    private static final List<Range> RESERVED = List.of(
            Range.of("0.0.0.0", 8),
            Range.of("10.0.0.0", 8),
            Range.of("100.64.0.0", 10),
            Range.of("127.0.0.0", 8),
            Range.of("169.254.0.0", 16),
            Range.of("172.16.0.0", 12),
            Range.of("192.0.0.0", 24),
            Range.of("192.0.2.0", 24),
            Range.of("192.88.99.0", 24),
            Range.of("192.168.0.0", 16),
            Range.of("198.18.0.0", 15),
            Range.of("198.51.100.0", 24),
            Range.of("203.0.113.0", 24),
            Range.of("224.0.0.0", 4),
            Range.of("240.0.0.0", 4),
            // Of IPv6 only 2000::/3 is handed out; inside it are these, which carry an IPv4 address or go nowhere.
            Range.of("2001::", 23),
            Range.of("2001:db8::", 32),
            Range.of("2002::", 16),
            Range.of("3fff::", 20));

    private static final Range GLOBAL_IPV6 = Range.of("2000::", 3);

    private final FetchPolicy policy;

    AddressGuard(FetchPolicy policy) {
        this.policy = policy;
    }

    /**
     * Returns if the URL may be asked.
     *
     * @throws ForbiddenUrlException if the policy does not allow it
     * @throws ClipFetchException if its host is not known
     */
    void check(URI uri) {
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new ForbiddenUrlException("a clip is fetched over http or https, not %s"
                    .formatted(scheme.isEmpty() ? "without a scheme" : "over " + scheme));
        }
        String host = uri.getHost();
        if (host == null || host.isEmpty() || uri.getRawUserInfo() != null) {
            throw new ForbiddenUrlException("a clip's URL names a host and no user");
        }
        String name = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        if (!policy.allows(name)) {
            throw new ForbiddenUrlException("%s is not among the hosts that may be asked".formatted(host));
        }
        if (policy.allowsPrivate(name)) {
            return;
        }
        for (InetAddress address : resolve(name)) {
            if (!isPublic(address)) {
                throw new ForbiddenUrlException(
                        "%s is %s, and only public addresses may be asked".formatted(host, address.getHostAddress()));
            }
        }
    }

    static boolean isPublic(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (!(address instanceof Inet4Address) && !GLOBAL_IPV6.contains(bytes)) {
            return false;
        }
        return RESERVED.stream().noneMatch(range -> range.contains(bytes));
    }

    private static InetAddress[] resolve(String host) {
        try {
            return InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            throw new ClipFetchException("host %s is not known".formatted(host), true, e);
        }
    }

    /** Addresses that share their leading bits. */
    private static final class Range {
        private final byte[] first;
        private final int bits;

        private Range(byte[] first, int bits) {
            this.first = first;
            this.bits = bits;
        }

        static Range of(String first, int bits) {
            try {
                return new Range(InetAddress.getByName(first).getAddress(), bits);
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException("not a literal address: " + first, e);
            }
        }

        boolean contains(byte[] address) {
            if (address.length != first.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit % 8);
                if ((address[bit / 8] & mask) != (first[bit / 8] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }
}

package io.kinora.service.http;

import com.typesafe.config.Config;
import io.kinora.video.DecodeLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Settings of the HTTP API, {@code kinora.http} in the configuration.
 *
 * @param host address to listen on
 * @param port port to listen on; 0 takes any free one
 * @param tls key store of the certificate to serve with; absent serves plain HTTP
 * @param tenants who may call it; empty lets everybody
 * @param origins origins that browsers may call it from; empty sends no CORS headers
 * @param maxBody most bytes of a request
 * @param maxMedia most bytes of one clip or picture, fetched or sent
 * @param keepAlive quiet time after which a stream of events gets a comment
 * @param files folder of uploaded files
 * @param filesTotal most bytes of all uploaded files
 * @param vllmMetrics whether {@code /metrics} has vLLM's names too
 */
public record HttpSettings(
        String host,
        int port,
        Optional<Tls> tls,
        List<Tenant> tenants,
        List<String> origins,
        long maxBody,
        long maxMedia,
        Duration keepAlive,
        Path files,
        long filesTotal,
        boolean vllmMetrics) {
    private static final String PATH = "kinora.http";

    /** A PKCS #12 or JKS key store and its password. */
    public record Tls(Path keyStore, String password) {
        @Override
        public String toString() {
            return "Tls[" + keyStore + "]";
        }
    }

    /** Takes copies. */
    public HttpSettings {
        tenants = List.copyOf(tenants);
        origins = List.copyOf(origins);
    }

    /**
     * Reads them.
     *
     * @throws com.typesafe.config.ConfigException if one is missing or cannot be used
     */
    public static HttpSettings from(Config config) {
        Config http = config.getConfig(PATH);
        String keyStore = http.getString("tls.key-store");
        return new HttpSettings(
                http.getString("host"),
                http.getInt("port"),
                keyStore.isEmpty()
                        ? Optional.empty()
                        : Optional.of(new Tls(Path.of(keyStore), http.getString("tls.password"))),
                http.getConfigList("tenants").stream().map(Tenant::from).toList(),
                http.getStringList("cors-origins"),
                http.getBytes("max-body"),
                http.getBytes("max-media"),
                http.getDuration("keep-alive"),
                Path.of(http.getString("files.folder")),
                http.getBytes("files.total"),
                http.getBoolean("vllm-metrics"));
    }

    /** Ceilings for clips that come over HTTP. */
    DecodeLimits limits() {
        return DecodeLimits.defaults().withMaxBytes(maxMedia);
    }
}

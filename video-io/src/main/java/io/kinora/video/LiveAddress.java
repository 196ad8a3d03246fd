package io.kinora.video;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a source that is cut comes from. It is the operator's word, not a stranger's: private addresses are allowed. A playlist, which would name further
 * addresses, is not.
 */
public final class LiveAddress {
    private static final Pattern URL = Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]*)://(?:[^/@]*@)?(.*)");
    private static final String CONTAINERS = AllowedFormats.PICTURES.demuxers();
    private static final Map<String, String> PROTOCOLS = Map.of(
            "rtsp", "rtsp,rtp,udp,tcp",
            "rtsps", "rtsp,rtp,udp,tcp,tls",
            "http", "http,tcp",
            "https", "https,tls,tcp",
            "udp", "udp",
            "tcp", "tcp",
            "srt", "srt,udp",
            "rtmp", "rtmp,tcp");
    private static final String DEVICES = "/dev/";
    private static final Set<String> RTSP = Set.of("rtsp", "rtsps");

    private final String url;
    private final String shown;
    private final String protocols;
    private final Map<String, String> options;
    private final Optional<String> device;
    private final boolean live;

    private LiveAddress(
            String url,
            String shown,
            String protocols,
            Map<String, String> options,
            Optional<String> device,
            boolean live) {
        this.url = url;
        this.shown = shown;
        this.protocols = protocols;
        this.options = options;
        this.device = device;
        this.live = live;
    }

    /**
     * Reads {@code rtsp://…}, {@code http(s)://…}, {@code udp://…}, {@code tcp://…}, {@code srt://…}, {@code rtmp://…}, a device such as {@code
     * /dev/video0}, or the path of a file.
     *
     * @throws IllegalArgumentException if it is none of these, or a device or file that is not there
     */
    public static LiveAddress of(String text) {
        Matcher parts = URL.matcher(text);
        if (parts.matches()) {
            String scheme = parts.group(1).toLowerCase(Locale.ROOT);
            if (!PROTOCOLS.containsKey(scheme)) {
                throw new IllegalArgumentException("%s:// cannot be cut; allowed are %s, devices and files"
                        .formatted(scheme, PROTOCOLS.keySet().stream().sorted().toList()));
            }
            boolean rtsp = RTSP.contains(scheme);
            // Over TCP a camera's packets come whole and in order, through firewalls, too.
            Map<String, String> options = rtsp
                    ? Map.of("rtsp_transport", "tcp", "format_whitelist", "rtsp,sdp,rtp," + CONTAINERS)
                    : Map.of("format_whitelist", CONTAINERS);
            String host = parts.group(2).replaceAll("[?#].*", "");
            return new LiveAddress(text, scheme + "://" + host, PROTOCOLS.get(scheme), options, Optional.empty(), true);
        }
        Path path = Path.of(text);
        if (text.startsWith(DEVICES)) {
            if (!Files.exists(path)) {
                throw new IllegalArgumentException("there is no device %s".formatted(text));
            }
            return new LiveAddress(text, text, "file", Map.of(), Optional.of("v4l2"), true);
        }
        if (!Files.isRegularFile(path)) {
            throw new IllegalArgumentException("%s is neither a file nor an address".formatted(text));
        }
        return new LiveAddress(
                "file:" + path.toAbsolutePath(),
                path.getFileName().toString(),
                "file",
                Map.of("format_whitelist", CONTAINERS),
                Optional.empty(),
                false);
    }

    String url() {
        return url;
    }

    /** As it may stand in messages: without user, password and query. */
    public String shown() {
        return shown;
    }

    String protocols() {
        return protocols;
    }

    Map<String, String> options() {
        return options;
    }

    Optional<String> device() {
        return device;
    }

    /** Whether it goes on for ever, and is worth connecting to again when it breaks off. */
    public boolean isLive() {
        return live;
    }
}

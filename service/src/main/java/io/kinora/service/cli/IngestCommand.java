package io.kinora.service.cli;

import io.kinora.actors.pipeline.Ingest;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.topic.Topic;
import io.kinora.video.CutSettings;
import io.kinora.video.LiveAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kinora ingest}: cuts a camera, a stream or a recording into clips on a topic. */
@Command(
        name = "ingest",
        mixinStandardHelpOptions = true,
        description = {
            "Cuts a live or recorded source into clips on a topic, at key frames and without encoding anew.",
            "Each clip says when its first frame was."
        },
        footer = {
            "",
            "Examples:",
            "  kinora ingest rtsp://camera.local/stream1 --stream door --clip 4s --overlap 1s --drop-oldest",
            "  kinora ingest recording.mp4 --stream door --at 2026-11-01T08:00:00Z",
            "Sources: rtsp(s), http(s), udp, tcp, srt, rtmp, a device (/dev/video0), a file. A source that breaks off is",
            "connected to again. Ctrl-C stops."
        })
final class IngestCommand implements Callable<Integer> {
    private static final Pattern TIME = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ms|s|m|h)?");

    @Parameters(paramLabel = "SOURCE", description = "An address, a device, or a file.")
    private String source = "";

    @Option(names = "--topic", paramLabel = "TOPIC", description = "Where the clips go. Default: the clips topic.")
    private Optional<String> topic = Optional.empty();

    @Option(
            names = "--stream",
            paramLabel = "ID",
            description =
                    "Their key: what the source is called. Default: the source, without user, password and query.")
    private Optional<String> stream = Optional.empty();

    @Option(
            names = "--clip",
            paramLabel = "TIME",
            defaultValue = "4s",
            description =
                    "How long a clip is: 4s, 1500ms, 1m. Longer where key frames are far apart. Default: ${DEFAULT-VALUE}.")
    private String length = "4s";

    @Option(
            names = "--overlap",
            paramLabel = "TIME",
            defaultValue = "0s",
            description = "How much of a clip's end the next one shows again. Default: ${DEFAULT-VALUE}.")
    private String overlap = "0s";

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "When the first frame of a recording was. Default: the moment at which it is read.")
    private Optional<String> at = Optional.empty();

    @Option(
            names = "--drop-oldest",
            description =
                    "When the cluster is slower than the source, lets the oldest clip go. Default: the source waits.")
    private boolean dropOldest;

    @Option(
            names = "--waiting",
            paramLabel = "N",
            defaultValue = "4",
            description = "Clips that may wait for the cluster. Default: ${DEFAULT-VALUE}.")
    private int waiting;

    @Option(names = "--once", description = "Ends when a live source breaks off.")
    private boolean once;

    @Option(
            names = "--paced",
            description = "A recording takes the time it took. Default: as fast as the cluster takes it.")
    private boolean paced;

    @Option(
            names = "--silence",
            paramLabel = "TIME",
            defaultValue = "20s",
            description = "A source that brings nothing for so long has broken off. Default: ${DEFAULT-VALUE}.")
    private String silence = "20s";

    @Mixin
    private JsonOption json = new JsonOption();

    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        LiveAddress address = LiveAddress.of(source);
        CutSettings cut = CutSettings.of(time(length), time(overlap));
        KafkaClients clients = cluster.clients();
        Ingest.Settings settings = new Ingest.Settings(
                topic.orElseGet(() -> clients.settings().topics().name(Topic.CLIPS)),
                stream.orElseGet(address::shown),
                new CutSettings(cut.length(), cut.overlap(), cut.maxBytes(), time(silence)),
                at.map(Times::instantOrAge),
                waiting,
                dropOldest,
                !once,
                paced);
        Ingest ingest = new Ingest(clients, "/kinora/ingest", address, settings, Clock.systemUTC());
        CountDownLatch written = new CountDownLatch(1);
        Thread hook = new Thread(() -> stop(ingest, written), "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            Ingest.Report report = ingest.run(heard -> {});
            json.say(spec.commandLine().getOut(), words(settings, report), facts(settings, report));
            return ExitStatus.DONE;
        } finally {
            written.countDown();
        }
    }

    /** Runs when the JVM is asked to end, and lets it end once what was cut is written. */
    private static void stop(Ingest ingest, CountDownLatch written) {
        ingest.stop();
        try {
            written.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String words(Ingest.Settings settings, Ingest.Report report) {
        return String.format(
                Locale.ROOT,
                "%d clips of %s on %s, %.1f MB; %d dropped, %d frames in no clip, %d connections",
                report.clips(),
                settings.stream(),
                settings.topic(),
                report.bytes() / 1e6,
                report.dropped(),
                report.lostFrames(),
                report.connections());
    }

    private static Map<String, Object> facts(Ingest.Settings settings, Ingest.Report report) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("stream", settings.stream());
        facts.put("topic", settings.topic());
        facts.put("clips", report.clips());
        facts.put("bytes", report.bytes());
        facts.put("dropped", report.dropped());
        facts.put("lostFrames", report.lostFrames());
        facts.put("connections", report.connections());
        return facts;
    }

    private static Duration time(String text) {
        Matcher form = TIME.matcher(text);
        if (!form.matches()) {
            throw new BadInputException("\"%s\" is no time, expected 4s, 1500ms or 1m".formatted(text));
        }
        String unit = form.group(2) == null ? "s" : form.group(2);
        double seconds = Double.parseDouble(form.group(1))
                * switch (unit) {
                    case "ms" -> 1e-3;
                    case "m" -> 60;
                    case "h" -> 3_600;
                    default -> 1;
                };
        return Duration.ofNanos(Math.round(seconds * 1e9));
    }
}

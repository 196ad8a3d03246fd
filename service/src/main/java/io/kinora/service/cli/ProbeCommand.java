package io.kinora.service.cli;

import io.kinora.video.DecodeLimits;
import io.kinora.video.VideoInfo;
import io.kinora.video.VideoProbe;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kinora probe}: what a clip is. */
@Command(
        name = "probe",
        mixinStandardHelpOptions = true,
        description = "Prints what a clip is: container, codec, size, frames, duration.",
        footer = {"", "Example: kinora probe out/clip.mp4"})
final class ProbeCommand implements Callable<Integer> {
    @Parameters(paramLabel = "CLIP", description = "A file or an http(s) address.")
    private String clip = "";

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        VideoInfo info = VideoProbe.probe(new ClipArgument(clip).source(), DecodeLimits.defaults());
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("container", info.container());
        facts.put("codec", info.codec());
        facts.put("width", info.width());
        facts.put("height", info.height());
        facts.put("pixelFormat", info.pixelFormat());
        info.frameRate().ifPresent(rate -> facts.put("frameRate", rate.toString()));
        info.frameCount().ifPresent(count -> facts.put("frames", count));
        facts.put("framesExact", info.frameCountExact());
        info.duration().ifPresent(duration -> facts.put("seconds", duration.toNanos() / 1e9));
        facts.put("rotation", info.rotation());
        facts.put("bytes", info.bytes());
        facts.put("audioTracks", info.audio().size());
        Output.print(spec, json, facts);
        return ExitStatus.DONE;
    }
}

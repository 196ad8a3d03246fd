package io.kinora.service.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of every command that computes. */
final class NodeOptions {
    @Option(
            names = "--checkpoint",
            paramLabel = "DIR",
            description = "Folder of the checkpoint. Default: the one that Kinora ships, kinora-shapes.")
    private Optional<Path> checkpoint = Optional.empty();

    @Option(names = "--engine", paramLabel = "NAME", description = "libtorch, nd4j, or auto. Default: auto.")
    private Optional<String> engine = Optional.empty();

    @Option(names = "--device", paramLabel = "DEVICE", description = "cpu, cuda or cuda:N. Default: cpu.")
    private Optional<String> device = Optional.empty();

    @Option(
            names = "--devices",
            paramLabel = "LIST",
            description =
                    "Lays an Emu2 on several devices as 'kinora plan' says: 4x80GB, or 80GB,2x24GiB. Default: one device.")
    private Optional<String> devices = Optional.empty();

    @Option(
            names = "--quantize",
            paramLabel = "BITS",
            description = "The language model's matrices in int8 or int4. Default: as stored.")
    private Optional<String> quantize = Optional.empty();

    @Option(
            names = "--keep-quantized",
            description =
                    "Keeps the matrices in int8 or int4 beside the checkpoint, so that the next start need not make them again.")
    private boolean keepQuantized;

    @Option(names = "--data", paramLabel = "DIR", description = "Folder for what Kinora keeps. Default: data.")
    private Optional<Path> data = Optional.empty();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Configuration file (HOCON) over the defaults; the options win over it.")
    private Optional<Path> config = Optional.empty();

    /** The configuration: options over file over defaults. */
    Config config() {
        Map<String, Object> given = new LinkedHashMap<>();
        checkpoint.ifPresent(folder -> {
            if (!Files.isDirectory(folder)) {
                throw new BadInputException("no such checkpoint folder: " + folder);
            }
            given.put("kinora.checkpoint", folder.toString());
        });
        engine.ifPresent(name -> given.put("kinora.engine", name));
        device.ifPresent(name -> given.put("kinora.device", name));
        devices.ifPresent(list -> given.put("kinora.language-model.devices", list));
        quantize.ifPresent(bits -> given.put("kinora.language-model.weights", bits));
        if (keepQuantized) {
            given.put("kinora.language-model.keep-reduced", true);
        }
        data.ifPresent(folder -> {
            given.put("kinora.data-dir", folder.toString());
            given.put("kinora.kafka.embedded.folder", folder.resolve("kafka").toString());
            given.put("kinora.http.files.folder", folder.resolve("files").toString());
            given.put(
                    "kinora.kafka.claim-check.folder", folder.resolve("claims").toString());
        });
        Config defaults = ConfigFactory.load();
        return ConfigFactory.parseMap(given)
                .withFallback(config.map(this::file).orElseGet(ConfigFactory::empty))
                .withFallback(defaults)
                .resolve();
    }

    private Config file(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new BadInputException("no such configuration file: " + path);
        }
        return ConfigFactory.parseFile(path.toFile());
    }
}

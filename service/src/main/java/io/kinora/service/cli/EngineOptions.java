package io.kinora.service.cli;

import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import picocli.CommandLine.Option;

/** On what a command computes that needs no node. */
final class EngineOptions {
    @Option(
            names = "--engine",
            paramLabel = "NAME",
            defaultValue = Engines.AUTO,
            description = "libtorch, nd4j, or auto. Default: ${DEFAULT-VALUE}.")
    private String engine = Engines.AUTO;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "cpu",
            description = "cpu, cuda or cuda:N. Default: ${DEFAULT-VALUE}.")
    private String device = "cpu";

    /** Opens the engine; the caller closes it. */
    Engine open() {
        return Engines.open(engine, Device.parse(device));
    }
}

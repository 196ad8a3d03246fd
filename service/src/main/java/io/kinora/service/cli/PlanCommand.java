package io.kinora.service.cli;

import io.kinora.model.emu2.Emu2Config;
import io.kinora.model.emu2.Emu2Folder;
import io.kinora.model.emu2.Emu2Footprint;
import io.kinora.model.emu2.Emu2Model;
import io.kinora.model.emu2.Emu2Options;
import io.kinora.model.emu2.Emu2Workload;
import io.kinora.model.nn.WeightBits;
import io.kinora.model.shard.DeviceBudget;
import io.kinora.model.shard.ModelFootprint;
import io.kinora.model.shard.PlannedStage;
import io.kinora.model.shard.ShardPlan;
import io.kinora.tensor.DType;
import io.kinora.tensor.Device;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kinora plan}: how a checkpoint lies on devices, reckoned from its headers. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description = {
            "Prints how an Emu2 checkpoint is cut into stages that fit the devices: weights, keys and values, activations.",
            "Reads sizes and headers only. Exit status 3 if it does not fit."
        },
        footer = {
            "",
            "Examples:",
            "  kinora plan --checkpoint Emu2-Chat --devices 4x40GB --sequences 8",
            "  kinora plan --checkpoint Emu2-Chat --devices 24GiB,24GiB --quantize int4 --length 1200"
        })
final class PlanCommand implements Callable<Integer> {
    @Option(names = "--checkpoint", paramLabel = "DIR", required = true, description = "Folder of the checkpoint.")
    private Path checkpoint = Path.of(".");

    @Option(
            names = "--devices",
            paramLabel = "LIST",
            required = true,
            description = "Bytes of each device: 80GB, 4x80GB, or 80GB,2x24GiB.")
    private String devices = "";

    @Option(
            names = "--sequences",
            paramLabel = "N",
            defaultValue = "1",
            description = "Answers at a time. Default: ${DEFAULT-VALUE}.")
    private int sequences;

    @Option(
            names = "--length",
            paramLabel = "N",
            description = "Positions of each, prompt and answer together. Default: as many as the model knows.")
    private Optional<Integer> length = Optional.empty();

    @Option(
            names = "--quantize",
            paramLabel = "BITS",
            description = "The language model's matrices in int8 or int4. Default: as stored.")
    private Optional<String> quantize = Optional.empty();

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "cuda",
            description = "What the devices are: cuda computes in the types that are stored, cpu in single precision."
                    + " Default: ${DEFAULT-VALUE}.")
    private String device = "cuda";

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (!Files.isDirectory(checkpoint)) {
            throw new BadInputException("no such checkpoint folder: " + checkpoint);
        }
        List<DeviceBudget> budgets = DeviceBudget.parse(devices);
        Emu2Folder folder = Emu2Folder.find(checkpoint);
        Emu2Config config = Emu2Config.read(folder.config());
        int positions = length.orElse(config.language().maxPositions());
        if (positions > config.language().maxPositions()) {
            throw new BadInputException("--length is %d, the model knows %d positions"
                    .formatted(positions, config.language().maxPositions()));
        }
        Emu2Options options = Emu2Options.asStored(0);
        if (Device.parse(device).kind() == Device.Kind.CPU) {
            options = options.withComputeType(DType.F32);
        }
        if (quantize.isPresent()) {
            options = options.withLanguageWeights(config.language().scheme(WeightBits.named(quantize.get())));
        }
        ModelFootprint model = Emu2Footprint.of(config, Emu2Model.inventory(folder), options)
                .of(Emu2Workload.of(sequences, positions));
        print(ShardPlan.of(model, budgets), model, positions);
        return ExitStatus.DONE;
    }

    private void print(ShardPlan plan, ModelFootprint model, int positions) throws Exception {
        if (json) {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("weightBytes", model.weightBytes());
            facts.put("cacheBytes", model.cacheBytes());
            facts.put("sequences", sequences);
            facts.put("length", positions);
            facts.put("stages", plan.stages().stream().map(PlanCommand::facts).toList());
            Output.print(spec, true, facts);
            return;
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(plan.table());
        out.printf(
                "weights %s; keys and values of %d sequence%s of %d positions %s%n",
                ShardPlan.size(model.weightBytes()),
                sequences,
                sequences == 1 ? "" : "s",
                positions,
                ShardPlan.size(model.cacheBytes()));
        out.flush();
    }

    private static Map<String, Object> facts(PlannedStage stage) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("device", stage.device().name());
        facts.put("budgetBytes", stage.device().bytes());
        facts.put("parts", stage.parts());
        facts.put("weightBytes", stage.weightBytes());
        facts.put("cacheBytes", stage.cacheBytes());
        facts.put("activationBytes", stage.activationBytes());
        return facts;
    }
}

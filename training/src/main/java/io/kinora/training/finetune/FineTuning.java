package io.kinora.training.finetune;

import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.checkpoint.CheckpointWriter;
import io.kinora.model.checkpoint.SaveOptions;
import io.kinora.model.emu2.Emu2Config;
import io.kinora.model.emu2.Emu2Folder;
import io.kinora.model.emu2.Emu2Model;
import io.kinora.model.emu2.Emu2Options;
import io.kinora.model.text.Tokenizer;
import io.kinora.model.text.Tokenizers;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Tensor;
import io.kinora.training.data.ClipSource;
import io.kinora.training.data.FolderClips;
import io.kinora.training.data.MixedClips;
import io.kinora.training.data.WorldClips;
import io.kinora.training.model.Emu2Learner;
import io.kinora.training.model.Parameter;
import io.kinora.training.optim.Optimizer;
import io.kinora.training.optim.Trainer;
import io.kinora.training.optim.TrainingState;
import io.kinora.training.stage.AnswerStage;
import io.kinora.training.world.Split;
import io.kinora.training.world.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * Instruction tuning of a finished checkpoint on a user's folder of clips: the loss is that of the answers, and what learns is the
 * language model and the map from the encoder's embeddings into it. The encoder stays as it is, and so do the decoders, which
 * read its embeddings.
 */
public final class FineTuning {
    private static final List<String> LEARNS = List.of("decoder.", "project_up");
    private static final long NO_CACHE = 1L << 20;

    private final Engine engine;
    private final Trainer.Listener listener;
    private final AtomicBoolean stopped = new AtomicBoolean();

    /**
     * On an engine that computes gradients.
     *
     * @param listener is told of every step
     */
    public FineTuning(Engine engine, Trainer.Listener listener) {
        this.engine = engine;
        this.listener = listener;
    }

    /**
     * Fine-tunes, and writes the result beside everything else of the checkpoint into a new folder.
     *
     * @param checkpoint a folder in one of Emu2's released layouts
     * @param clips the user's folder, as {@link FolderClips} reads it
     * @param result where the new checkpoint goes; files of the same names are replaced
     * @return whether it came to its end; nothing is written where it was stopped
     * @throws io.kinora.model.checkpoint.CheckpointException if the folder is no such checkpoint
     * @throws io.kinora.training.data.ClipDataException if the clips cannot be trained on
     * @throws IOException if the result cannot be written
     */
    public boolean run(Path checkpoint, Path clips, Path result, FineTuneSettings settings) throws IOException {
        Emu2Folder folder = Emu2Folder.find(checkpoint);
        Emu2Config sizes = Emu2Config.read(folder.config());
        Tokenizer tokenizer = Tokenizers.open(folder.tokenizer());
        FolderClips own = new FolderClips(clips, sizes.vision().imageSize(), settings.questions());
        try (Checkpoint saved = Emu2Model.open(folder, engine, Emu2Options.asStored(NO_CACHE));
                SavedParameters parameters = new SavedParameters(saved);
                Emu2Learner model = new Emu2Learner(parameters, sizes)) {
            List<Parameter> all = parameters.all();
            AnswerStage stage = new AnswerStage(
                    model,
                    tokenizer,
                    mixed(own, sizes.vision().imageSize(), settings),
                    List.of(new AnswerStage.Mixture(settings.frames(), settings.clips(), 1)),
                    settings.seed());
            train(stage, all, settings);
            if (stopped.get()) {
                return false;
            }
            write(checkpoint, folder, all, result);
            return true;
        }
    }

    /** Has it end after the step that is being taken. */
    public void stop() {
        stopped.set(true);
    }

    /** The user's clips, and now and then the world's. */
    private static ClipSource mixed(FolderClips own, int size, FineTuneSettings settings) {
        ClipSource world = new WorldClips(
                new World(settings.seed()),
                Split.TRAIN,
                size,
                WorldClips.Asking.any(settings.questions()),
                new WorldClips.Shares(0, 0.5, 0));
        return new MixedClips(own, world, 1 - settings.rehearsal());
    }

    private void train(AnswerStage stage, List<Parameter> all, FineTuneSettings settings) throws IOException {
        List<Parameter> moved = all.stream()
                .filter(parameter -> LEARNS.stream().anyMatch(parameter.name()::startsWith))
                .toList();
        Path states = Files.createTempDirectory("kinora-fine-tuning-");
        Duration ever = Duration.ofDays(365);
        try (Optimizer optimizer = new Optimizer(engine, moved, settings.optimizer())) {
            new Trainer(
                            engine,
                            new TrainingState(states),
                            new Trainer.Plan(settings.steps(), 1, ever, ever),
                            stopped::get)
                    .run(stage, all, optimizer, listener);
        } finally {
            delete(states);
        }
    }

    private static void write(Path checkpoint, Emu2Folder folder, List<Parameter> parameters, Path result)
            throws IOException {
        copy(checkpoint, result);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        parameters.forEach(parameter -> tensors.put(parameter.name(), parameter.master()));
        Path model = result.resolve(checkpoint
                .toAbsolutePath()
                .normalize()
                .relativize(folder.weights().toAbsolutePath().normalize())
                .toString());
        CheckpointWriter.save(
                model, tensors, SaveOptions.DEFAULT.withStem("model").withType(DType.F16));
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(from)) {
            files = walk.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            Path target = to.resolve(from.relativize(file).toString());
            Files.createDirectories(Objects.requireNonNull(target.getParent()));
            Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void delete(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }
}

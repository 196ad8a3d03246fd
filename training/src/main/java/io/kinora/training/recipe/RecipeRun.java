package io.kinora.training.recipe;

import com.typesafe.config.Config;
import io.kinora.decoder.schedule.Samplers;
import io.kinora.decoder.unet.Emu2VideoConfig;
import io.kinora.decoder.unet.Emu2VideoUNet;
import io.kinora.decoder.vae.AutoencoderKl;
import io.kinora.decoder.vae.AutoencoderKlConfig;
import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.emu2.Emu2Config;
import io.kinora.model.emu2.Emu2Folder;
import io.kinora.model.emu2.Emu2Model;
import io.kinora.model.emu2.Emu2Options;
import io.kinora.model.emu2.prompt.Emu2Prompts;
import io.kinora.model.modaverse.MediaEncoder;
import io.kinora.model.text.ShapesTokenizer;
import io.kinora.model.text.Tokenizer;
import io.kinora.model.text.Tokenizers;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.training.data.ClipSource;
import io.kinora.training.data.SceneSource;
import io.kinora.training.data.WorldClips;
import io.kinora.training.model.Emu2Learner;
import io.kinora.training.model.Parameter;
import io.kinora.training.model.Parameters;
import io.kinora.training.optim.Optimizer;
import io.kinora.training.optim.Trainer;
import io.kinora.training.optim.TrainingState;
import io.kinora.training.stage.AnswerStage;
import io.kinora.training.stage.AutoencoderStage;
import io.kinora.training.stage.ImaginingStage;
import io.kinora.training.stage.Objective;
import io.kinora.training.stage.SeeingStage;
import io.kinora.training.stage.UnifiedStage;
import io.kinora.training.stage.VisualDecodingStage;
import io.kinora.training.stage.Watching;
import io.kinora.training.world.QuestionKind;
import io.kinora.training.world.Split;
import io.kinora.training.world.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/** Follows recipes: builds model and objective, trains, keeps the state and the metrics under one folder for all recipes. */
public final class RecipeRun {
    private static final String METRICS = "metrics.jsonl";

    private final Engine engine;
    private final Path states;
    private final Trainer.Listener listener;
    private final AtomicBoolean stopped = new AtomicBoolean();

    /**
     * Trains on an engine.
     *
     * @param states folder in which each recipe has one of its name
     * @param listener is told of every step
     */
    public RecipeRun(Engine engine, Path states, Trainer.Listener listener) {
        this.engine = engine;
        this.states = states;
        this.listener = listener;
    }

    /** Lets the training save and end after the step it is at. For any thread. */
    public void stop() {
        stopped.set(true);
    }

    /** Trains, or goes on training, until the recipe's end or that of its time. Gives the steps taken in all. */
    public long run(Recipe recipe) throws IOException {
        return switch (recipe.stage()) {
            case SEEING -> seeing(recipe);
            case ANSWERS -> answers(recipe);
            case AUTOENCODER -> autoencoder(recipe);
            case VISUAL_DECODING -> visualDecoding(recipe);
            case ALIGNMENT -> alignment(recipe);
            case UNIFIED -> unified(recipe);
        };
    }

    private long seeing(Recipe recipe) throws IOException {
        Emu2Config sizes = Emu2Config.read(recipe.model().resolve("multimodal_encoder/config.json"));
        try (Parameters parameters = new Parameters(engine, recipe.seed(), recipe.compute());
                Emu2Learner model = new Emu2Learner(parameters, sizes)) {
            Config data = recipe.config().getConfig("data");
            return train(
                    recipe,
                    parameters,
                    new SeeingStage(
                            model, parameters.at("heads"), scenes(data), data.getInt("pictures"), recipe.seed()));
        }
    }

    private long answers(Recipe recipe) throws IOException {
        Emu2Config sizes = Emu2Config.read(recipe.model().resolve("multimodal_encoder/config.json"));
        try (Parameters parameters = new Parameters(engine, recipe.seed(), recipe.compute());
                Emu2Learner model = new Emu2Learner(parameters, sizes)) {
            return train(recipe, parameters, answerStage(recipe, model, parameters));
        }
    }

    private long unified(Recipe recipe) throws IOException {
        Emu2Config sizes = Emu2Config.read(recipe.model().resolve("multimodal_encoder/config.json"));
        try (Parameters parameters = new Parameters(engine, recipe.seed(), recipe.compute());
                Emu2Learner model = new Emu2Learner(parameters, sizes)) {
            Config data = recipe.config().getConfig("data");
            Emu2Prompts prompts = new Emu2Prompts(
                    tokenizer(recipe),
                    sizes.imageEmbeddings(),
                    sizes.frameEmbeddings(),
                    sizes.language().maxPositions());
            ImaginingStage imagining = new ImaginingStage(
                    model,
                    prompts,
                    scenes(data),
                    new ImaginingStage.Sizes(
                            data.getInt("prompts"),
                            data.getInt("key-frames"),
                            data.getInt("frames"),
                            data.getDouble("noise"),
                            data.getDouble("own")),
                    recipe.seed());
            return train(
                    recipe,
                    parameters,
                    new UnifiedStage(
                            answerStage(recipe, model, parameters), imagining, data.getInt("imagining-every")));
        }
    }

    private AnswerStage answerStage(Recipe recipe, Emu2Learner model, Parameters parameters) throws IOException {
        Config data = recipe.config().getConfig("data");
        List<AnswerStage.Mixture> mixtures = new ArrayList<>();
        for (Config mixture : data.getConfigList("mixtures")) {
            mixtures.add(new AnswerStage.Mixture(
                    mixture.getInt("frames"), mixture.getInt("clips"), mixture.getDouble("weight")));
        }
        ClipSource clips = new WorldClips(
                new World(data.getLong("world")),
                Split.TRAIN,
                model.config().vision().imageSize(),
                asking(data),
                new WorldClips.Shares(
                        data.getDouble("filmed"),
                        data.getDouble("solo"),
                        data.hasPath("pairs") ? data.getDouble("pairs") : 0));
        Optional<Watching> watching = data.hasPath("watching")
                ? Optional.of(new Watching(model, parameters.at("heads"), data.getDouble("watching")))
                : Optional.empty();
        return new AnswerStage(model, tokenizer(recipe), clips, mixtures, watching, recipe.seed());
    }

    private static WorldClips.Asking asking(Config data) {
        int questions = data.getInt("questions");
        return data.hasPath("kinds")
                ? new WorldClips.Asking(questions, Set.copyOf(data.getEnumList(QuestionKind.class, "kinds")))
                : WorldClips.Asking.any(questions);
    }

    private long autoencoder(Recipe recipe) throws IOException {
        AutoencoderKlConfig sizes = AutoencoderKlConfig.read(recipe.model().resolve("vae"));
        try (Parameters parameters = new Parameters(engine, recipe.seed(), recipe.compute())) {
            AutoencoderKl model = new AutoencoderKl(sizes, parameters);
            Config data = recipe.config().getConfig("data");
            Objective<?> objective = new AutoencoderStage(
                    engine,
                    model,
                    scenes(data),
                    new AutoencoderStage.Sizes(data.getInt("pictures"), data.getInt("crop")),
                    data.getDouble("divergence"),
                    recipe.seed());
            return train(recipe, parameters, objective);
        }
    }

    private long visualDecoding(Recipe recipe) throws IOException {
        Emu2VideoConfig sizes = Emu2VideoConfig.read(recipe.model().resolve("unet"));
        Emu2Config emu2 = Emu2Config.read(recipe.model().resolve("multimodal_encoder/config.json"));
        AutoencoderKlConfig vae = AutoencoderKlConfig.read(recipe.model().resolve("vae"));
        Path scheduler = recipe.model().resolve("scheduler").resolve(Samplers.CONFIG_FILE);
        Config data = recipe.config().getConfig("data");
        try (Parameters parameters = new Parameters(engine, recipe.seed(), recipe.compute());
                Parameters seen = new Parameters(engine, recipe.seed(), recipe.compute());
                Parameters coded = new Parameters(engine, recipe.seed(), recipe.compute());
                Emu2Learner encoder = new Emu2Learner(seen, emu2)) {
            Emu2VideoUNet network = new Emu2VideoUNet(sizes, parameters);
            AutoencoderKl autoencoder = new AutoencoderKl(vae, coded);
            loadAverages(
                    recipe.config().getString("encoder"),
                    List.copyOf(seen.byName().values()));
            loadAverages(
                    recipe.config().getString("autoencoder"),
                    List.copyOf(coded.byName().values()));
            try (VisualDecodingStage objective = new VisualDecodingStage(
                    engine,
                    network,
                    autoencoder,
                    encoder,
                    Samplers.load(scheduler, Optional.empty()).noiseSchedule(),
                    scenes(data),
                    new VisualDecodingStage.Sizes(
                            data.getInt("clips"),
                            data.getInt("frames"),
                            data.getInt("key-frames"),
                            data.getLong("scenes"),
                            data.getBoolean("stills"),
                            data.getDouble("noise")),
                    recipe.seed())) {
                return train(recipe, parameters, objective);
            }
        }
    }

    private long alignment(Recipe recipe) throws IOException {
        try (MediaEncoder encoder = AlignmentRun.encoder(recipe, engine);
                AlignmentRun run = new AlignmentRun(recipe, engine, AlignmentRun.embedding(recipe))) {
            long steps = train(recipe, run.parameters(), run.objective(encoder));
            AlignmentRun.write(
                    states.resolve(recipe.name()).resolve("trained"),
                    List.copyOf(run.parameters().byName().values()));
            return steps;
        }
    }

    private static SceneSource scenes(Config data) {
        return new SceneSource(new World(data.getLong("world")), Split.TRAIN, data.getDouble("canonical"));
    }

    private Tokenizer tokenizer(Recipe recipe) throws IOException {
        Path folder = states.resolve(recipe.name()).resolve("tokenizer");
        ShapesTokenizer.writeTo(folder);
        return Tokenizers.open(folder);
    }

    private <B> long train(Recipe recipe, Parameters parameters, Objective<B> objective) throws IOException {
        Path folder = states.resolve(recipe.name());
        TrainingState state = new TrainingState(folder);
        List<Parameter> all = List.copyOf(parameters.byName().values());
        if (!state.exists() && recipe.config().hasPath("starts-from")) {
            for (Config from : recipe.config().getConfigList("starts-from")) {
                List<String> only = from.getStringList("only");
                List<Parameter> taken = all.stream()
                        .filter(parameter -> only.stream().anyMatch(parameter.name()::startsWith))
                        .toList();
                if (from.hasPath("checkpoint")) {
                    loadCheckpoint(recipe.folder().resolve(from.getString("checkpoint")), taken);
                } else {
                    loadAverages(from.getString("recipe"), taken);
                }
            }
        }
        List<Parameter> moved = all.stream()
                .filter(parameter -> recipe.learns().stream().anyMatch(parameter.name()::startsWith))
                .toList();
        try (Optimizer optimizer = new Optimizer(engine, moved, recipe.optimizer());
                MetricsFile metrics = new MetricsFile(folder.resolve(METRICS))) {
            long steps = new Trainer(engine, state, recipe.plan(), stopped::get)
                    .run(objective, all, optimizer, report -> {
                        metrics.write(report);
                        listener.stepped(report);
                    });
            LossPlot.draw(folder.resolve(METRICS), folder.resolve("losses.png"));
            return steps;
        }
    }

    private void loadCheckpoint(Path folder, List<Parameter> parameters) {
        Emu2Folder files = Emu2Folder.find(folder);
        Emu2Options single = Emu2Options.asStored(1).withComputeType(DType.F32);
        try (Checkpoint checkpoint = Emu2Model.open(files, engine, single);
                Scope scope = engine.scope()) {
            for (Parameter parameter : parameters) {
                parameter.set(checkpoint.take(
                        parameter.name(), parameter.master().shape().toArray()));
            }
        }
    }

    private void loadAverages(String recipe, List<Parameter> parameters) {
        try {
            new TrainingState(states.resolve(recipe)).loadAverages(engine, parameters);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the state of " + recipe, e);
        }
    }
}

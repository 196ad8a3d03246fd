package io.kinora.model.modaverse;

import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.llm.FinishReason;
import io.kinora.model.llm.GeneratedText;
import io.kinora.model.llm.GeneratedToken;
import io.kinora.model.llm.GenerationSettings;
import io.kinora.model.llm.StageChain;
import io.kinora.model.llm.TextGenerator;
import io.kinora.model.llm.grammar.TokenConstraint;
import io.kinora.model.modaverse.imagebind.ImageBindFile;
import io.kinora.model.modaverse.prompt.ModaVersePrompts;
import io.kinora.model.shard.LayerRange;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A whole ModaVerse in this process, without its generators: media and an instruction in, the tokens of a meta-response out.
 *
 * <p>The parts are those that shards hold; here they are called one after another. Letters: T positions, D width of the language model.
 * Confined to one thread.
 */
public final class ModaVerseModel implements AutoCloseable {
    /** Most tokens of a meta-response in the released configuration. */
    public static final int RELEASED_TOKENS = 246;

    private final MediaEncoder encoder;
    private final Checkpoint projectionTensors;
    private final MediaProjection projection;
    private final ModaVerseWeights languageTensors;
    private final StageChain stages;

    private ModaVerseModel(
            MediaEncoder encoder,
            Checkpoint projectionTensors,
            MediaProjection projection,
            ModaVerseWeights languageTensors,
            StageChain stages) {
        this.encoder = encoder;
        this.projectionTensors = projectionTensors;
        this.projection = projection;
        this.languageTensors = languageTensors;
        this.stages = stages;
    }

    /**
     * Loads all parts, the language model in one stage.
     *
     * @throws io.kinora.model.checkpoint.CheckpointException if a part is missing, damaged or does not fit the others
     */
    public static ModaVerseModel open(
            ModaVerseFolder folder, ImageBindFile imageBind, Engine engine, ModaVerseOptions options) {
        ModaVerseConfig config = ModaVerseConfig.read(folder);
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            MediaEncoder encoder = MediaEncoder.open(imageBind, engine);
            opened.add(encoder);
            Checkpoint projectionTensors = ModaVerseWeights.openProjection(folder, engine, options);
            opened.add(projectionTensors);
            MediaProjection projection = projectionTensors.load(weights -> new MediaProjection(
                    weights.at("linear_proj"),
                    config.embedding(),
                    config.language().hiddenSize()));
            ModaVerseWeights languageTensors = ModaVerseWeights.open(folder, config, engine, options);
            opened.add(languageTensors);
            StageChain stages = new StageChain(List.of(
                    languageTensors.stage(LayerRange.all(config.language().layers()))));
            return new ModaVerseModel(encoder, projectionTensors, projection, languageTensors, stages);
        } catch (RuntimeException e) {
            closeAll(opened, e);
            throw e;
        }
    }

    private static void closeAll(List<AutoCloseable> opened, RuntimeException cause) {
        for (AutoCloseable part : opened) {
            try {
                part.close();
            } catch (Exception e) {
                cause.addSuppressed(e);
            }
        }
    }

    /** The language model. */
    public StageChain stages() {
        return stages;
    }

    /** The row of a medium, {@code [1, D]}. */
    public Tensor project(Medium medium) {
        try (Scope scope = stages.engine().scope()) {
            return scope.keep(projection.forward(medium.kind(), encoder.embed(medium)));
        }
    }

    /**
     * The rows of a prompt, {@code [T, D]}.
     *
     * @param ids with {@link ModaVersePrompts#MEDIUM} in the place of each medium
     * @param media their rows, in order
     * @throws IllegalArgumentException if places and media are not as many
     */
    public Tensor embed(int[] ids, List<Tensor> media) {
        Engine engine = stages.engine();
        long[] places = IntStream.range(0, ids.length)
                .filter(i -> ids[i] == ModaVersePrompts.MEDIUM)
                .asLongStream()
                .toArray();
        if (places.length != media.size()) {
            throw new IllegalArgumentException(
                    "the prompt holds %d places for %d media".formatted(places.length, media.size()));
        }
        try (Scope scope = engine.scope()) {
            long[] tokens = Arrays.stream(ids).mapToLong(id -> Math.max(id, 0)).toArray();
            Tensor rows = stages.embed(engine.of(tokens, tokens.length)); // (T, D)
            return scope.keep(
                    media.isEmpty()
                            ? rows
                            : engine.scatterRows(rows, engine.of(places, places.length), engine.cat(media, 0)));
        }
    }

    /**
     * Writes a meta-response: the tokens up to the one that ends it, which is among them, or to the limit.
     *
     * @param prompt rows {@code [T, D]}
     * @param end {@link io.kinora.model.modaverse.prompt.ModaVerseTokens#end}
     * @param form what the answer is held to
     */
    public List<Integer> respond(Tensor prompt, GenerationSettings settings, int end, Optional<TokenConstraint> form) {
        GeneratedText text = new TextGenerator(stages)
                .generate(prompt, settings, form.map(TokenConstraint::start), token -> token.token() != end);
        List<Integer> tokens = new ArrayList<>(
                text.tokens().stream().map(GeneratedToken::token).toList());
        if (text.finish() == FinishReason.STOP && form.isEmpty()) {
            tokens.add(stages.config().eosTokens().get(0));
        }
        return List.copyOf(tokens);
    }

    @Override
    public void close() {
        stages.close();
        languageTensors.close();
        projection.close();
        projectionTensors.close();
        encoder.close();
    }
}

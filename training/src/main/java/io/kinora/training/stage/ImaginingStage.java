package io.kinora.training.stage;

import io.kinora.model.emu2.prompt.Emu2Prompts;
import io.kinora.model.emu2.prompt.GenerationPrompt;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import io.kinora.tensor.TorchRandom;
import io.kinora.training.data.KeyFrameTimes;
import io.kinora.training.data.Pixels;
import io.kinora.training.data.SceneSource;
import io.kinora.training.model.Emu2Learner;
import io.kinora.training.model.Sequences;
import io.kinora.training.world.ScenePrompt;
import io.kinora.training.world.SceneRenderer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/**
 * Regression of embeddings (Emu2, section 2.1.2): behind a prompt, the language model predicts the embeddings of the key frames of the clip that the prompt
 * asks for, each from those before it. The targets are the encoder's, which this stage does not change.
 *
 * <p>A few prompts are empty: behind these it learns what embeddings are on average, which guidance leads away from.
 *
 * <p>Letters: B prompts, T rows of a sequence, K key frames, n embeddings of each, W their width.
 */
public final class ImaginingStage implements Objective<ImaginingStage.Batch> {
    private static final double WORDLESS = 0.05;

    private final Emu2Learner model;
    private final Emu2Prompts prompts;
    private final SceneSource scenes;
    private final Sizes sizes;
    private final long seed;

    /**
     * Sizes of a batch.
     *
     * @param prompts B
     * @param keyFrames K
     * @param frames of the clip that the key frames stand for
     * @param noise deviation of the noise on the embeddings that are fed back, in units of their own: serving feeds back what was predicted
     * @param own share of the sequences that are fed back the model's own predictions, as in serving, instead of the encoder's embeddings
     *     (scheduled sampling: Bengio et al., 2015, arXiv:1506.03099)
     */
    public record Sizes(int prompts, int keyFrames, int frames, double noise, double own) {}

    /** Key frames, the prompts' sequences, and the rows behind which an embedding is predicted. */
    public static final class Batch {
        private final Pixels keyFrames;
        private final Sequences sequences;
        private final long[] asked;
        private final float[] own;
        private final long noise;

        Batch(Pixels keyFrames, Sequences sequences, long[] asked, float[] own, long noise) {
            this.keyFrames = keyFrames;
            this.sequences = sequences;
            this.asked = asked.clone();
            this.own = own.clone();
            this.noise = noise;
        }
    }

    /** On a model, with the prompts of its tokenizer. */
    public ImaginingStage(Emu2Learner model, Emu2Prompts prompts, SceneSource scenes, Sizes sizes, long seed) {
        this.model = model;
        this.prompts = prompts;
        this.scenes = scenes;
        this.sizes = sizes;
        this.seed = seed;
    }

    @Override
    public Batch prepare(long number) {
        SplittableRandom random = new SplittableRandom(seed * 31 + number);
        int size = model.config().vision().imageSize();
        int embeddings = sizes.keyFrames() * model.config().imageEmbeddings();
        List<byte[]> frames = new ArrayList<>();
        List<Sequences.Tree> trees = new ArrayList<>();
        List<Integer> lengths = new ArrayList<>();
        for (int i = 0; i < sizes.prompts(); i++) {
            ScenePrompt prompt = scenes.prompt(random.nextLong(1L << 40));
            SceneRenderer renderer = new SceneRenderer(prompt.scene(), size, size);
            for (int k = 0; k < sizes.keyFrames(); k++) {
                frames.add(renderer.pixels(KeyFrameTimes.moment(k, sizes.keyFrames(), sizes.frames())));
            }
            String text = random.nextDouble() < WORDLESS ? "" : prompt.text();
            int[] ids = prompts.generation((GenerationPrompt.Regressed) GenerationPrompt.textToImage(text))
                    .ids();
            int[] all = Arrays.copyOf(ids, ids.length + embeddings - 1);
            Arrays.fill(all, ids.length, all.length, prompts.tokens().image());
            lengths.add(ids.length);
            trees.add(new Sequences.Tree(all, List.of()));
        }
        Sequences sequences = new Sequences(trees, prompts.tokens().image());
        long[] asked = LongStream.range(0, lengths.size())
                .flatMap(b ->
                        LongStream.range(0, embeddings).map(i -> b * sequences.length() + lengths.get((int) b) - 1 + i))
                .toArray();
        long noise = random.nextLong();
        float[] own = new float[sizes.prompts()];
        for (int i = 0; i < own.length; i++) {
            own[i] = random.nextDouble() < sizes.own() ? 1 : 0;
        }
        return new Batch(new Pixels(frames, size), sequences, asked, own, noise);
    }

    @Override
    public Loss loss(Batch batch) {
        Engine engine = model.engine();
        Tensor seen = engine.gradients().orElseThrow().detached(model.picture(batch.keyFrames.bytes(engine)));
        long W = seen.dim(2);
        long each = sizes.keyFrames() * seen.dim(1);
        Tensor wanted = seen.to(DType.F32).reshape(sizes.prompts(), each, W); // (B, K·n, W)
        Tensor centred = wanted.sub(wanted.mean(0).unsqueeze(0));
        Tensor spread = Losses.mean(centred.mul(centred)).add(1e-6);
        Tensor encoded = wanted.slice(1, 0, each - 1); // (B, K·n − 1, W)
        Tensor noise = new TorchRandom(batch.noise)
                .normal(engine, encoded.shape().toArray())
                .mul(spread.sqrt())
                .mul(sizes.noise());
        Tensor fed = withOwn(batch, encoded.add(noise), seen.dtype());
        Tensor loss = Losses.squared(predicted(batch, fed, seen.dtype()), wanted.reshape(-1, W))
                .div(spread);
        Map<String, Tensor> parts = new LinkedHashMap<>();
        parts.put("embeddings", loss);
        parts.put("spread", spread);
        return new Loss(loss, parts);
    }

    /** Some sequences' embeddings replaced by what the model predicts behind the prompt and the embeddings before them. */
    private Tensor withOwn(Batch batch, Tensor fed, DType dtype) { // (B, K·n − 1, W) -> (B, K·n − 1, W)
        Engine engine = model.engine();
        Tensor own = engine.of(batch.own, batch.own.length, 1, 1);
        try (Scope scope = engine.scope()) {
            Tensor predicted = engine.gradients()
                    .orElseThrow()
                    .detached(predicted(batch, fed, dtype))
                    .reshape(fed.dim(0), fed.dim(1) + 1, fed.dim(2))
                    .slice(1, 0, fed.dim(1));
            return scope.keep(fed.add(predicted.sub(fed).mul(own)));
        }
    }

    private Tensor predicted(Batch batch, Tensor fed, DType dtype) { // (B, K·n − 1, W) -> (B·K·n, W)
        Tensor rows = model.read(batch.sequences, fed.reshape(-1, fed.dim(2)).to(dtype)); // (B·T, D)
        return model.regress(model.engine().gather(rows, model.engine().of(batch.asked, batch.asked.length)))
                .to(DType.F32);
    }
}

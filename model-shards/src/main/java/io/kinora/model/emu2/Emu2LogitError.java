package io.kinora.model.emu2;

import io.kinora.model.checkpoint.Checkpoint;
import io.kinora.model.emu2.prompt.Emu2PromptIds;
import io.kinora.model.emu2.prompt.Emu2Prompts;
import io.kinora.model.emu2.prompt.PromptPart;
import io.kinora.model.llm.KvCacheLayout;
import io.kinora.model.llm.LogitError;
import io.kinora.model.llm.StageBatch;
import io.kinora.model.text.Tokenizers;
import io.kinora.tensor.DType;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Scope;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * What a checkpoint's scores lose by keeping matrices in fewer bits, measured at every position of some prompts against the same
 * checkpoint as it is stored. The two are loaded one after the other.
 */
public final class Emu2LogitError {
    private static final long SEQUENCE = 0;

    private final Emu2Folder folder;
    private final Emu2Config config;
    private final Engine engine;

    /** Of a released folder. */
    public Emu2LogitError(Emu2Folder folder, Engine engine) {
        this.folder = folder;
        this.config = Emu2Config.read(folder.config());
        this.engine = engine;
    }

    /** Sizes of the model. */
    public Emu2Config config() {
        return config;
    }

    /** Options under which every position of a prompt finds room, in the given type. */
    public Emu2Options options(DType computeType) {
        long cacheBytes = KvCacheLayout.of(config.language(), config.language().layers(), computeType)
                .bytesFor(1, config.language().maxPositions());
        return Emu2Options.asStored(cacheBytes).withComputeType(computeType);
    }

    /**
     * Compares.
     *
     * @param prompts texts, at least one
     */
    public LogitError between(Emu2Options full, Emu2Options reduced, List<String> prompts) {
        return LogitError.between(logits(full, prompts), logits(reduced, prompts));
    }

    private List<float[]> logits(Emu2Options options, List<String> prompts) {
        Emu2Prompts ids = new Emu2Prompts(
                Tokenizers.open(folder.tokenizer()),
                config.imageEmbeddings(),
                config.frameEmbeddings(),
                config.language().maxPositions());
        List<float[]> rows = new ArrayList<>();
        try (Checkpoint checkpoint = Emu2Model.open(folder, engine, options);
                Emu2Model model = checkpoint.load(weights -> Emu2Model.of(weights, config, options))) {
            for (String prompt : prompts) {
                Emu2PromptIds encoded = ids.interleaved(List.of(new PromptPart.Text(prompt)));
                try (Scope scope = engine.scope()) {
                    Tensor hidden = model.stages()
                            .forward(
                                    StageBatch.of(SEQUENCE, 0, encoded.length()),
                                    model.embedder().embed(encoded.ids(), List.of(), List.of()));
                    Tensor logits = model.stages().logits(hidden);
                    for (long row = 0; row < logits.dim(0); row++) {
                        rows.add(logits.select(0, row).toFloats());
                    }
                }
                model.stages().free(SEQUENCE);
            }
        }
        return rows;
    }
}

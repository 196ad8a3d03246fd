package io.kinora.model.modaverse.imagebind;

import io.kinora.model.checkpoint.Weights;
import io.kinora.model.nn.LayerNorm;
import io.kinora.model.nn.LinearLayer;
import io.kinora.tensor.DType;
import io.kinora.tensor.Quantization;
import io.kinora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The blocks of a trunk and its head: patches get the class token and positions, run through the blocks, and the class token, normalised
 * and projected, is scaled to length one.
 *
 * <p>Letters: N inputs, P patches, D width, E channels of an embedding.
 */
final class BindTrunk implements AutoCloseable {
    /** In every norm but that of the audio stem. */
    static final double EPS = 1e-6;

    /** Below this a length is taken for this, so that nothing is divided by zero. */
    private static final double SHORTEST = 1e-12;

    private final Tensor clsToken; // (1, 1, D)
    private final Tensor posEmbed; // (1, 1 + P, D)
    private final Optional<LayerNorm> preTransformer;
    private final List<BindBlock> blocks;
    private final LayerNorm headNorm;
    private final LinearLayer head; // (E, D)

    BindTrunk(
            Weights weights,
            String modality,
            TrunkConfig config,
            int embedding,
            boolean vision,
            Optional<Quantization> quantization) {
        int D = config.width();
        Weights preprocessor = weights.at("modality_preprocessors." + modality);
        this.clsToken = preprocessor.take("cls_token", 1, 1, D);
        this.posEmbed = preprocessor.at("pos_embedding_helper").take("pos_embed", 1, config.tokens(), D);
        Weights trunk = weights.at("modality_trunks." + modality);
        this.preTransformer =
                vision ? Optional.of(new LayerNorm(trunk.at("pre_transformer_layer.0"), D, EPS)) : Optional.empty();
        List<BindBlock> built = new ArrayList<>();
        for (int i = 0; i < config.layers(); i++) {
            built.add(new BindBlock(trunk.at("blocks." + i), config, !vision, quantization));
        }
        this.blocks = List.copyOf(built);
        Weights heads = weights.at("modality_heads." + modality);
        this.headNorm = new LayerNorm(heads.at("0"), D, EPS);
        this.head = LinearLayer.withoutBias(heads.at("2"), D, embedding, quantization);
    }

    /** To embeddings of length one. */
    Tensor forward(Tensor patches) { // (N, P, D) -> (N, E)
        Tensor cls = clsToken.expand(patches.dim(0), 1, -1);
        Tensor positioned = patches.engine().cat(List.of(cls, patches), 1).add(posEmbed); // (N, 1 + P, D)
        Tensor x = preTransformer.map(norm -> norm.forward(positioned)).orElse(positioned);
        for (BindBlock block : blocks) {
            Tensor next = block.forward(x);
            x.close();
            x = next;
        }
        return normalized(head.forward(headNorm.forward(x.select(1, 0))));
    }

    private static Tensor normalized(Tensor x) { // (N, E) -> (N, E)
        Tensor wide = x.to(DType.F32); // the shortest length is no number of half precision
        Tensor length =
                wide.mul(wide).sum(-1).sqrt().clamp(SHORTEST, Float.MAX_VALUE).unsqueeze(-1);
        return wide.div(length).to(x.dtype());
    }

    @Override
    public void close() {
        blocks.forEach(BindBlock::close);
        head.close();
    }
}

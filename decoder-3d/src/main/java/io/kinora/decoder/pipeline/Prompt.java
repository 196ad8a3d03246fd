package io.kinora.decoder.pipeline;

import io.kinora.tensor.Tensor;
import java.util.Objects;
import java.util.Optional;

/** What is to be seen: in words, or as visual embeddings. */
public sealed interface Prompt {
    /**
     * In words.
     *
     * @param prompt what is to be seen; may be empty
     * @param negative what is not to be seen; absent is the checkpoint's own default, for most the empty text
     */
    record Text(String prompt, Optional<String> negative) implements Prompt {
        /** Checks that there is a text. */
        public Text {
            Objects.requireNonNull(prompt);
            Objects.requireNonNull(negative);
        }
    }

    /**
     * As embeddings in the width that the network's cross-attention takes (1792 for Emu2, 64 embeddings an image). They stay the
     * caller's, and must live until the generation ends.
     *
     * @param embeddings {@code [n, D]} for all frames, of one image or of several key frames one after the other; or {@code [F, n, D]},
     *     one set for each still that an image network is to make
     * @param negative {@code [m, D]}, m dividing n: what guidance moves away from, such as the embeddings of an empty prompt; needed for a
     *     guidance above 1
     */
    record Embeddings(Tensor embeddings, Optional<Tensor> negative) implements Prompt {
        /** Checks the axes. */
        public Embeddings {
            int rank = embeddings.rank();
            if ((rank != 2 && rank != 3) || embeddings.shape().elements() == 0) {
                throw new InvalidRequestException("embeddings", embeddings.shape(), "[n, D], or [frames, n, D]");
            }
            long rows = embeddings.dim(-2);
            long width = embeddings.dim(-1);
            negative.ifPresent(tensor -> {
                boolean fits =
                        tensor.rank() == 2 && tensor.dim(1) == width && tensor.dim(0) > 0 && rows % tensor.dim(0) == 0;
                if (!fits) {
                    throw new InvalidRequestException(
                            "negative embeddings", tensor.shape(), "[m, %d] with m dividing %d".formatted(width, rows));
                }
            });
        }
    }

    /** In words, with the checkpoint's default for what is not to be seen. */
    static Prompt of(String prompt) {
        return new Text(prompt, Optional.empty());
    }
}

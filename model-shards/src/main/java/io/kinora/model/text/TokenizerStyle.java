package io.kinora.model.text;

/** Which of the two official implementations is followed where they differ; they differ in blanks beside special tokens. */
public enum TokenizerStyle {
    /**
     * The authors' own: the slow tokenizers of the pinned transformers release. Blanks on both sides of a special token are
     * dropped unless the folder's files describe the token with its own stripping flags.
     */
    NATIVE,
    /** What {@code AutoTokenizer} gives today: the fast tokenizers, which keep blanks beside special tokens. */
    HUGGING_FACE
}

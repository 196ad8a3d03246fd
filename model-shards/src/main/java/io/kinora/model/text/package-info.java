/**
 * Tokenizers, read from the files that checkpoints are released with: LLaMA's SentencePiece model, CLIP's byte-level merges,
 * and any {@code tokenizer.json}.
 */
package io.kinora.model.text;

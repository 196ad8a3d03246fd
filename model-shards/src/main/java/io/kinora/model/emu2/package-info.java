/**
 * Emu2 (Sun et al., 2023, arXiv:2312.13286): a visual encoder, a language model that reads its embeddings among text, and the regression of
 * embeddings that a picture or video is decoded from.
 */
package io.kinora.model.emu2;

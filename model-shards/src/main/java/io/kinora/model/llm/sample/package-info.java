/** Choosing tokens from a model's scores: greedy, sampled, by beam search, among given choices; and when to stop. Plain Java, no tensors. */
package io.kinora.model.llm.sample;

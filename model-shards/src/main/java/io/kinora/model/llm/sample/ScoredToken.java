package io.kinora.model.llm.sample;

/** A token and the natural logarithm of its probability. */
public record ScoredToken(int token, double logprob) {}

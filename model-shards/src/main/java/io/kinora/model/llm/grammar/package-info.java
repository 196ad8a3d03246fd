/**
 * Answers held to a form: a grammar, compiled against a vocabulary, says at each step which tokens may come next. Knows no model: the
 * sampler is given the tokens as a set.
 */
package io.kinora.model.llm.grammar;

package io.kinora.actors.answer;

import java.time.Duration;

/**
 * What an answer took.
 *
 * @param promptTokens positions of the prompt, visual embeddings included
 * @param newTokens tokens of the answer
 * @param reusedTokens positions of the prompt whose keys and values were there already
 * @param clipReused whether the embeddings of every clip and picture were there already
 * @param decode from bytes to frames, added up over clips and pictures
 * @param encode from frames to their embeddings, likewise
 * @param queued waiting for the language model
 * @param prefill the prompt through the language model
 * @param generate the rest of the answer
 * @param firstToken from the request to the first token
 */
public record AnswerCost(
        int promptTokens,
        int newTokens,
        int reusedTokens,
        boolean clipReused,
        Duration decode,
        Duration encode,
        Duration queued,
        Duration prefill,
        Duration generate,
        Duration firstToken) {}

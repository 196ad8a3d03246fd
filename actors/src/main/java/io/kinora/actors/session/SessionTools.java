package io.kinora.actors.session;

import java.time.Clock;

/**
 * What every session works with.
 *
 * @param store where it is kept
 * @param answers who answers its questions
 * @param settings how long it is kept
 */
public record SessionTools(SessionStore store, SessionAnswers answers, SessionSettings settings, Clock clock) {}

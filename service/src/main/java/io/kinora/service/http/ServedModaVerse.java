package io.kinora.service.http;

import io.kinora.actors.adapter.CheckpointCard;
import io.kinora.actors.compose.ComposeClient;

/**
 * A ModaVerse that is served, alone or beside a checkpoint.
 *
 * @param card which checkpoint
 * @param composes takes instructions with media
 */
public record ServedModaVerse(CheckpointCard card, ComposeClient composes) {}

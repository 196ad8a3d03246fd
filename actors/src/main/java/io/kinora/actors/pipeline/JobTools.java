package io.kinora.actors.pipeline;

import akka.actor.typed.ActorRef;
import io.kinora.actors.metrics.ServingMetrics;
import io.kinora.actors.render.JobScheduler;
import io.kinora.actors.render.RenderDesk;
import io.kinora.actors.trace.Tracing;
import io.kinora.kafka.claim.ClipPayloads;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.headers.RecordEncoder;
import io.kinora.kafka.record.ModelIdentity;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * What every {@link JobOwner} of a node works with.
 *
 * @param desk renders
 * @param scheduler says which job is next
 * @param clips finds the clips that jobs start from
 * @param keep how long a job that has ended is kept
 * @param blocking for files
 * @param transactions for Kafka
 * @param metrics hears of records and dead letters
 * @param tracing knows whose traces jobs belong to
 */
record JobTools(
        KafkaClients clients,
        RecordDecoder decoder,
        RecordEncoder encoder,
        ClipPayloads payloads,
        ClipFetcher clips,
        ActorRef<RenderDesk.Command> desk,
        ActorRef<JobScheduler.Command> scheduler,
        ModelIdentity model,
        Duration keep,
        Executor blocking,
        Executor transactions,
        Clock clock,
        ServingMetrics metrics,
        Tracing tracing) {}

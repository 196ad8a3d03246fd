package io.kinora.service.http;

import io.kinora.actors.pipeline.Pipelines;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.kafka.clip.ClipIndex;
import io.kinora.kafka.dlq.DeadLetters;
import io.kinora.kafka.follow.CompactedTable;
import io.kinora.kafka.follow.RecentRecords;
import io.kinora.kafka.follow.TopicSurvey;
import io.kinora.kafka.headers.Event;
import io.kinora.kafka.headers.RecordDecoder;
import io.kinora.kafka.record.Alert;
import io.kinora.kafka.record.Answer;
import io.kinora.kafka.record.Session;
import io.kinora.kafka.record.Subscription;
import io.kinora.kafka.topic.Topic;
import io.kinora.kafka.topic.TopicCatalog;
import java.time.Clock;

/**
 * What the HTTP API knows of the cluster: its clips, jobs, standing questions, answers and alerts, read from the topics as by any other program. Thread-safe.
 *
 * @param catalog the topics
 * @param clips where clips are read
 * @param index which clips there are
 * @param jobs the generation jobs
 * @param uploads where pictures and clips go that come over HTTP
 * @param standing the questions that stand
 * @param sessions conversations
 * @param answers the newest answers
 * @param alerts the newest alerts
 * @param letters records that could not be processed
 * @param topics what lies on the topics
 */
public record ClusterBooks(
        TopicCatalog catalog,
        KafkaClips clips,
        ClipIndex index,
        JobBook jobs,
        Uploads uploads,
        StandingBook standing,
        SessionBook sessions,
        RecentRecords<Answer> answers,
        RecentRecords<Alert> alerts,
        DeadLetters letters,
        TopicSurvey topics)
        implements AutoCloseable {
    private static final int KEPT = 512;

    /** Connects to a cluster; the pipelines stay whose they are. */
    public static ClusterBooks open(KafkaSettings settings, Pipelines pipelines) {
        KafkaClients clients = new KafkaClients(settings);
        RecordDecoder decoder = new RecordDecoder();
        RecentRecords<Answer> answers = RecentRecords.start(
                clients, settings.topics().name(Topic.ANSWERS), KEPT, record -> decoder.answer(record)
                        .body());
        return new ClusterBooks(
                settings.topics(),
                KafkaClips.of(pipelines),
                pipelines.index(),
                new JobBook(settings),
                new Uploads(settings),
                new StandingBook(
                        clients,
                        CompactedTable.<Subscription>start(
                                clients,
                                settings.topics().name(Topic.SUBSCRIPTIONS),
                                record -> decoder.subscription(record).map(Event::body))),
                new SessionBook(
                        clients,
                        CompactedTable.<Session>start(
                                clients, settings.topics().name(Topic.SESSIONS), record -> decoder.session(record)
                                        .map(Event::body)),
                        answers),
                answers,
                RecentRecords.start(clients, settings.topics().name(Topic.ALERTS), KEPT, record -> decoder.alert(record)
                        .body()),
                new DeadLetters(clients, "/kinora/http", Clock.systemUTC()),
                new TopicSurvey(clients));
    }

    @Override
    public void close() {
        topics.close();
        alerts.close();
        answers.close();
        sessions.close();
        standing.close();
        uploads.close();
        jobs.close();
    }
}

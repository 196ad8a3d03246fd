package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.client.KafkaSettings;
import io.kinora.service.StreamHistory.Violations;
import java.nio.file.Path;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Jepsen's idea: numbered clips, a recorded history, and somebody who kills and pauses service and broker at random moments; in the end the history is
 * held against what a {@code read_committed} reader sees.
 *
 * <p>5 rounds; 50 in the long run: {@code -Dkinora.checker.rounds=50}. {@code -Dkinora.checker.seed} repeats one.
 */
@Tag("slow")
class NothingLostOrDoubledTest {
    private static final int ROUNDS = Integer.getInteger("kinora.checker.rounds", 5);
    private static final long SEED = Long.getLong("kinora.checker.seed", 20_261_122L);

    @TempDir
    Path folder;

    @Test
    void whateverIsKilledOrPausedWhen() throws Exception {
        int port = FreePorts.one();
        KafkaClients clients =
                new KafkaClients(KafkaSettings.from(ConfigFactory.load()).withBootstrapServers("127.0.0.1:" + port));
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
        try (Nemesis nemesis = Nemesis.start(folder, port, random);
                StreamHistory history = new StreamHistory(clients, random)) {
            history.begin();
            for (int round = 0; round < ROUNDS; round++) {
                history.writeWhile(nemesis::strike);
            }
            assertThat(nemesis.isHealed()).as("both processes run").isTrue();
            Violations found = history.check();
            assertThat(found).as("seed %d: %s", SEED, history).isEqualTo(Violations.NONE);
        }
    }
}

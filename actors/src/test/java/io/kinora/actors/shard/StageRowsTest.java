package io.kinora.actors.shard;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.FishingOutcomes;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.receptionist.Receptionist;
import akka.actor.typed.receptionist.ServiceKey;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import com.typesafe.config.ConfigFactory;
import io.kinora.model.text.ShapesTokenizer;
import io.kinora.model.text.Tokenizers;
import io.kinora.tensor.Device;
import io.kinora.tensor.Engine;
import io.kinora.tensor.Engines;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stages on places of a cluster of one node. */
class StageRowsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int CRASHES_TO_THE_END = 4; // a stage is restarted three times a minute
    private static final ServiceKey<StagePlace.Command> KEY = StagePlace.key("of-this-test");

    @TempDir
    static Path folder;

    private static ActorTestKit kit;
    private static Engine engine;
    private static TinyLanguageModel tiny;

    @BeforeAll
    static void open() throws IOException {
        kit = ActorTestKit.create(ConfigFactory.parseString("""
                akka.actor.provider = cluster
                akka.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                akka.cluster.jmx.multi-mbeans-in-same-jvm = on
                """).withFallback(ConfigFactory.load()));
        Cluster cluster = Cluster.get(kit.system());
        cluster.manager().tell(Join.create(cluster.selfMember().address()));
        engine = Engines.open("libtorch", Device.CPU);
        ShapesTokenizer.writeTo(folder);
        tiny = new TinyLanguageModel(engine, Tokenizers.open(folder));
    }

    @AfterAll
    static void close() {
        kit.shutdownTestKit();
        engine.close();
    }

    @Test
    void aPlaceThatLosesItsStageIsTriedAgainAtOnceTheFirstTimeAndPassedOverTheSecond() {
        AtomicInteger first = place("place-1");
        AtomicInteger second = place("place-2");
        TestProbe<LanguageModel.Command> languageModel = kit.createTestProbe();
        ActorRef<StageHost.Command> rows = kit.spawn(StageRows.create(2, KEY, languageModel.ref(), PATIENCE));
        languageModel.expectMessageClass(LanguageModel.StageStarted.class, PATIENCE);
        languageModel.expectMessageClass(LanguageModel.StageStarted.class, PATIENCE);
        assertThat(List.of(first.get(), second.get())).as("one stage each").containsExactly(1, 1);

        crashToTheEnd(rows, languageModel);
        assertThat(List.of(first.get(), second.get()))
                .as("three restarts of the first stage, and both laid where they were")
                .containsExactly(1 + 3 + 1, 1 + 1);

        crashToTheEnd(rows, languageModel);
        assertThat(List.of(first.get(), second.get()))
                .as("three restarts of the first stage, and both laid on the other place")
                .containsExactly(1 + 3 + 1 + 3, 1 + 1 + 2);
    }

    @Test
    void aRowIsReadyAlsoWhenAStageSaysThatItHasLoadedBeforeItsPlaceSaysWhereItIs() {
        TestProbe<StageRows.Command> rows = kit.createTestProbe();
        TestProbe<StagePlace.Command> place = kit.createTestProbe();
        TestProbe<LanguageModel.Command> languageModel = kit.createTestProbe();
        TestProbe<StageHost.Command> stage = kit.createTestProbe();
        ActorRef<StageRow.Command> row =
                kit.spawn(StageRow.create(List.of(place.ref()), rows.ref(), languageModel.ref(), PATIENCE));
        StagePlace.Host asked = place.expectMessageClass(StagePlace.Host.class, PATIENCE);

        asked.languageModel().tell(new LanguageModel.StageStarted(0, 64));
        asked.row().tell(new StageRow.Hosted(0, stage.ref()));

        rows.expectMessage(PATIENCE, new StageRows.Ready(row, 64));
    }

    /** Each crash but the last is followed by a restart of the stage, the last by a new row. */
    private static void crashToTheEnd(
            ActorRef<StageHost.Command> rows, TestProbe<LanguageModel.Command> languageModel) {
        for (int i = 0; i < CRASHES_TO_THE_END; i++) {
            rows.tell(new StageHost.Crash("drill"));
            languageModel.expectMessageClass(LanguageModel.StageStarted.class, PATIENCE);
        }
    }

    /** How many stages were loaded there. */
    private static AtomicInteger place(String name) {
        AtomicInteger loads = new AtomicInteger();
        ActorRef<StagePlace.Command> place = kit.spawn(
                StagePlace.create(
                        KEY,
                        count -> tiny.stages(count).stream()
                                .map(load -> counted(load, loads))
                                .toList(),
                        DispatcherSelector.fromConfig("kinora.dispatchers.compute")),
                name);
        TestProbe<Receptionist.Listing> listings = kit.createTestProbe();
        kit.system().receptionist().tell(Receptionist.subscribe(KEY, listings.ref()));
        listings.fishForMessage(
                PATIENCE,
                listing -> listing.getServiceInstances(KEY).contains(place)
                        ? FishingOutcomes.complete()
                        : FishingOutcomes.continueAndIgnore());
        return loads;
    }

    private static Supplier<LanguageModelStage> counted(Supplier<LanguageModelStage> load, AtomicInteger loads) {
        return () -> {
            loads.incrementAndGet();
            return load.get();
        };
    }
}

package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.ClusterEvent;
import akka.cluster.Member;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Subscribe;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.actors.cluster.ClusterSettings;
import io.kinora.actors.cluster.SameWire;
import io.kinora.service.cli.KinoraCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class ClusterMembershipTest {
    @RegisterExtension
    final Printed printed = new Printed();

    @TempDir
    Path folder;

    private final List<ActorSystem<ClusterEvent.MemberUp>> nodes = new ArrayList<>();

    @AfterEach
    void stop() {
        nodes.forEach(ActorSystem::terminate);
        nodes.forEach(node -> node.getWhenTerminated().toCompletableFuture().join());
    }

    @Test
    void nodesFindEachOtherThroughAkkaManagementAndHaveTheirRoles() throws Exception {
        List<Integer> ports = FreePorts.some(2);
        CompletableFuture<List<Member>> first = begin("""
                roles = [ingest, api], discovery = config
                management { port = %d, service = found, required = 2 }
                """.formatted(ports.get(0)), ports, 2);
        CompletableFuture<List<Member>> second = begin("""
                roles = [llm], discovery = config
                management { port = %d, service = found, required = 2 }
                """.formatted(ports.get(1)), ports, 2);

        first.get(1, TimeUnit.MINUTES);
        assertThat(second.get(1, TimeUnit.MINUTES))
                .flatExtracting(member -> List.copyOf(member.getRoles()))
                .contains("ingest", "api", "llm");
    }

    @Test
    void aNodeWithoutSeedsIsAClusterOfItsOwn() throws Exception {
        assertThat(begin("roles = [llm]", FreePorts.some(2), 1).get(1, TimeUnit.MINUTES))
                .hasSize(1);
    }

    @Test
    void aNodeWhoseMessagesAreWrittenInAnotherWayIsRefusedAndEndsAndBothSidesSayWhy() throws Exception {
        int port = FreePorts.one();
        String seed = "seeds = [\"127.0.0.1:%d\"]".formatted(port);
        begin("roles = [llm], port = %d, %s".formatted(port, seed), FreePorts.some(2), 1)
                .get(1, TimeUnit.MINUTES);
        Path other = Files.writeString(folder.resolve("other.conf"), """
                kinora.wire = 2
                kinora.cluster { enabled = on, roles = [llm], port = 0, %s }
                """.formatted(seed));

        List<String> refusals = new CopyOnWriteArrayList<>();
        Logger log = (Logger) LoggerFactory.getLogger(SameWire.class);
        AppenderBase<ILoggingEvent> listener = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                refusals.add(event.getLevel() + " " + event.getFormattedMessage());
            }
        };
        listener.start();
        log.addAppender(listener);
        int status;
        try {
            status = KinoraCommand.run(
                    "serve",
                    "--config",
                    other.toString(),
                    "--data",
                    folder.resolve("data").toString());
        } finally {
            log.detachAppender(listener);
        }

        assertThat(status).isEqualTo(1);
        assertThat(printed.err()).contains("no cluster has taken this node").contains("kinora.wire is 2 here");
        assertThat(refusals)
                .anyMatch(line -> line.startsWith("WARN a node is refused whose kinora.wire is 2, and 1 here"));
    }

    /** Completes with the members that are up, once there are so many. */
    private CompletableFuture<List<Member>> begin(String words, List<Integer> ports, int count) {
        Config config = ConfigFactory.parseString(
                        """
                kinora.cluster { enabled = on, port = 0, %s }
                kinora.cluster.akka {
                  discovery.config.services.found.endpoints = [
                    { host = "127.0.0.1", port = %d }, { host = "127.0.0.1", port = %d }]
                  management.cluster.bootstrap.contact-point-discovery.stable-margin = 200 ms
                  management.cluster.bootstrap.contact-point.filter-on-fallback-port = off # both are on one host
                }
                """.formatted(words.strip().replace("\n", ", "), ports.get(0), ports.get(1)))
                .withFallback(ConfigFactory.load());
        CompletableFuture<List<Member>> up = new CompletableFuture<>();
        ActorSystem<ClusterEvent.MemberUp> node =
                ActorSystem.create(members(count, up), "kinora", ClusterSettings.applied(config));
        nodes.add(node);
        ClusterMembership.begin(node, config);
        return up;
    }

    private static Behavior<ClusterEvent.MemberUp> members(int count, CompletableFuture<List<Member>> up) {
        return Behaviors.setup(context -> {
            List<Member> members = new ArrayList<>();
            Cluster.get(context.getSystem())
                    .subscriptions()
                    .tell(Subscribe.create(context.getSelf(), ClusterEvent.MemberUp.class));
            return Behaviors.receiveMessage(message -> {
                members.add(message.member());
                if (members.size() == count) {
                    up.complete(List.copyOf(members));
                }
                return Behaviors.same();
            });
        });
    }
}

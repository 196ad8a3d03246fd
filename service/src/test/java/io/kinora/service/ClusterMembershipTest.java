package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.Member;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.SelfUp;
import akka.cluster.typed.Subscribe;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.actors.cluster.ClusterSettings;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClusterMembershipTest {
    private final List<ActorSystem<SelfUp>> nodes = new ArrayList<>();

    @AfterEach
    void stop() {
        nodes.forEach(ActorSystem::terminate);
        nodes.forEach(node -> node.getWhenTerminated().toCompletableFuture().join());
    }

    @Test
    void nodesFindEachOtherThroughAkkaManagementAndHaveTheirRoles() throws Exception {
        List<Integer> ports = freePorts();
        CompletableFuture<SelfUp> first = begin("""
                roles = [ingest, api], discovery = config
                management { port = %d, service = found, required = 2 }
                """.formatted(ports.get(0)), ports);
        CompletableFuture<SelfUp> second = begin("""
                roles = [llm], discovery = config
                management { port = %d, service = found, required = 2 }
                """.formatted(ports.get(1)), ports);

        first.get(1, TimeUnit.MINUTES);
        List<Member> members = new ArrayList<>();
        second.get(1, TimeUnit.MINUTES).currentClusterState().getMembers().forEach(members::add);
        assertThat(members)
                .flatExtracting(member -> List.copyOf(member.getRoles()))
                .contains("ingest", "api", "llm");
    }

    @Test
    void aNodeWithoutSeedsIsAClusterOfItsOwn() throws Exception {
        SelfUp up = begin("roles = [llm]", freePorts()).get(1, TimeUnit.MINUTES);
        assertThat(up.currentClusterState().getMembers()).hasSize(1);
    }

    private CompletableFuture<SelfUp> begin(String words, List<Integer> ports) {
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
        CompletableFuture<SelfUp> up = new CompletableFuture<>();
        ActorSystem<SelfUp> node = ActorSystem.create(member(up), "kinora", ClusterSettings.applied(config));
        nodes.add(node);
        ClusterMembership.begin(node, config);
        return up;
    }

    private static Behavior<SelfUp> member(CompletableFuture<SelfUp> up) {
        return Behaviors.setup(context -> {
            Cluster.get(context.getSystem()).subscriptions().tell(Subscribe.create(context.getSelf(), SelfUp.class));
            return Behaviors.receiveMessage(message -> {
                up.complete(message);
                return Behaviors.same();
            });
        });
    }

    /** Both are open at once, so that none is given twice. */
    private static List<Integer> freePorts() throws IOException {
        try (ServerSocket one = new ServerSocket(0);
                ServerSocket two = new ServerSocket(0)) {
            return List.of(one.getLocalPort(), two.getLocalPort());
        }
    }
}

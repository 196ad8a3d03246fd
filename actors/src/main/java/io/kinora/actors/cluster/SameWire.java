package io.kinora.actors.cluster;

import akka.cluster.ConfigValidation;
import akka.cluster.JoinConfigCompatChecker;
import com.typesafe.config.Config;
import java.util.List;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Called by Akka when a node wants to join: nodes whose messages are written in another way are refused, and end with that reason. */
public final class SameWire extends JoinConfigCompatChecker {
    /** Called by Akka. */
    public SameWire() {}

    @Override
    public Seq<String> requiredKeys() {
        return CollectionConverters.asScala(List.of("kinora.wire")).toList();
    }

    @Override
    public ConfigValidation check(Config joining, Config here) {
        return JoinConfigCompatChecker.fullMatch(requiredKeys(), joining, here);
    }
}

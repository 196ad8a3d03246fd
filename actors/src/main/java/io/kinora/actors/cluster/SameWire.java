package io.kinora.actors.cluster;

import akka.cluster.ConfigValidation;
import akka.cluster.JoinConfigCompatChecker;
import akka.cluster.Valid$;
import com.typesafe.config.Config;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Called by Akka when a node wants to join: nodes whose messages are written in another way are refused and end; who refuses one says why. */
public final class SameWire extends JoinConfigCompatChecker {
    private static final Logger LOG = LoggerFactory.getLogger(SameWire.class);
    private static final String WIRE = "kinora.wire";

    /** Called by Akka. */
    public SameWire() {}

    @Override
    public Seq<String> requiredKeys() {
        return CollectionConverters.asScala(List.of(WIRE)).toList();
    }

    @Override
    public ConfigValidation check(Config joining, Config here) {
        ConfigValidation same = JoinConfigCompatChecker.fullMatch(requiredKeys(), joining, here);
        if (!same.equals(Valid$.MODULE$)) {
            LOG.warn(
                    "a node is refused whose {} is {}, and {} here: their messages are written in other ways; nodes of such versions are replaced all at once",
                    WIRE,
                    joining.hasPath(WIRE) ? joining.getValue(WIRE).unwrapped() : "not there",
                    here.getInt(WIRE));
        }
        return same;
    }
}

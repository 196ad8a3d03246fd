package io.kinora.service.cli;

import io.kinora.kafka.client.KafkaClients;
import io.kinora.kafka.exchange.KinoraClient;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that works on a cluster: the options that say where it is, and clients of it while the command runs. */
abstract class ClusterCommand implements Callable<Integer> {
    /** Who such commands are, in what they write. */
    static final String SOURCE = "/kinora/cli";

    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public final Integer call() throws Exception {
        check();
        KafkaClients clients = cluster.clients();
        PrintWriter out = spec.commandLine().getOut();
        try (KinoraClient client = new KinoraClient(clients, SOURCE)) {
            run(client, clients, out);
        } finally {
            out.flush();
        }
        return ExitStatus.DONE;
    }

    /** Refuses what no cluster would take, before one is asked. */
    void check() {
        // most have nothing to refuse
    }

    /** Does the work with a cluster that answers. */
    abstract void run(KinoraClient client, KafkaClients clients, PrintWriter out) throws Exception;

    final CommandSpec spec() {
        return spec;
    }
}

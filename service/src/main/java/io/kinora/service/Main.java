package io.kinora.service;

import io.kinora.service.cli.KinoraCommand;

/** Starts the command line. */
public final class Main {
    private Main() {}

    /** Runs a command and exits with its status. */
    public static void main(String[] args) {
        System.exit(KinoraCommand.run(args));
    }
}

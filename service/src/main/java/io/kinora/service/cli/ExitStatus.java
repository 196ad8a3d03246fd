package io.kinora.service.cli;

/** Exit statuses; 2, wrong usage, is picocli's own. */
final class ExitStatus {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int BAD_INPUT = 3;
    static final int UNAVAILABLE = 4;

    /** Shells' own for what Ctrl-C ended. */
    static final int INTERRUPTED = 130;

    private ExitStatus() {}
}

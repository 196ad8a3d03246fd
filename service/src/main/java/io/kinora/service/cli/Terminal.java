package io.kinora.service.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine;

/** What a person reads while a command works: stages with their times, bars that move. Everything goes to standard error; results go to standard output. */
final class Terminal {
    private static final int BAR = 24;

    private final PrintStream out;
    private final boolean moving;
    private final long started = System.nanoTime();

    private Terminal(PrintStream out, boolean moving) {
        this.out = out;
        this.moving = moving;
    }

    /** On standard error; bars move where a person is likely to watch. */
    static Terminal standard() {
        return new Terminal(System.err, CommandLine.Help.Ansi.AUTO.enabled());
    }

    /** A line at the time since the command began. */
    void stage(String text) {
        clear();
        out.printf(Locale.ROOT, "%6.2f s  %s%n", (System.nanoTime() - started) / 1e9, text);
    }

    /** A line without time. */
    void line(String text) {
        clear();
        out.println(text);
    }

    /** So many of so many; the last call with {@code done == total} leaves no bar behind. */
    void progress(String what, int done, int total) {
        if (!moving) {
            return;
        }
        int filled = BAR * done / Math.max(1, total);
        out.printf("\r%s [%s%s] %d/%d ", what, "#".repeat(filled), "-".repeat(BAR - filled), done, total);
        out.flush();
        if (done >= total) {
            clear();
        }
    }

    private void clear() {
        if (moving) {
            out.print("\r" + " ".repeat(BAR + 40) + "\r");
        }
    }

    /** Seconds in words, as {@code 1.25 s}. */
    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.2f s", duration.toNanos() / 1e9);
    }
}

package io.kinora.video;

/** A URL that is allowed but could not be fetched. {@link #mayPass()} says whether the same request may work later. */
public final class ClipFetchException extends VideoException {
    private final boolean mayPass;

    ClipFetchException(String message, boolean mayPass) {
        super(message);
        this.mayPass = mayPass;
    }

    ClipFetchException(String message, boolean mayPass, Throwable cause) {
        super(message, cause);
        this.mayPass = mayPass;
    }

    /** True for timeouts, broken connections and statuses 408, 425, 429 and 5xx; false for every other status. */
    public boolean mayPass() {
        return mayPass;
    }
}

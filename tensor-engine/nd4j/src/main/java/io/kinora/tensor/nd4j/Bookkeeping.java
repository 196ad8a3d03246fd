package io.kinora.tensor.nd4j;

import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.factory.Nd4j;

/**
 * ND4J's own freeing of what it keeps beside the elements: a few hundred bytes for each array and call, which nothing but its own service can
 * free. The elements themselves are freed by scope, at once.
 */
final class Bookkeeping {
    private static final String JAVACPP_SWITCH = "org.bytedeco.javacpp.nopointergc";

    private Bookkeeping() {}

    /** Starts the service. It takes JavaCPP's switch for its own when its class is loaded, and would not start. */
    static synchronized void start() {
        Pointer.physicalBytes(); // JavaCPP has read its switch after this
        String value = System.getProperty(JAVACPP_SWITCH);
        System.clearProperty(JAVACPP_SWITCH);
        try {
            Nd4j.getDeallocatorService();
        } finally {
            if (value != null) {
                System.setProperty(JAVACPP_SWITCH, value);
            }
        }
    }
}

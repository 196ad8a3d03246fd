package io.kinora.tensor.nd4j;

import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.memory.Deallocatable;
import org.nd4j.linalg.api.memory.Deallocator;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Who frees what ND4J keeps beside the elements of an array: a few hundred bytes for each array, view and call.
 *
 * <p>Where the garbage collection of native memory is off ({@code org.bytedeco.javacpp.nopointergc}, or ND4J's own {@code
 * org.nd4j.noarraygc}), as in Kinora's launcher, ND4J leaves all of it to its user, and it is freed here, at once. Where it is on, ND4J's
 * service frees it behind Java's collector, and only elements are freed here: freeing the rest would free it twice. Its CUDA backend always
 * works in this second way.
 */
final class Bookkeeping {
    private static final String JAVACPP_SWITCH = "org.bytedeco.javacpp.nopointergc";
    private static final String ND4J_SWITCH = "org.nd4j.noarraygc";
    private static final String SHAPES = "shapeinfoprovider";
    private static final String CPU_BACKEND = "org.nd4j.linalg.cpu.nativecpu.CpuBackend";

    /** Read once, as ND4J's service does. */
    private static final boolean OURS =
            isOnClassPath(CPU_BACKEND) && (Boolean.getBoolean(JAVACPP_SWITCH) || Boolean.getBoolean(ND4J_SWITCH));

    private Bookkeeping() {}

    /** Settles it, before anything else of ND4J's is touched. */
    static synchronized void start() {
        if (OURS) {
            withProperty(SHAPES, KeptShapes.class.getName(), Nd4j::getDeallocatorService);
        } else {
            // ND4J's service takes JavaCPP's switch for its own when its class is loaded, and would not start.
            Pointer.physicalBytes(); // JavaCPP has read its switch after this
            withProperty(JAVACPP_SWITCH, "false", Nd4j::getDeallocatorService);
        }
    }

    private static void withProperty(String name, String value, Runnable body) {
        String before = System.getProperty(name);
        System.setProperty(name, value);
        try {
            body.run();
        } finally {
            if (before == null) {
                System.clearProperty(name);
            } else {
                System.setProperty(name, before);
            }
        }
    }

    /** A buffer, its elements with it. */
    static void free(DataBuffer buffer) {
        if (!OURS) {
            buffer.close();
            return;
        }
        Deallocator rest = ((Deallocatable) buffer).deallocator(); // a closed buffer has none
        buffer.close();
        rest.deallocate();
    }

    /** A buffer over elements of somebody else's, which stay. */
    static void forget(DataBuffer view) {
        if (OURS) {
            ((Deallocatable) view).deallocator().deallocate();
        }
    }

    /** What a call was told in. */
    static void free(OpContext context) {
        if (OURS) {
            ((Deallocatable) context).deallocator().deallocate();
        }
    }

    private static boolean isOnClassPath(String name) {
        try {
            Class.forName(name, false, Bookkeeping.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}

package io.kinora.tensor;

/** Opens engines of one kind; found with {@link java.util.ServiceLoader}, so that a jar on the class path is enough. */
public interface EngineProvider {
    /** The name by which configuration chooses it. */
    String name();

    /** Order in which {@code auto} tries the engines; lower first. */
    int preference();

    /**
     * Opens an engine on a device.
     *
     * @throws EngineUnavailableException if the native libraries or the device are missing, with words that say which
     */
    Engine open(Device device);
}

package io.kinora.actors.serialization;

import java.util.List;

/**
 * The classes that may cross nodes. The setting {@code kinora.serialization.catalog} names the implementation, which has a public
 * constructor without parameters.
 */
public interface MessageCatalog {
    /**
     * Records and enums in the order of their numbers. A number is for good: the list only grows at its end, so that nodes of neighbouring
     * versions understand each other.
     */
    List<Class<?>> types();

    /**
     * The catalogue of that class name.
     *
     * @throws IllegalArgumentException if there is no such class, or it is no catalogue
     */
    static MessageCatalog named(String className) {
        try {
            return Class.forName(className)
                    .asSubclass(MessageCatalog.class)
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException | ClassCastException e) {
            throw new IllegalArgumentException(
                    "kinora.serialization.catalog is %s, which is no message catalogue".formatted(className), e);
        }
    }
}

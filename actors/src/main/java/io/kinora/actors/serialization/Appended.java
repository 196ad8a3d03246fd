package io.kinora.actors.serialization;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A component that a message has got since nodes without it were released. It stands behind those that were there before and is an {@link
 * java.util.Optional}, a list, a map or a primitive: nodes that do not know it pass over it, and from such nodes it comes empty, 0 or false.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Appended {}

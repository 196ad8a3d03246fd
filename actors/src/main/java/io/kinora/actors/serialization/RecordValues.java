package io.kinora.actors.serialization;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A record: its components in their order; then how many {@link Appended} ones follow, and each of these with its length in front. So nodes of neighbouring
 * versions read each other's messages.
 */
final class RecordValues<R> extends Serializer<R> {
    private static final int FIRST_BUFFER = 64;
    private static final Map<Class<?>, Object> ABSENT = Map.of(
            Optional.class,
            Optional.empty(),
            List.class,
            List.of(),
            Map.class,
            Map.of(),
            int.class,
            0,
            long.class,
            0L,
            float.class,
            0f,
            double.class,
            0.0,
            boolean.class,
            false);

    private final RecordComponent[] components;
    private final Constructor<R> constructor;
    private final int first;

    /** @throws IllegalArgumentException if an appended component stands before others, or nothing could stand for it where it is absent */
    RecordValues(Class<R> type) {
        super(false, true);
        this.components = type.getRecordComponents();
        this.first = (int) Arrays.stream(components)
                .takeWhile(component -> !component.isAnnotationPresent(Appended.class))
                .count();
        for (int i = first; i < components.length; i++) {
            if (!components[i].isAnnotationPresent(Appended.class) || !ABSENT.containsKey(components[i].getType())) {
                throw new IllegalArgumentException(
                        "component %s of %s: appended components are the last ones, and Optional, List, Map or primitive"
                                .formatted(components[i].getName(), type.getName()));
            }
        }
        try {
            this.constructor = type.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
        } catch (NoSuchMethodException e) {
            throw new IllegalArgumentException(type.getName() + " has no canonical constructor", e);
        }
        constructor.setAccessible(true);
        for (RecordComponent component : components) {
            component.getAccessor().setAccessible(true);
        }
    }

    @Override
    public void write(Kryo kryo, Output output, R value) {
        for (int i = 0; i < first; i++) {
            write(kryo, output, components[i], value);
        }
        output.writeVarInt(components.length - first, true);
        for (int i = first; i < components.length; i++) {
            try (Output appended = new Output(FIRST_BUFFER, -1)) {
                write(kryo, appended, components[i], value);
                output.writeVarInt(appended.position(), true);
                output.writeBytes(appended.getBuffer(), 0, appended.position());
            }
        }
    }

    private void write(Kryo kryo, Output output, RecordComponent component, R value) {
        Object part = part(component, value);
        if (isOfOneClass(kryo, component)) {
            kryo.writeObject(output, part);
        } else {
            kryo.writeClassAndObject(output, part);
        }
    }

    private Object part(RecordComponent component, R value) {
        try {
            return component.getAccessor().invoke(value);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new KryoException("%s cannot be read".formatted(component), e);
        }
    }

    private static boolean isOfOneClass(Kryo kryo, RecordComponent component) {
        return component.getType().isPrimitive() || kryo.isFinal(component.getType());
    }

    @Override
    public R read(Kryo kryo, Input input, Class<? extends R> type) {
        Object[] values = new Object[components.length];
        for (int i = 0; i < first; i++) {
            values[i] = read(kryo, input, components[i]);
        }
        int appended = ((BoundedInput) input).checkedLength(input.readVarInt(true), 1);
        for (int i = first; i < Math.max(components.length, first + appended); i++) {
            if (i >= first + appended) {
                values[i] = ABSENT.get(components[i].getType());
                continue;
            }
            byte[] bytes = input.readBytes(input.readVarInt(true));
            if (i < components.length) {
                try (BoundedInput part = new BoundedInput(bytes)) {
                    values[i] = read(kryo, part, components[i]);
                }
            }
        }
        return made(values);
    }

    private static Object read(Kryo kryo, Input input, RecordComponent component) {
        return isOfOneClass(kryo, component)
                ? kryo.readObject(input, component.getType())
                : kryo.readClassAndObject(input);
    }

    private R made(Object[] values) {
        try {
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw new KryoException(String.valueOf(e.getCause().getMessage()), e.getCause());
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            throw new KryoException(String.valueOf(e.getMessage()), e);
        }
    }
}

package dev.durable.values;

import dev.durable.schedule.Ticks;
import dev.durable.schedule.Timing;
import dev.durable.testing.Proxies;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/** Makes a value of any type that the API takes, by whatever way the API itself offers. */
final class SampleValues {

  private static final int DEEPEST = 6;

  /** A class that fits wherever one is wanted. */
  record Form(String text) {}

  private final Map<Class<?>, Object> known = new HashMap<>();
  private final List<Method> factories;

  /**
   * @param types whose static methods may make values
   */
  SampleValues(Collection<Class<?>> types) {
    this.factories =
        types.stream()
            .flatMap(type -> Stream.of(type.getDeclaredMethods()))
            .filter(method -> Modifier.isStatic(method.getModifiers()) && !method.isSynthetic())
            .toList();
    for (Object value :
        new Object[] {
          "x",
          Duration.ofSeconds(1),
          Instant.EPOCH,
          UUID.randomUUID(),
          ZoneId.of("UTC"),
          BigDecimal.ONE,
          LocalTime.NOON,
          new Timing(new Ticks.OfPeriod(Duration.ofSeconds(1), null), null, null, Duration.ZERO),
          new IllegalStateException("x"),
        }) {
      known.put(value.getClass(), value);
    }
    known.putAll(
        Map.of(
            boolean.class, true, int.class, 1, long.class, 1L, double.class, 0.5, char.class, 'x'));
    known.putAll(
        Map.of(
            Object.class, "x",
            Class.class, Form.class,
            Path.class, Path.of("x"),
            ZoneId.class, ZoneId.of("UTC"),
            Throwable.class, new IllegalStateException("x"),
            List.class, List.of("x"),
            Collection.class, List.of("x"),
            Set.class, Set.of("x"),
            Map.class, Map.of("x", "x"),
            Optional.class, Optional.empty()));
  }

  /** Makes one value for each parameter. */
  Object[] arguments(Executable executable) {
    return Stream.of(executable.getParameterTypes()).map(type -> make(type, 0)).toArray();
  }

  /** Makes a value of a class. */
  Object make(Class<?> type) {
    return make(type, 0);
  }

  private Object make(Class<?> type, int depth) {
    Object value = known.get(type);
    if (value != null) {
      return value;
    }
    if (type.isArray()) {
      Object array = Array.newInstance(type.getComponentType(), 1);
      Array.set(array, 0, make(type.getComponentType(), depth + 1));
      return array;
    }
    if (type.isEnum()) {
      return type.getEnumConstants()[0];
    }
    if (type.isInterface() && !type.isSealed()) {
      return Proxies.of(type, (method, arguments) -> answer(type, method, arguments, depth));
    }
    return byTheApi(type, depth);
  }

  /** A function gives back what fits of its arguments: a path, say, that goes on from nothing. */
  private Object answer(Class<?> type, Method method, Object[] arguments, int depth) {
    Class<?> wanted = method.getReturnType();
    return switch (method.getName()) {
      case "toString" -> type.getSimpleName();
      case "hashCode" -> 1;
      case "equals" -> false;
      default ->
          wanted == void.class
              ? null
              : Stream.of(arguments)
                  .filter(wanted::isInstance)
                  .findFirst()
                  .orElseGet(() -> make(wanted, depth + 1));
    };
  }

  private Object byTheApi(Class<?> type, int depth) {
    List<Executable> ways = new ArrayList<>();
    factories.stream().filter(method -> method.getReturnType() == type).forEach(ways::add);
    if (!Modifier.isAbstract(type.getModifiers())) {
      ways.addAll(Arrays.asList(type.getDeclaredConstructors()));
    }
    ways.sort(Comparator.comparingInt(Executable::getParameterCount));
    AssertionError none = new AssertionError("no way to make a " + type.getName());
    for (Executable way : depth > DEEPEST ? List.<Executable>of() : ways) {
      try {
        return call(
            way, null, Stream.of(way.getParameterTypes()).map(p -> make(p, depth + 1)).toArray());
      } catch (ReflectiveOperationException | AssertionError failed) {
        none.addSuppressed(failed);
      }
    }
    for (Class<?> permitted : type.isSealed() ? type.getPermittedSubclasses() : new Class<?>[0]) {
      try {
        return make(permitted, depth + 1);
      } catch (AssertionError failed) {
        none.addSuppressed(failed);
      }
    }
    throw none;
  }

  /** Calls a constructor or a method. */
  static Object call(Executable executable, Object target, Object... arguments)
      throws ReflectiveOperationException {
    executable.setAccessible(true);
    return executable instanceof Constructor<?> constructor
        ? constructor.newInstance(arguments)
        : ((Method) executable).invoke(target, arguments);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.BadValueException;
import io.cachewright.ConfigurationException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A Java record as columns: which component is which column, and how their values are made one of
 * the other. Immutable.
 */
final class RecordShape<R> {

  /** One component; {@code place} is where its column's value stands in an array of values. */
  private record Part(
      String name,
      Class<?> type,
      int place,
      Column column,
      Conversion conversion,
      MethodHandle get) {}

  private final Class<R> type;
  private final Part[] parts;
  private final int columns;
  private final MethodHandle constructor;

  private RecordShape(Class<R> type, List<Part> parts, int columns, MethodHandle constructor) {
    this.type = type;
    this.parts = parts.toArray(Part[]::new);
    this.columns = columns;
    this.constructor = constructor;
  }

  /**
   * @param columns those that components may be; arrays of values are in their order
   * @param named columns by component name, where the rule ({@code createdAt} is {@code
   *     created_at}) does not fit
   */
  static <R> RecordShape<R> of(
      Class<R> type, Table table, List<Column> columns, Map<String, String> named) {
    RecordComponent[] components = type.getRecordComponents();
    Set<String> unknown = new HashSet<>(named.keySet());
    List<Part> parts = new ArrayList<>();
    for (RecordComponent component : components) {
      unknown.remove(component.getName());
      parts.add(part(type, component, columns, named.get(component.getName())));
    }
    checkNamed(type, unknown);
    Set<Integer> places = new HashSet<>();
    for (Part part : parts) {
      if (!places.add(part.place())) {
        throw new ConfigurationException(
            type.getName() + " has two components for the column " + part.column());
      }
    }
    return new RecordShape<>(type, parts, columns.size(), constructor(type, components));
  }

  /**
   * @param unknown names to which columns were given, and which no component has
   */
  static void checkNamed(Class<?> type, Set<String> unknown) {
    if (!unknown.isEmpty()) {
      throw new ConfigurationException(
          type.getName()
              + " has no component "
              + String.join(", ", unknown)
              + " to name a column for");
    }
  }

  private static Part part(
      Class<?> type, RecordComponent component, List<Column> columns, @Nullable String named) {
    int place = place(component.getName(), columns, named);
    String what = type.getName() + "." + component.getName();
    if (place < 0) {
      throw new ConfigurationException(
          String.format(
              "%s has no column: there is no %s among %s",
              what,
              named == null ? snakeCase(component.getName()) : named,
              columns.stream().map(Column::name).toList()));
    }
    Column column = columns.get(place);
    Conversion conversion = Conversion.of(component.getType(), component.getGenericType(), column);
    if (conversion == null) {
      throw new ConfigurationException(
          String.format(
              "%s is a %s, which does not go with the column %s, a %s; use %s",
              what,
              component.getGenericType().getTypeName(),
              column,
              column.type().sqlName(),
              column.type().kind().javaType().getSimpleName()));
    }
    return new Part(
        component.getName(), component.getType(), place, column, conversion, getter(component));
  }

  private static int place(String component, List<Column> columns, @Nullable String named) {
    List<String> names = columns.stream().map(Column::name).toList();
    if (named != null) {
      return names.indexOf(named);
    }
    int exact = names.indexOf(component);
    return exact >= 0 ? exact : names.indexOf(snakeCase(component));
  }

  /** {@code createdAt} is {@code created_at}, {@code userID} is {@code user_id}. */
  static String snakeCase(String name) {
    return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
        .replaceAll("([A-Z])([A-Z][a-z])", "$1_$2")
        .toLowerCase(Locale.ROOT);
  }

  private static MethodHandle getter(RecordComponent component) {
    try {
      component.getAccessor().setAccessible(true);
      return MethodHandles.lookup()
          .unreflect(component.getAccessor())
          .asType(MethodType.methodType(Object.class, Object.class));
    } catch (IllegalAccessException | RuntimeException e) {
      throw closed(component.getDeclaringRecord(), e);
    }
  }

  private static MethodHandle constructor(Class<?> type, RecordComponent[] components) {
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < types.length; i++) {
      types[i] = components[i].getType();
    }
    try {
      Constructor<?> canonical = type.getDeclaredConstructor(types);
      canonical.setAccessible(true);
      return MethodHandles.lookup()
          .unreflectConstructor(canonical)
          .asType(MethodType.genericMethodType(types.length))
          .asSpreader(Object[].class, types.length);
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw closed(type, e);
    }
  }

  private static ConfigurationException closed(Class<?> type, Exception cause) {
    return new ConfigurationException(
        type.getName() + " cannot be used from here; open its package to io.cachewright.jdbc",
        cause);
  }

  int size() {
    return parts.length;
  }

  /** Which columns a value says something of; a new array. */
  boolean[] writable() {
    boolean[] writable = new boolean[columns];
    for (Part part : parts) {
      writable[part.place()] = !part.column().generated();
    }
    return writable;
  }

  /** Puts the components' values, checked, where their columns are. */
  void read(R value, @Nullable Object[] values) {
    for (Part part : parts) {
      if (part.column().generated()) {
        continue;
      }
      Object given = get(part, value);
      try {
        values[part.place()] =
            part.column().check(given == null ? null : part.conversion().toStore(given));
      } catch (BadValueException e) {
        throw new BadValueException(
            type.getSimpleName() + "." + part.name() + ": " + e.getMessage(), e);
      }
    }
  }

  private Object get(Part part, R value) {
    try {
      return (Object) part.get().invokeExact((Object) value);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e); // an accessor declares no checked exception
    }
  }

  /** A record of values that stand where their columns are. */
  R make(@Nullable Object[] values) {
    @Nullable Object[] arguments = new Object[parts.length];
    for (int i = 0; i < parts.length; i++) {
      arguments[i] = argument(parts[i], values[parts[i].place()]);
    }
    try {
      return type.cast((Object) constructor.invokeExact(arguments));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e); // a canonical constructor declares no checked exception
    }
  }

  private BadValueException isNull(Part part) {
    String wrapper = MethodType.methodType(part.type()).wrap().returnType().getSimpleName();
    String when =
        part.column().generated() ? " (under write-behind it is, until the row is flushed)" : "";
    return new BadValueException(
        String.format(
            "%s is NULL%s, and %s.%s is a %s, which cannot be null: make it %s",
            part.column(), when, type.getSimpleName(), part.name(), part.type(), wrapper));
  }

  private @Nullable Object argument(Part part, @Nullable Object stored) {
    if (stored == null) {
      if (part.type().isPrimitive()) {
        throw isNull(part);
      }
      return null;
    }
    try {
      return part.conversion().fromStore(stored);
    } catch (ClassCastException | ArithmeticException | IllegalArgumentException e) {
      throw new BadValueException(
          String.format(
              "%s holds '%s', which does not fit %s.%s, a %s",
              part.column(),
              stored,
              type.getSimpleName(),
              part.name(),
              part.type().getSimpleName()),
          e);
    }
  }

  @Override
  public String toString() {
    return type.getName();
  }
}

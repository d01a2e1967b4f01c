// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.Columns;
import io.cachewright.ConfigurationException;
import io.cachewright.Row;
import io.cachewright.jdbc.type.Kind;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The shapes that Java types have by themselves: a record a column per component, others one. */
final class MirrorShapes {
  private static final String VALUE = "value";

  private static final Map<Class<?>, Kind> KINDS = kinds();

  private MirrorShapes() {}

  private static Map<Class<?>, Kind> kinds() {
    Map<Class<?>, Kind> kinds = new HashMap<>();
    for (Class<?> each :
        List.of(long.class, Long.class, int.class, Integer.class, short.class, Short.class)) {
      kinds.put(each, Kind.INTEGER);
    }
    kinds.put(byte.class, Kind.INTEGER);
    kinds.put(Byte.class, Kind.INTEGER);
    kinds.put(BigInteger.class, Kind.DECIMAL);
    kinds.put(BigDecimal.class, Kind.DECIMAL);
    for (Class<?> each : List.of(double.class, Double.class, float.class, Float.class)) {
      kinds.put(each, Kind.DOUBLE);
    }
    kinds.put(boolean.class, Kind.BOOLEAN);
    kinds.put(Boolean.class, Kind.BOOLEAN);
    kinds.put(String.class, Kind.TEXT);
    kinds.put(LocalDate.class, Kind.DATE);
    kinds.put(LocalTime.class, Kind.TIME);
    kinds.put(LocalDateTime.class, Kind.TIMESTAMP);
    kinds.put(OffsetDateTime.class, Kind.TIMESTAMPTZ);
    kinds.put(ZonedDateTime.class, Kind.TIMESTAMPTZ);
    kinds.put(Instant.class, Kind.TIMESTAMPTZ);
    kinds.put(UUID.class, Kind.UUID);
    kinds.put(byte[].class, Kind.BYTES);
    return kinds;
  }

  private static @Nullable Kind kindOf(Class<?> type) {
    return type.isEnum() ? Kind.TEXT : KINDS.get(type);
  }

  /**
   * @param keyColumn of a key that is no record
   * @param named columns by component name of the value
   */
  static <K, V> MirrorShape<K, V> of(
      Class<K> key, Class<V> value, String keyColumn, Map<String, String> named) {
    Side keys = side(key, keyColumn, Map.of(), /* key= */ true);
    Side values = side(value, VALUE, named, /* key= */ false);
    Set<String> names = new HashSet<>();
    keys.columns().forEach(each -> names.add(each.name()));
    for (MirrorColumn each : values.columns()) {
      if (!names.add(each.name())) {
        throw new ConfigurationException(
            String.format(
                "the column %s would have a part of the key, %s, and of the value, %s; give one of"
                    + " them another name",
                each.name(), key.getName(), value.getName()));
      }
    }
    return new OfClasses<>(keys, values);
  }

  /** One side of a row: its columns, and how their values are got. */
  private record Side(List<MirrorColumn> columns, List<Method> accessors) {

    List<@Nullable Object> values(Object of) {
      List<@Nullable Object> values = new ArrayList<>(columns.size());
      if (accessors.isEmpty()) {
        values.add(plain(of));
      }
      for (Method each : accessors) {
        values.add(plain(get(each, of)));
      }
      return values;
    }

    private static @Nullable Object get(Method accessor, Object of) {
      try {
        return accessor.invoke(of);
      } catch (InvocationTargetException e) {
        throw e.getCause() instanceof RuntimeException thrown
            ? thrown
            : new IllegalStateException(e);
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e); // it was made accessible
      }
    }

    private static @Nullable Object plain(@Nullable Object value) {
      return value instanceof Enum<?> constant
          ? constant.name()
          : value instanceof Float number ? (Object) Double.valueOf(number.toString()) : value;
    }
  }

  private static Side side(Class<?> type, String alone, Map<String, String> named, boolean key) {
    Kind kind = kindOf(type);
    if (kind != null && named.isEmpty()) {
      return new Side(List.of(new MirrorColumn(alone, kind, key)), List.of());
    } else if (!type.isRecord()) {
      throw new ConfigurationException(
          type.getName()
              + (named.isEmpty()
                  ? " has no column of its own kind: mirror a Java record, or give a MirrorShape"
                  : " is no Java record, so columns cannot be named for its components"));
    }
    List<MirrorColumn> columns = new ArrayList<>();
    List<Method> accessors = new ArrayList<>();
    Set<String> unknown = new HashSet<>(named.keySet());
    for (RecordComponent each : type.getRecordComponents()) {
      unknown.remove(each.getName());
      Kind of = kindOf(each.getType());
      if (of == null) {
        throw new ConfigurationException(
            String.format(
                "%s.%s is a %s, for which there is no kind of column; give a MirrorShape",
                type.getName(), each.getName(), each.getGenericType().getTypeName()));
      }
      String column = named.getOrDefault(each.getName(), RecordShape.snakeCase(each.getName()));
      columns.add(new MirrorColumn(column, of, key));
      accessors.add(accessor(type, each));
    }
    RecordShape.checkNamed(type, unknown);
    return new Side(List.copyOf(columns), List.copyOf(accessors));
  }

  private static Method accessor(Class<?> type, RecordComponent component) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor();
    } catch (RuntimeException e) {
      throw new ConfigurationException(
          type.getName() + " cannot be used from here; open its package to io.cachewright.jdbc", e);
    }
  }

  private static final class OfClasses<K, V> implements MirrorShape<K, V> {
    private final Side keys;
    private final Side values;
    private final Columns columns;

    OfClasses(Side keys, Side values) {
      this.keys = keys;
      this.values = values;
      this.columns = Columns.of(values.columns().stream().map(MirrorColumn::name).toList());
    }

    @Override
    public List<MirrorColumn> columns() {
      List<MirrorColumn> all = new ArrayList<>(keys.columns());
      all.addAll(values.columns());
      return all;
    }

    @Override
    public Object key(K key) {
      List<@Nullable Object> parts = keys.values(key);
      return parts.size() == 1 && parts.get(0) != null ? parts.get(0) : parts;
    }

    @Override
    public Row row(K key, V value) {
      return Row.ofAll(columns, values.values(value).toArray());
    }
  }
}

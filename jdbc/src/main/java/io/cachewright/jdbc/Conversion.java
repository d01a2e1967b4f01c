// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.BadValueException;
import io.cachewright.ConfigurationException;
import io.cachewright.jdbc.type.ArrayType;
import io.cachewright.jdbc.type.ColumnType;
import io.cachewright.jdbc.type.EnumType;
import io.cachewright.jdbc.type.Kind;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Between a Java type and a column's canonical one. To the store a value is only brought into a
 * shape that {@link ColumnType#check} takes. Neither way sees null.
 */
record Conversion(UnaryOperator<Object> to, UnaryOperator<Object> from) {
  private static final Conversion NONE = new Conversion(value -> value, value -> value);

  private static final Map<Class<?>, Class<?>> BOXED =
      Map.of(
          long.class, Long.class,
          int.class, Integer.class,
          short.class, Short.class,
          byte.class, Byte.class,
          double.class, Double.class,
          float.class, Float.class,
          boolean.class, Boolean.class);

  Object toStore(Object value) {
    return to.apply(value);
  }

  Object fromStore(Object stored) {
    return from.apply(stored);
  }

  /** Null if the two do not go together. */
  static @Nullable Conversion of(Class<?> type, Type generic, Column column) {
    Class<?> boxed = BOXED.getOrDefault(type, type);
    if (column.type() instanceof ArrayType array && boxed == List.class) {
      return ofList(generic, array, column);
    }
    return of(boxed, column.type(), column);
  }

  private static @Nullable Conversion of(Class<?> boxed, ColumnType type, Column column) {
    Class<?> canonical = type.kind().javaType();
    if (boxed == Object.class) {
      return NONE;
    } else if (boxed == canonical) {
      return cast(boxed);
    } else if (boxed.isEnum() && (type.kind() == Kind.ENUM || type.kind() == Kind.TEXT)) {
      return ofEnum(boxed, type, column);
    }
    UnaryOperator<Object> from =
        switch (type.kind()) {
          case INTEGER -> fromLong(boxed);
          case DECIMAL -> fromDecimal(boxed);
          case FLOAT -> boxed == Double.class ? stored -> Double.valueOf(stored.toString()) : null;
          case TIMESTAMPTZ -> fromTime(boxed);
          default -> null;
        };
    return from == null ? null : new Conversion(value -> value, from);
  }

  private static Conversion cast(Class<?> canonical) {
    return new Conversion(value -> value, canonical::cast);
  }

  private static @Nullable UnaryOperator<Object> fromLong(Class<?> boxed) {
    if (boxed == Integer.class) {
      return stored -> Math.toIntExact((Long) stored);
    } else if (boxed == Short.class) {
      return stored -> BigInteger.valueOf((Long) stored).shortValueExact();
    } else if (boxed == Byte.class) {
      return stored -> BigInteger.valueOf((Long) stored).byteValueExact();
    } else if (boxed == BigInteger.class) {
      return stored -> BigInteger.valueOf((Long) stored);
    }
    return null;
  }

  private static @Nullable UnaryOperator<Object> fromDecimal(Class<?> boxed) {
    if (boxed == BigInteger.class) {
      return stored -> ((BigDecimal) stored).toBigIntegerExact();
    } else if (boxed == Long.class) {
      return stored -> ((BigDecimal) stored).longValueExact();
    } else if (boxed == Integer.class) {
      return stored -> ((BigDecimal) stored).intValueExact();
    }
    return null;
  }

  private static @Nullable UnaryOperator<Object> fromTime(Class<?> boxed) {
    if (boxed == Instant.class) {
      return stored -> ((OffsetDateTime) stored).toInstant();
    } else if (boxed == ZonedDateTime.class) {
      return stored -> ((OffsetDateTime) stored).toZonedDateTime();
    }
    return null;
  }

  /** A constant is its name, or its name in small letters if the column has that label. */
  private static Conversion ofEnum(Class<?> type, ColumnType columnType, Column column) {
    List<String> labels = columnType instanceof EnumType enums ? enums.labels() : List.of();
    for (Object constant : type.getEnumConstants()) {
      String name = ((Enum<?>) constant).name();
      boolean known = labels.contains(name) || labels.contains(name.toLowerCase(Locale.ROOT));
      if (columnType.kind() == Kind.ENUM && !known) {
        throw new ConfigurationException(
            type.getName() + "." + name + " is no label of " + column + ", which has " + labels);
      }
    }
    UnaryOperator<Object> to =
        columnType.kind() == Kind.ENUM ? value -> value : value -> ((Enum<?>) value).name();
    return new Conversion(to, stored -> constant(type, stored.toString()));
  }

  private static Object constant(Class<?> type, String label) {
    for (Object constant : type.getEnumConstants()) {
      if (((Enum<?>) constant).name().equals(label)) {
        return constant;
      }
    }
    for (Object constant : type.getEnumConstants()) {
      if (((Enum<?>) constant).name().equalsIgnoreCase(label)) {
        return constant;
      }
    }
    throw new IllegalArgumentException(label);
  }

  /** Elements are converted to the list's own type, if it names one. */
  private static @Nullable Conversion ofList(Type generic, ArrayType array, Column column) {
    boolean named =
        generic instanceof ParameterizedType list
            && list.getActualTypeArguments()[0] instanceof Class<?>;
    if (!named) {
      return cast(List.class);
    }
    Class<?> element = (Class<?>) ((ParameterizedType) generic).getActualTypeArguments()[0];
    Conversion each = of(element, array.element(), column);
    return each == null
        ? null
        : new Conversion(list -> mapped(list, each.to), list -> mapped(list, each.from));
  }

  private static Object mapped(Object list, UnaryOperator<Object> operator) {
    if (!(list instanceof List<?> elements)) {
      throw new BadValueException(list + " is no list");
    }
    List<@Nullable Object> mapped = new ArrayList<>();
    for (Object element : elements) {
      mapped.add(element == null ? null : operator.apply(element));
    }
    return Collections.unmodifiableList(mapped);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.jdbc.type.ColumnType;
import io.cachewright.jdbc.type.DecimalType;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One column's values of many changes: as arrays, and what the statement is to make of their
 * elements.
 *
 * <p>The driver sends arrays of numbers and of text in binary; all else would be text, which costs
 * both sides more than the row itself. So small decimals travel as whole numbers, and dates and
 * times as days and seconds, unless one of the values does not fit ({@code infinity}).
 */
final class PostgresVector {
  private static final int LONG_DIGITS = 18;
  private static final double NANOS = 1e9;

  /** An array, of the Java type that lets the driver send it in binary. */
  private static final class Part {
    final String typeName;
    final @Nullable Object[] elements;

    Part(String typeName, @Nullable Object[] elements) {
      this.typeName = typeName;
      this.elements = elements;
    }
  }

  private final List<Part> parts;
  private final Function<String, String> value;

  private PostgresVector(List<Part> parts, Function<String, String> value) {
    this.parts = parts;
    this.value = value;
  }

  static PostgresVector of(Column column, List<?> values) {
    ColumnType type = column.type();
    PostgresVector quick =
        switch (type.kind()) {
          case DECIMAL -> ofDecimals((DecimalType) type, values);
          case DATE -> ofDates(values);
          case TIMESTAMP -> ofTimes(values, LocalDateTime.class, each -> each, "");
          case TIMESTAMPTZ ->
              ofTimes(
                  values,
                  OffsetDateTime.class,
                  each -> each.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime(),
                  " at time zone 'UTC'");
          default -> null;
        };
    return quick != null ? quick : asIs(column, values);
  }

  /** As {@link PostgresWire} sends them, which every type can be. */
  static PostgresVector asIs(Column column, List<?> values) {
    PostgresWire wire = PostgresWire.of(column.type());
    Part part = new Part(wire.typeName(), wire.elements(values, column.type()));
    return new PostgresVector(List.of(part), element -> element + PostgresWire.cast(column.type()));
  }

  private static @Nullable PostgresVector ofDecimals(DecimalType type, List<?> values) {
    if (type.scale() < 0 || type.precision() < 1 || type.precision() > LONG_DIGITS) {
      return null;
    }
    Long[] units = new Long[values.size()];
    for (int i = 0; i < units.length; i++) {
      if (values.get(i) instanceof BigDecimal number && number.scale() == type.scale()) {
        units[i] = number.unscaledValue().longValue();
      } else if (values.get(i) != null) {
        return null;
      }
    }
    String unit = BigDecimal.ONE.movePointLeft(type.scale()).toPlainString();
    return new PostgresVector(
        List.of(new Part("int8", units)), element -> element + " * " + unit + "::numeric");
  }

  private static @Nullable PostgresVector ofDates(List<?> values) {
    Long[] days = new Long[values.size()];
    for (int i = 0; i < days.length; i++) {
      if (values.get(i) instanceof LocalDate date && isFinite(date)) {
        days[i] = date.toEpochDay();
      } else if (values.get(i) != null) {
        return null;
      }
    }
    return new PostgresVector(
        List.of(new Part("int8", days)), element -> "date '1970-01-01' + " + element + "::int");
  }

  private static <T> @Nullable PostgresVector ofTimes(
      List<?> values, Class<T> javaType, Function<T, LocalDateTime> local, String suffix) {
    Long[] days = new Long[values.size()];
    Double[] seconds = new Double[values.size()];
    for (int i = 0; i < days.length; i++) {
      Object each = values.get(i);
      if (each == null) {
        continue;
      } else if (!javaType.isInstance(each)
          || each.equals(OffsetDateTime.MAX)
          || each.equals(OffsetDateTime.MIN)) {
        return null;
      }
      LocalDateTime time = local.apply(javaType.cast(each));
      LocalTime ofDay = time.toLocalTime();
      if (!isFinite(time.toLocalDate())) {
        return null;
      }
      days[i] = time.toLocalDate().toEpochDay();
      // A day has 8.64e10 microseconds: a double has them all.
      seconds[i] = ofDay.toNanoOfDay() / NANOS;
    }
    return new PostgresVector(
        List.of(new Part("int8", days), new Part("float8", seconds)),
        element ->
            "(timestamp '1970-01-01' + make_interval(days => "
                + element
                + "::int, secs => "
                + element
                + "_1))"
                + suffix);
  }

  private static boolean isFinite(LocalDate date) {
    return !date.equals(LocalDate.MAX) && !date.equals(LocalDate.MIN);
  }

  /** {@code unnest(?::int8[]) as c0}, for each array. */
  String source(String name) {
    return IntStream.range(0, parts.size())
        .mapToObj(
            i -> "unnest(?::" + parts.get(i).typeName + "[]) as " + (i == 0 ? name : name + "_1"))
        .collect(Collectors.joining(", "));
  }

  /** The column's value, made of what {@link #source} calls by this name. */
  String value(String name) {
    return value.apply(name);
  }

  /** Binds the arrays; answers the index after them. */
  int bind(PreparedStatement statement, int from) throws SQLException {
    int index = from;
    for (Part part : parts) {
      Array array = statement.getConnection().createArrayOf(part.typeName, part.elements);
      statement.setArray(index++, array);
    }
    return index;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.jdbc.type.ColumnType;
import io.cachewright.jdbc.type.TextType;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a column's values travel to and from PostgreSQL. Six types travel as they are, in binary
 * where the driver can; all others as text that the server casts, which works for every type there
 * is.
 */
enum PostgresWire {
  INT8("int8", Types.BIGINT),
  FLOAT4("float4", Types.REAL),
  FLOAT8("float8", Types.DOUBLE),
  BOOL("bool", Types.BOOLEAN),
  BYTEA("bytea", Types.BINARY),
  TEXT("text", Types.VARCHAR);

  private final String typeName;
  private final int sqlType;

  PostgresWire(String typeName, int sqlType) {
    this.typeName = typeName;
    this.sqlType = sqlType;
  }

  static PostgresWire of(ColumnType type) {
    return switch (type.kind()) {
      case INTEGER -> INT8;
      case FLOAT -> FLOAT4;
      case DOUBLE -> FLOAT8;
      case BOOLEAN -> BOOL;
      case BYTES -> BYTEA;
      default -> TEXT;
    };
  }

  String typeName() {
    return typeName;
  }

  /**
   * A column of the table called {@code t}, as a statement asks for it. What is {@link #read} as
   * text is text from the server: drivers ask for some types in binary once a statement has run a
   * few times, and make another text of it, or none at all (a {@code timetz} of 24:00).
   */
  static String asked(Column column) {
    String name = "t." + Sql.quoted(column.name());
    return switch (column.type().kind()) {
      case ARRAY, OTHER -> name + "::text";
      default -> name;
    };
  }

  /** As {@link #asked}, of several. */
  static String asked(List<Column> columns) {
    return columns.stream().map(PostgresWire::asked).collect(Collectors.joining(", "));
  }

  /**
   * What follows a value in a statement, to make it the column's type; empty if nothing need.
   * Without lengths: an explicit cast cuts what is too long, while the assignment that follows
   * refuses it.
   */
  static String cast(ColumnType type) {
    return switch (type.kind()) {
      case INTEGER, FLOAT, DOUBLE, BOOLEAN, BYTES -> "";
      case TEXT -> type instanceof TextType text && text.padded() ? "::bpchar" : "";
      case DECIMAL -> "::numeric";
      case TIME -> "::time";
      case TIMESTAMP -> "::timestamp";
      case TIMESTAMPTZ -> "::timestamptz";
      default -> "::" + type.sqlName();
    };
  }

  /**
   * Where there is a {@link #cast} a text goes without a type, so that the server makes the value
   * of it as it comes. Sent as a text it would be one first, and be cast in each execution: a
   * fiftieth of the time of a put.
   */
  void bind(PreparedStatement statement, int index, @Nullable Object value, ColumnType type)
      throws SQLException {
    int sent = cast(type).isEmpty() ? sqlType : Types.OTHER;
    if (value == null) {
      statement.setNull(index, sent);
    } else if (this == TEXT) {
      statement.setObject(index, type.print(value), sent);
    } else if (this == INT8 && value instanceof Long number) {
      statement.setLong(index, number);
    } else {
      statement.setObject(index, value, sqlType);
    }
  }

  /** An array of the values of one column, one for each change. */
  Array array(Connection connection, List<?> values, ColumnType type) throws SQLException {
    return connection.createArrayOf(typeName, elements(values, type));
  }

  /** The values as elements of an array of this type. */
  @Nullable Object[] elements(List<?> values, ColumnType type) {
    @Nullable Object[] elements = newArray(values.size());
    for (int i = 0; i < elements.length; i++) {
      Object value = values.get(i);
      elements[i] = value == null || this != TEXT ? value : type.print(value);
    }
    return elements;
  }

  private @Nullable Object[] newArray(int size) {
    return switch (this) {
      case INT8 -> new Long[size];
      case FLOAT4 -> new Float[size];
      case FLOAT8 -> new Double[size];
      case BOOL -> new Boolean[size];
      case BYTEA -> new byte[size][];
      case TEXT -> new String[size];
    };
  }

  /**
   * The value of a column; as text if its type cannot hold it (a numeric NaN). Never fails for the
   * value's sake: when a statement's answer is read, the change is perhaps committed.
   */
  static @Nullable Object read(ResultSet result, int index, ColumnType type) throws SQLException {
    try {
      return typed(result, index, type);
    } catch (SQLException | RuntimeException e) {
      return result.getString(index);
    }
  }

  private static @Nullable Object typed(ResultSet result, int index, ColumnType type)
      throws SQLException {
    return switch (type.kind()) {
      case INTEGER -> orNull(result, result.getLong(index));
      case DECIMAL -> compact(result.getBigDecimal(index));
      case FLOAT -> orNull(result, result.getFloat(index));
      case DOUBLE -> orNull(result, result.getDouble(index));
      case BOOLEAN -> orNull(result, result.getBoolean(index));
      case DATE -> result.getObject(index, LocalDate.class);
      case TIME -> result.getObject(index, LocalTime.class);
      case TIMESTAMP -> result.getObject(index, LocalDateTime.class);
      case TIMESTAMPTZ -> inUtc(result.getObject(index, OffsetDateTime.class));
      case UUID -> result.getObject(index);
      case BYTES -> result.getBytes(index);
      case ARRAY -> array(result.getString(index), type);
      default -> result.getString(index);
    };
  }

  /**
   * Without the BigInteger of which the driver makes it, where a long does: 40 bytes instead of
   * 106, and one object for the collector to move where there were three.
   */
  private static @Nullable BigDecimal compact(@Nullable BigDecimal value) {
    if (value == null || value.unscaledValue().bitLength() >= Long.SIZE) {
      return value;
    }
    return BigDecimal.valueOf(value.unscaledValue().longValue(), value.scale());
  }

  /** The value just read, unless it only stands for NULL. */
  private static @Nullable Object orNull(ResultSet result, Object value) throws SQLException {
    return result.wasNull() ? null : value;
  }

  private static @Nullable Object inUtc(@Nullable OffsetDateTime time) {
    boolean infinite = OffsetDateTime.MAX.equals(time) || OffsetDateTime.MIN.equals(time);
    return time == null || infinite ? time : time.withOffsetSameInstant(ZoneOffset.UTC);
  }

  private static @Nullable Object array(@Nullable String text, ColumnType type) {
    return text == null ? null : type.parse(text);
  }
}

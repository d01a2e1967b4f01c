// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.BadValueException;
import io.cachewright.jdbc.type.ColumnType;
import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How values travel to and from SQLite, which knows integers, floating-point numbers, text and
 * blobs, and stores any of them in any column. Dates and times are text, as SQLite's own functions
 * write it; a value that does not fit its column's declared type is read as its text.
 */
final class SqliteValues {
  private SqliteValues() {}

  static void bind(PreparedStatement statement, int index, @Nullable Object value, ColumnType type)
      throws SQLException {
    if (value == null) {
      statement.setNull(index, Types.NULL);
    } else if (value instanceof Long number) {
      statement.setLong(index, number);
    } else if (value instanceof Boolean flag) {
      statement.setInt(index, flag ? 1 : 0);
    } else if (value instanceof Double number) {
      statement.setDouble(index, number);
    } else if (value instanceof byte[] bytes) {
      statement.setBytes(index, bytes);
    } else {
      statement.setString(index, text(value, type));
    }
  }

  static String text(Object value, ColumnType type) {
    String text = type.print(value);
    return switch (type.kind()) {
      case TIMESTAMP -> text.replace('T', ' ');
      case TIMESTAMPTZ -> text.replace('T', ' ').replace("Z", "+00:00");
      default -> text;
    };
  }

  static @Nullable Object[] row(Table table, ResultSet result) throws SQLException {
    List<Column> columns = table.columns();
    @Nullable Object[] values = new Object[columns.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = read(result, i + 1, columns.get(i).type());
    }
    return values;
  }

  private static @Nullable Object read(ResultSet result, int index, ColumnType type)
      throws SQLException {
    Object stored = result.getObject(index);
    if (stored == null) {
      return null;
    }
    try {
      return typed(stored, result, index, type);
    } catch (BadValueException | NumberFormatException e) {
      return result.getString(index);
    }
  }

  private static @Nullable Object typed(Object stored, ResultSet result, int index, ColumnType type)
      throws SQLException {
    boolean number = stored instanceof Number;
    boolean whole = stored instanceof Integer || stored instanceof Long;
    return switch (type.kind()) {
      case INTEGER -> whole ? ((Number) stored).longValue() : result.getString(index);
      case DOUBLE -> number ? ((Number) stored).doubleValue() : result.getString(index);
      case DECIMAL -> number ? type.check(decimal(stored)) : type.parse(result.getString(index));
      case BOOLEAN ->
          whole ? truth(((Number) stored).longValue(), type) : type.parse(stored.toString());
      case BYTES -> stored instanceof byte[] ? stored : result.getString(index);
      case DATE, TIME, TIMESTAMP, TIMESTAMPTZ, UUID ->
          stored instanceof String text ? type.parse(text) : result.getString(index);
      default -> stored instanceof String ? stored : result.getString(index);
    };
  }

  private static BigDecimal decimal(Object number) {
    return number instanceof Double wide
        ? BigDecimal.valueOf(wide)
        : BigDecimal.valueOf(((Number) number).longValue());
  }

  private static Boolean truth(long number, ColumnType type) {
    if (number != 0 && number != 1) {
      throw new BadValueException(number + " is no " + type.sqlName());
    }
    return number == 1;
  }
}

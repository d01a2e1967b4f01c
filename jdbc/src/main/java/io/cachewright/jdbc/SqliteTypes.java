// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.ConfigurationException;
import io.cachewright.jdbc.type.BooleanType;
import io.cachewright.jdbc.type.BytesType;
import io.cachewright.jdbc.type.ColumnType;
import io.cachewright.jdbc.type.DateRange;
import io.cachewright.jdbc.type.DateType;
import io.cachewright.jdbc.type.DecimalType;
import io.cachewright.jdbc.type.DoubleType;
import io.cachewright.jdbc.type.IntegerType;
import io.cachewright.jdbc.type.JsonType;
import io.cachewright.jdbc.type.Kind;
import io.cachewright.jdbc.type.OtherType;
import io.cachewright.jdbc.type.TextType;
import io.cachewright.jdbc.type.TimeType;
import io.cachewright.jdbc.type.TimestampType;
import io.cachewright.jdbc.type.TimestampTzType;
import io.cachewright.jdbc.type.UuidType;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * SQLite's declared types as column types: first the names people use, then SQLite's own rules of
 * affinity. Declared lengths of text are not enforced, since SQLite does not enforce them either.
 */
final class SqliteTypes {
  private static final int SECOND_DIGITS = 9;
  private static final Pattern PRECISION = Pattern.compile("\\((\\d+)\\s*(?:,\\s*(\\d+)\\s*)?\\)");

  private SqliteTypes() {}

  static ColumnType of(String declared) {
    String shown = declared == null || declared.isBlank() ? "any" : declared;
    String name = shown.toUpperCase(Locale.ROOT).replaceAll("\\(.*?\\)", "").strip();
    return switch (name) {
      case "BOOLEAN", "BOOL" -> new BooleanType(shown);
      case "DATE" -> new DateType(shown, DateRange.SQLITE);
      case "TIME" -> new TimeType(shown, SECOND_DIGITS);
      case "DATETIME", "TIMESTAMP", "TIMESTAMP WITHOUT TIME ZONE" ->
          new TimestampType(shown, SECOND_DIGITS, DateRange.SQLITE);
      case "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE" ->
          new TimestampTzType(shown, SECOND_DIGITS, DateRange.SQLITE);
      case "DECIMAL", "NUMERIC" -> decimal(shown);
      case "JSON" -> new JsonType(shown);
      case "UUID" -> new UuidType(shown);
      default -> byAffinity(name, shown);
    };
  }

  /** A declaration that is read as this kind. */
  static String named(Kind kind) {
    return switch (kind) {
      case INTEGER -> "integer";
      case DECIMAL -> "numeric";
      case FLOAT, DOUBLE -> "real";
      case BOOLEAN -> "boolean";
      case TEXT, ENUM -> "text";
      case JSON -> "json";
      case DATE -> "date";
      case TIME -> "time";
      case TIMESTAMP -> "timestamp";
      case TIMESTAMPTZ -> "timestamptz";
      case UUID -> "uuid";
      case BYTES -> "blob";
      case ARRAY, OTHER ->
          throw new ConfigurationException("SQLite has no columns of the kind " + kind);
    };
  }

  private static ColumnType byAffinity(String name, String shown) {
    if (name.contains("INT")) {
      return new IntegerType(shown, Long.MIN_VALUE, Long.MAX_VALUE);
    } else if (name.contains("CHAR") || name.contains("CLOB") || name.contains("TEXT")) {
      return new TextType(shown, 0, /* padded= */ false);
    } else if (name.contains("BLOB")) {
      return new BytesType(shown);
    } else if (name.contains("REAL") || name.contains("FLOA") || name.contains("DOUB")) {
      return new DoubleType(shown, /* nan= */ false);
    }
    return new OtherType(shown);
  }

  private static ColumnType decimal(String shown) {
    Matcher matcher = PRECISION.matcher(shown);
    if (!matcher.find()) {
      return new DecimalType(shown, 0, -1, /* floating= */ true);
    }
    String scale = matcher.group(2);
    return new DecimalType(
        shown,
        Integer.parseInt(matcher.group(1)),
        scale == null ? 0 : Integer.parseInt(scale),
        /* floating= */ true);
  }
}

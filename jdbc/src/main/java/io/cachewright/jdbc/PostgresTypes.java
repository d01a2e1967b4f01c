// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.ConfigurationException;
import io.cachewright.jdbc.type.ArrayType;
import io.cachewright.jdbc.type.BooleanType;
import io.cachewright.jdbc.type.BytesType;
import io.cachewright.jdbc.type.ColumnType;
import io.cachewright.jdbc.type.DateRange;
import io.cachewright.jdbc.type.DateType;
import io.cachewright.jdbc.type.DecimalType;
import io.cachewright.jdbc.type.DoubleType;
import io.cachewright.jdbc.type.EnumType;
import io.cachewright.jdbc.type.FloatType;
import io.cachewright.jdbc.type.IntegerType;
import io.cachewright.jdbc.type.JsonType;
import io.cachewright.jdbc.type.Kind;
import io.cachewright.jdbc.type.OtherType;
import io.cachewright.jdbc.type.TextType;
import io.cachewright.jdbc.type.TimeType;
import io.cachewright.jdbc.type.TimestampType;
import io.cachewright.jdbc.type.TimestampTzType;
import io.cachewright.jdbc.type.UuidType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** PostgreSQL's types as column types: from {@code pg_type}, domains by what they are based on. */
final class PostgresTypes {
  private static final int NO_MODIFIER = -1;
  private static final int LENGTH_HEADER = 4;
  private static final int SECOND_DIGITS = 6;
  private static final long OID_MAX = 0xFFFF_FFFFL;

  /** The types of the tables' columns, and those they are made of. */
  private static final String TYPES =
      """
      with recursive used(oid) as (
        select atttypid from pg_attribute where attrelid = any(?) and attnum > 0
        union
        select case when t.typtype = 'd' then t.typbasetype else t.typelem end
        from used u join pg_type t on t.oid = u.oid
        where t.typtype = 'd' or t.typcategory = 'A'
      )
      select t.oid, t.typname, n.nspname = 'pg_catalog', t.typtype, t.typbasetype, t.typtypmod,
        case when t.typcategory = 'A' and t.typelem <> 0 then t.typelem else 0 end,
        t.typnotnull, t.typdefault is not null, format_type(t.oid, -1),
        (select e.typdelim from pg_type e where e.oid = t.typelem),
        array(select enumlabel from pg_enum where enumtypid = t.oid order by enumsortorder)::text[]
      from used u join pg_type t on t.oid = u.oid join pg_namespace n on n.oid = t.typnamespace
      """;

  private record Type(
      String name,
      boolean builtIn,
      String kind,
      long base,
      int modifier,
      long element,
      boolean notNull,
      boolean hasDefault,
      String castName,
      @Nullable String delimiter,
      List<String> labels) {

    boolean isDomain() {
      return kind.equals("d");
    }
  }

  private final Map<Long, Type> types = new HashMap<>();

  static PostgresTypes ofColumns(Connection connection, Long[] tables) throws SQLException {
    PostgresTypes types = new PostgresTypes();
    try (PreparedStatement statement = connection.prepareStatement(TYPES)) {
      statement.setArray(1, connection.createArrayOf("oid", tables));
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          Type type =
              new Type(
                  result.getString(2),
                  result.getBoolean(3),
                  result.getString(4),
                  result.getLong(5),
                  result.getInt(6),
                  result.getLong(7),
                  result.getBoolean(8),
                  result.getBoolean(9),
                  result.getString(10),
                  result.getString(11),
                  List.of((String[]) result.getArray(12).getArray()));
          types.types.put(result.getLong(1), type);
        }
      }
    }
    return types;
  }

  /** Whether a domain, or one that it is based on, forbids NULL. */
  boolean isNotNull(long oid) {
    Type type = types.get(oid);
    return type != null && type.isDomain() && (type.notNull() || isNotNull(type.base()));
  }

  boolean hasDefault(long oid) {
    Type type = types.get(oid);
    return type != null && type.isDomain() && (type.hasDefault() || hasDefault(type.base()));
  }

  /**
   * @param modifier the column's own: length, precision; -1 for none
   * @param shown the type as errors name it, with its length
   */
  ColumnType type(long oid, int modifier, String shown) {
    Type type = types.get(oid);
    if (type == null) {
      return new OtherType(shown);
    } else if (type.isDomain()) {
      return type(type.base(), type.modifier(), baseName(type));
    } else if (type.kind().equals("e")) {
      return new EnumType(type.castName(), type.labels());
    } else if (type.element() != 0) {
      Type element = types.get(type.element());
      return element != null && ",".equals(type.delimiter())
          ? new ArrayType(type.castName(), type(type.element(), modifier, element.castName()))
          : new OtherType(type.castName());
    }
    ColumnType known = type.builtIn() ? builtIn(type.name(), modifier, shown) : null;
    return known == null ? new OtherType(type.castName()) : known;
  }

  /** A domain's values are cast to what it is based on; the column then checks the domain. */
  private String baseName(Type domain) {
    Type base = types.get(domain.base());
    return base == null ? domain.castName() : base.castName();
  }

  /** A built-in type of this kind. */
  static String named(Kind kind) {
    return switch (kind) {
      case INTEGER -> "bigint";
      case DECIMAL -> "numeric";
      case FLOAT -> "real";
      case DOUBLE -> "double precision";
      case BOOLEAN -> "boolean";
      case TEXT, ENUM -> "text";
      case JSON -> "jsonb";
      case DATE -> "date";
      case TIME -> "time";
      case TIMESTAMP -> "timestamp";
      case TIMESTAMPTZ -> "timestamptz";
      case UUID -> "uuid";
      case BYTES -> "bytea";
      case ARRAY, OTHER ->
          throw new ConfigurationException(
              "which of PostgreSQL's types a column of the kind " + kind + " has is not known");
    };
  }

  private static @Nullable ColumnType builtIn(String name, int modifier, String shown) {
    int digits = modifier == NO_MODIFIER ? SECOND_DIGITS : modifier;
    int length = modifier == NO_MODIFIER ? 0 : modifier - LENGTH_HEADER;
    return switch (name) {
      case "int2" -> new IntegerType(shown, Short.MIN_VALUE, Short.MAX_VALUE);
      case "int4" -> new IntegerType(shown, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case "int8" -> new IntegerType(shown, Long.MIN_VALUE, Long.MAX_VALUE);
      case "oid" -> new IntegerType(shown, 0, OID_MAX);
      case "numeric" -> numeric(modifier, shown);
      case "float4" -> new FloatType(shown);
      case "float8" -> new DoubleType(shown, /* nan= */ true);
      case "bool" -> new BooleanType(shown);
      case "text", "varchar" -> new TextType(shown, length, /* padded= */ false);
      case "bpchar" -> new TextType(shown, length, /* padded= */ length > 0);
      case "name" -> new TextType(shown, 63, /* padded= */ false);
      case "json", "jsonb" -> new JsonType(shown);
      case "date" -> new DateType(shown, DateRange.POSTGRES_DATES);
      case "time" -> new TimeType(shown, digits);
      case "timestamp" -> new TimestampType(shown, digits, DateRange.POSTGRES_TIMESTAMPS);
      case "timestamptz" -> new TimestampTzType(shown, digits, DateRange.POSTGRES_TIMESTAMPS);
      case "uuid" -> new UuidType(shown);
      case "bytea" -> new BytesType(shown);
      default -> null;
    };
  }

  private static ColumnType numeric(int modifier, String shown) {
    if (modifier == NO_MODIFIER) {
      return new DecimalType(shown, 0, -1, /* floating= */ false);
    }
    int packed = modifier - LENGTH_HEADER;
    // Eleven bits with a sign since Postgres 15: a negative scale rounds before the point.
    int scale = ((packed & 0x7ff) ^ 0x400) - 0x400;
    return scale < 0
        ? new DecimalType(shown, 0, -1, /* floating= */ false)
        : new DecimalType(shown, packed >> 16, scale, /* floating= */ false);
  }
}

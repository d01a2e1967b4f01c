// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

import java.nio.charset.StandardCharsets;

/**
 * The type of a column. Values are of one Java type per kind, {@link Kind#javaType}; the value that
 * stands for another of the same meaning (a {@code Long} for an {@code Integer}, {@code 1.50} for
 * {@code 1.5} in a {@code numeric(9,2)}) is called canonical.
 *
 * <p>One exception: SQLite stores anything anywhere, and Postgres has a {@code numeric} NaN. A
 * value that does not fit its column's type is read as a {@code String}, its text. It prints as
 * that text, and {@link #check} refuses it.
 *
 * <p>None of the methods takes or returns null: NULL is the column's affair, see {@link
 * io.cachewright.jdbc.Column}.
 */
public sealed interface ColumnType
    permits ArrayType,
        BooleanType,
        BytesType,
        DateType,
        DecimalType,
        DoubleType,
        EnumType,
        FloatType,
        IntegerType,
        JsonType,
        OtherType,
        TextType,
        TimeType,
        TimestampType,
        TimestampTzType,
        UuidType {

  Kind kind();

  /** The type as the database names it: {@code character varying(20)}. */
  String sqlName();

  /**
   * The canonical value of one given from Java.
   *
   * @throws io.cachewright.BadValueException if the column cannot hold it; says what it can hold
   */
  Object check(Object value);

  /**
   * Whether each value of {@link Kind#javaType} that {@link #check} does not refuse is canonical,
   * and is returned as it is.
   */
  default boolean keepsValues() {
    return false;
  }

  /**
   * The canonical value that this text means: text as Postgres prints it.
   *
   * @throws io.cachewright.BadValueException if the column cannot hold it; says what it can hold
   */
  Object parse(String text);

  /** The value as Postgres prints it; timestamps as ISO 8601. */
  default String print(Object value) {
    return value.toString();
  }

  /**
   * As {@link #parse(String)}, of text in UTF-8. Bytes ({@link Kind#BYTES}) are taken raw; the
   * array is then the value, and not to be changed.
   */
  default Object parse(byte[] text) {
    return parse(Values.text(text));
  }

  /** As {@link #print}, in UTF-8. Bytes are returned raw: the value itself, not to be changed. */
  default byte[] printBytes(Object value) {
    return print(value).getBytes(StandardCharsets.UTF_8);
  }
}

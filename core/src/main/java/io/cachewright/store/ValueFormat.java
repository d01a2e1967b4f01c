// SPDX-License-Identifier: Apache-2.0
package io.cachewright.store;

import io.cachewright.BadValueException;
import io.cachewright.Columns;
import io.cachewright.Increment;
import io.cachewright.Row;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of values: of those a {@link Row} can hold, and of rows. The only place that knows
 * them.
 *
 * <pre>
 *   tag  value        what follows the tag
 *     1  null         nothing
 *     2  false        nothing
 *     3  true         nothing
 *     4  Long         number
 *     5  BigDecimal   scale: number; unscaled value: number
 *     6  BigDecimal   scale: number; unscaled value: bytes, two's complement, highest first
 *     7  Float        its 4 bytes
 *     8  Double       its 8 bytes
 *     9  String       text
 *    10  byte[]       bytes
 *    11  LocalDate    days since 1970-01-01: number
 *    12  LocalTime    nanoseconds of the day: count
 *    13  LocalDateTime  days: number; nanoseconds of the day: count
 *    14  OffsetDateTime as LocalDateTime; its offset in seconds: number
 *    15  UUID         its two longs, the most significant first
 *    16  List         size: count; that many values
 *    17  Row          columns it says something of: count; for each its name: text, and its value
 *    18  Increment    what it adds: a value of tag 4, 5 or 6
 *
 *   count   7 bits to a byte, the lowest first; the top bit says that more follow
 *   number  a count of (n &lt;&lt; 1) ^ (n &gt;&gt; 63)
 *   bytes   a count of them, then themselves;  text  the same, of UTF-8
 * </pre>
 *
 * Example: {@code {id=7, name="Ann"}} is
 *
 * <pre>  11 02  02 69 64  04 0e  04 6e 61 6d 65  09 03 41 6e 6e</pre>
 *
 * <p>Rows carry the names of their columns, so that what waits in a journal means the same after
 * the table has changed.
 */
public final class ValueFormat {
  private static final int NULL = 1;
  private static final int FALSE = 2;
  private static final int TRUE = 3;
  private static final int LONG = 4;
  private static final int SMALL_DECIMAL = 5;
  private static final int DECIMAL = 6;
  private static final int FLOAT = 7;
  private static final int DOUBLE = 8;
  private static final int TEXT = 9;
  private static final int BYTES = 10;
  private static final int DATE = 11;
  private static final int TIME = 12;
  private static final int DATE_TIME = 13;
  private static final int OFFSET_DATE_TIME = 14;
  private static final int UNIQUE_ID = 15;
  private static final int LIST = 16;
  private static final int ROW = 17;
  private static final int INCREMENT = 18;

  /** Lists in lists: more is no value of ours, and would use up the stack. */
  private static final int DEPTH_MAX = 32;

  private ValueFormat() {}

  /** Whether {@link #write} takes values of this class. */
  public static boolean has(Class<?> type) {
    return type == Long.class
        || type == String.class
        || type == Boolean.class
        || type == BigDecimal.class
        || type == Double.class
        || type == Float.class
        || type == byte[].class
        || type == LocalDate.class
        || type == LocalTime.class
        || type == LocalDateTime.class
        || type == OffsetDateTime.class
        || type == UUID.class
        || type == List.class
        || type == Increment.class
        || type == Row.class;
  }

  /**
   * @throws BadValueException if the value is of a class that is not in the table above
   */
  public static void write(@Nullable Object value, ByteSink out) {
    if (value == null) {
      out.writeByte(NULL);
    } else if (value instanceof Long number) {
      out.writeByte(LONG);
      out.writeNumber(number);
    } else if (value instanceof String text) {
      out.writeByte(TEXT);
      out.writeText(text);
    } else if (value instanceof Boolean truth) {
      out.writeByte(truth ? TRUE : FALSE);
    } else if (value instanceof BigDecimal decimal) {
      writeDecimal(decimal, out);
    } else if (value instanceof LocalDateTime time) {
      out.writeByte(DATE_TIME);
      writeDateTime(time, out);
    } else if (value instanceof Row row) {
      writeRow(row, out);
    } else {
      writeRare(value, out);
    }
  }

  private static void writeRare(Object value, ByteSink out) {
    if (value instanceof Float number) {
      out.writeByte(FLOAT);
      out.writeInt(Float.floatToRawIntBits(number));
    } else if (value instanceof Double number) {
      out.writeByte(DOUBLE);
      out.writeLong(Double.doubleToRawLongBits(number));
    } else if (value instanceof byte[] bytes) {
      out.writeByte(BYTES);
      out.writeBytes(bytes);
    } else if (value instanceof LocalDate date) {
      out.writeByte(DATE);
      out.writeNumber(date.toEpochDay());
    } else if (value instanceof LocalTime time) {
      out.writeByte(TIME);
      out.writeCount(time.toNanoOfDay());
    } else if (value instanceof OffsetDateTime time) {
      out.writeByte(OFFSET_DATE_TIME);
      writeDateTime(time.toLocalDateTime(), out);
      out.writeNumber(time.getOffset().getTotalSeconds());
    } else if (value instanceof UUID id) {
      out.writeByte(UNIQUE_ID);
      out.writeLong(id.getMostSignificantBits());
      out.writeLong(id.getLeastSignificantBits());
    } else if (value instanceof List<?> list) {
      out.writeByte(LIST);
      out.writeCount(list.size());
      list.forEach(each -> write(each, out));
    } else if (value instanceof Increment increment) {
      out.writeByte(INCREMENT);
      write(increment.by(), out);
    } else {
      throw new BadValueException(
          value.getClass().getName() + " cannot be written to the journal: " + value);
    }
  }

  private static void writeDecimal(BigDecimal decimal, ByteSink out) {
    BigInteger unscaled = decimal.unscaledValue();
    boolean small = unscaled.bitLength() < Long.SIZE;
    out.writeByte(small ? SMALL_DECIMAL : DECIMAL);
    out.writeNumber(decimal.scale());
    if (small) {
      out.writeNumber(unscaled.longValue());
    } else {
      out.writeBytes(unscaled.toByteArray());
    }
  }

  private static void writeDateTime(LocalDateTime time, ByteSink out) {
    out.writeNumber(time.toLocalDate().toEpochDay());
    out.writeCount(time.toLocalTime().toNanoOfDay());
  }

  private static void writeRow(Row row, ByteSink out) {
    Columns columns = row.columns();
    int present = 0;
    for (int i = 0; i < columns.size(); i++) {
      present += row.has(i) ? 1 : 0;
    }
    out.writeByte(ROW);
    out.writeCount(present);
    for (int i = 0; i < columns.size(); i++) {
      if (row.has(i)) {
        out.writeText(columns.name(i));
        write(row.get(i), out);
      }
    }
  }

  /**
   * @param columns answers the columns of these names: so that all rows of a table can share them
   * @throws BadValueException if the bytes are no value
   */
  public static @Nullable Object read(ByteSource in, Function<List<String>, Columns> columns) {
    return read(in, columns, 0);
  }

  private static @Nullable Object read(
      ByteSource in, Function<List<String>, Columns> columns, int depth) {
    int tag = in.readByte();
    return switch (tag) {
      case NULL -> null;
      case FALSE -> false;
      case TRUE -> true;
      case LONG -> in.readNumber();
      case SMALL_DECIMAL, DECIMAL -> readDecimal(in, tag);
      case FLOAT -> Float.intBitsToFloat(in.readInt());
      case DOUBLE -> Double.longBitsToDouble(in.readLong());
      case TEXT -> in.readText();
      case BYTES -> in.readBytes();
      case DATE, TIME, DATE_TIME, OFFSET_DATE_TIME -> readTemporal(in, tag);
      case UNIQUE_ID -> new UUID(in.readLong(), in.readLong());
      case LIST -> readList(in, columns, depth + 1);
      case ROW -> readRow(in, columns, depth + 1);
      case INCREMENT -> readIncrement(in);
      default -> throw in.broken("no value has tag " + tag);
    };
  }

  private static BigDecimal readDecimal(ByteSource in, int tag) {
    long scale = in.readNumber();
    if (scale != (int) scale) {
      throw in.broken("no decimal has scale " + scale);
    }
    if (tag == SMALL_DECIMAL) {
      return BigDecimal.valueOf(in.readNumber(), (int) scale);
    }
    byte[] unscaled = in.readBytes();
    if (unscaled.length == 0) {
      throw in.broken("a decimal has no digits");
    }
    return new BigDecimal(new BigInteger(unscaled), (int) scale);
  }

  private static Increment readIncrement(ByteSource in) {
    int tag = in.readByte();
    return switch (tag) {
      case LONG -> Increment.of(in.readNumber());
      case SMALL_DECIMAL, DECIMAL -> Increment.of(readDecimal(in, tag));
      default -> throw in.broken("no increment is by a value of tag " + tag);
    };
  }

  private static Object readTemporal(ByteSource in, int tag) {
    try {
      if (tag == TIME) {
        return LocalTime.ofNanoOfDay(in.readCount());
      }
      LocalDate date = LocalDate.ofEpochDay(in.readNumber());
      if (tag == DATE) {
        return date;
      }
      LocalDateTime time = LocalDateTime.of(date, LocalTime.ofNanoOfDay(in.readCount()));
      return tag == DATE_TIME
          ? time
          : OffsetDateTime.of(time, ZoneOffset.ofTotalSeconds(Math.toIntExact(in.readNumber())));
    } catch (DateTimeException | ArithmeticException e) {
      throw in.broken("no date or time: " + e.getMessage());
    }
  }

  private static List<@Nullable Object> readList(
      ByteSource in, Function<List<String>, Columns> columns, int depth) {
    checkDepth(in, depth);
    int size = in.readSize();
    List<@Nullable Object> list = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      list.add(read(in, columns, depth));
    }
    return Collections.unmodifiableList(list);
  }

  private static Row readRow(ByteSource in, Function<List<String>, Columns> columns, int depth) {
    checkDepth(in, depth);
    int size = in.readSize();
    List<String> names = new ArrayList<>(size);
    @Nullable Object[] values = new Object[size];
    for (int i = 0; i < size; i++) {
      names.add(in.readText());
      values[i] = read(in, columns, depth);
    }
    return Row.ofAll(columns.apply(names), values);
  }

  private static void checkDepth(ByteSource in, int depth) {
    if (depth > DEPTH_MAX) {
      throw in.broken("lists in lists, more than " + DEPTH_MAX + " deep");
    }
  }
}

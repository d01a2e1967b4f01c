// SPDX-License-Identifier: Apache-2.0
package io.cachewright.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cachewright.BadValueException;
import io.cachewright.Columns;
import io.cachewright.Increment;
import io.cachewright.LimitException;
import io.cachewright.Row;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ValueFormatTest {
  private static final int BYTES_MAX = 1 << 20;

  /** One and more of each kind, with the ends of its range. */
  private static final List<@Nullable Object> VALUES =
      Collections.unmodifiableList(
          Arrays.asList(
              null,
              true,
              false,
              0L,
              -1L,
              63L,
              64L,
              Long.MAX_VALUE,
              Long.MIN_VALUE,
              new BigDecimal("0"),
              new BigDecimal("-12.340"),
              new BigDecimal("9223372036854775807"),
              new BigDecimal("-9223372036854775808.1"),
              new BigDecimal("1E+30"),
              1.5f,
              Float.NaN,
              -0.0,
              Double.MIN_VALUE,
              Double.POSITIVE_INFINITY,
              "",
              "Ann",
              "Zoë, 猫, 😀, \0",
              "x".repeat(1_000),
              "ü".repeat(1_000),
              LocalDate.MIN,
              LocalDate.MAX,
              LocalDate.of(2026, 11, 22),
              LocalTime.MIDNIGHT,
              LocalTime.MAX,
              LocalDateTime.MIN,
              LocalDateTime.MAX,
              OffsetDateTime.MIN,
              OffsetDateTime.MAX,
              OffsetDateTime.of(2026, 1, 31, 23, 59, 59, 1, ZoneOffset.UTC),
              new UUID(1, -1),
              List.of(),
              Arrays.asList(1L, null, List.of("a")),
              Increment.of(1),
              Increment.of(Long.MIN_VALUE),
              Increment.of(new BigDecimal("-0.50")),
              Increment.of(new BigDecimal("1E+30")),
              Row.empty(Columns.of()),
              Row.ofAll(Columns.of("id", "name"), 7L, null)));

  @Test
  void golden_bytes_of_the_example() {
    Row row = Row.ofAll(Columns.of("id", "name"), 7L, "Ann");
    assertEquals("1102" + "026964040e" + "046e616d650903416e6e", hex(written(row)));
  }

  @Test
  void golden_bytes_of_every_tag() {
    assertEquals("01", hex(written(null)));
    assertEquals("02", hex(written(false)));
    assertEquals("03", hex(written(true)));
    assertEquals("04ac02", hex(written(150L)));
    assertEquals("050489" + "01", hex(written(new BigDecimal("-0.69"))));
    assertEquals("060009ff0000000000000000", hex(written(new BigDecimal("-18446744073709551616"))));
    assertEquals("070000c03f", hex(written(1.5f)));
    assertEquals("08000000000000f83f", hex(written(1.5)));
    assertEquals("0902c3bc", hex(written("ü")));
    assertEquals("0a0200ff", hex(written(new byte[] {0, -1})));
    assertEquals("0b02", hex(written(LocalDate.of(1970, 1, 2))));
    assertEquals("0c80a8d6b907", hex(written(LocalTime.of(0, 0, 2))));
    assertEquals("0d0100", hex(written(LocalDateTime.of(1969, 12, 31, 0, 0))));
    assertEquals(
        "0e0000a038",
        hex(written(OffsetDateTime.of(1970, 1, 1, 0, 0, 0, 0, ZoneOffset.ofHours(1)))));
    assertEquals("0f" + "0100000000000000" + "0200000000000000", hex(written(new UUID(1, 2))));
    assertEquals("10020402" + "01", hex(written(Arrays.asList(1L, null))));
    assertEquals("120402", hex(written(Increment.of(1))));
    assertEquals("12050489" + "01", hex(written(Increment.of(new BigDecimal("-0.69")))));
  }

  @Test
  void what_is_written_is_read() {
    for (Object value : VALUES) {
      assertEquals(value, read(written(value)));
    }
    byte[] bytes = {0, 1, -1};
    assertArrayEquals(bytes, (byte[]) read(written(bytes)));
  }

  @Test
  void decimals_keep_their_scale() {
    assertEquals("12.340", String.valueOf(read(written(new BigDecimal("12.340")))));
    assertEquals("1E+3", String.valueOf(read(written(new BigDecimal("1E+3")))));
  }

  @Test
  void a_row_is_read_with_the_columns_it_says_something_of() {
    Columns columns = Columns.of("id", "name", "bio");
    Row row = Row.empty(columns).with("name", "Ann").with("bio", null);
    assertEquals(Row.ofAll(Columns.of("name", "bio"), "Ann", null), read(written(row)));
  }

  @Test
  void cut_at_every_byte_it_is_an_error_and_nothing_else() {
    for (Object value : VALUES) {
      byte[] whole = written(value);
      for (int length = 0; length < whole.length; length++) {
        byte[] cut = Arrays.copyOf(whole, length);
        assertThrows(BadValueException.class, () -> read(cut), () -> "cut: " + hex(cut));
      }
    }
  }

  @Test
  void random_bytes_are_a_value_or_an_error() {
    Random random = new Random(7);
    for (int i = 0; i < 200_000; i++) {
      byte[] bytes = new byte[1 + random.nextInt(24)];
      random.nextBytes(bytes);
      bytes[0] = (byte) random.nextInt(20);
      try {
        read(bytes);
      } catch (BadValueException e) {
        assertTrue(String.valueOf(e.getMessage()).contains("at byte"), e.getMessage());
      }
    }
  }

  @Test
  void lists_nested_without_end_are_refused() {
    byte[] bytes = new byte[100_000];
    for (int i = 0; i < bytes.length; i += 2) {
      bytes[i] = 16;
      bytes[i + 1] = 1;
    }
    BadValueException error = assertThrows(BadValueException.class, () -> read(bytes));
    assertTrue(String.valueOf(error.getMessage()).contains("more than 32 deep"));
  }

  @Test
  void a_value_of_a_class_it_does_not_have_is_refused() {
    BadValueException error =
        assertThrows(BadValueException.class, () -> written(Thread.State.NEW));
    assertTrue(String.valueOf(error.getMessage()).contains("java.lang.Thread$State"));
  }

  @Test
  void what_is_larger_than_the_bound_is_refused() {
    ByteSink out = new ByteSink(1_000);
    LimitException error =
        assertThrows(LimitException.class, () -> ValueFormat.write("x".repeat(1_001), out));
    assertTrue(String.valueOf(error.getMessage()).contains("1000"));
  }

  private static byte[] written(@Nullable Object value) {
    ByteSink out = new ByteSink(BYTES_MAX);
    ValueFormat.write(value, out);
    return out.toByteArray();
  }

  private static @Nullable Object read(byte[] bytes) {
    ByteSource in = new ByteSource(ByteBuffer.wrap(bytes));
    Object value = ValueFormat.read(in, Columns::of);
    if (!in.isAtEnd()) {
      throw in.broken("more bytes than the value has");
    }
    return value;
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}

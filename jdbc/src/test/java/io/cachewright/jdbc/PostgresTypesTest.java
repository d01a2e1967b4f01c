// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static io.cachewright.jdbc.TestDatabase.load;
import static io.cachewright.jdbc.TestDatabase.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.BadValueException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PostgresTypesTest extends TypesContract {
  private static final UUID ID = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");

  @Override
  TestDatabase create() {
    TestPostgres postgres = TestPostgres.create();
    postgres.run(
        "create extension citext",
        "create type mood as enum ('sad', 'ok', 'very happy')",
        "create schema other",
        "create type other.\"Size\" as enum ('S', 'M')",
        "create domain euro as numeric(9,2) check (value >= 0)",
        "create domain short_text as varchar(3)",
        "create domain nested as short_text");
    return postgres;
  }

  private static OffsetDateTime at(String text) {
    return OffsetDateTime.parse(text);
  }

  private static BigDecimal dec(String text) {
    return new BigDecimal(text);
  }

  @Override
  List<TypeCase> good() {
    return Stream.of(numbers(), texts(), times(), others(), arrays())
        .flatMap(List::stream)
        .toList();
  }

  private static List<TypeCase> numbers() {
    return List.of(
        TypeCase.of("smallint", (short) -7, -7L, "-7"),
        TypeCase.of("int", 2147483647, 2147483647L, "2147483647"),
        TypeCase.of("bigint", Long.MIN_VALUE, "-9223372036854775808"),
        TypeCase.of("bigint", BigInteger.TEN, 10L, "10"),
        TypeCase.of("oid", 4294967295L, "4294967295"),
        TypeCase.of(
            "numeric", dec("12345678901234567890.123456789"), "12345678901234567890.123456789"),
        TypeCase.of("numeric", dec("92233720368547758.07"), "92233720368547758.07"),
        TypeCase.of("numeric", dec("92233720368547758.08"), "92233720368547758.08"),
        TypeCase.of("numeric", dec("-9223372036854775808"), "-9223372036854775808"),
        TypeCase.of("numeric", dec("-9223372036854775809"), "-9223372036854775809"),
        TypeCase.of("numeric(9,2)", dec("1.005"), dec("1.01"), "1.01"),
        TypeCase.of("numeric(9,2)", 7, dec("7.00"), "7.00"),
        TypeCase.of("numeric(9,2)", 0.1, dec("0.10"), "0.10"),
        TypeCase.of("numeric", dec("1E+3"), dec("1000"), "1000"),
        TypeCase.of("numeric(3,5)", dec("0.00999"), "0.00999"),
        TypeCase.of("real", 1.5f, "1.5"),
        TypeCase.of("real", Float.NaN, "NaN"),
        TypeCase.of("real", 1e10f, "1e+10"),
        TypeCase.of("double precision", 0.1, "0.1"),
        TypeCase.of("double precision", 3, 3.0, "3"),
        TypeCase.of("double precision", 1.5e-7, "1.5e-07"),
        TypeCase.of("double precision", Double.NEGATIVE_INFINITY, "-Infinity"));
  }

  private static List<TypeCase> texts() {
    return List.of(
        TypeCase.of("boolean", true, "true"),
        TypeCase.of("boolean", false, "false"),
        TypeCase.of("text", "it's \"ä\" \\ 😀 {}", "it's \"ä\" \\ 😀 {}"),
        TypeCase.of("text", "", ""),
        TypeCase.of("varchar(3)", "😀😀😀", "😀😀😀"),
        TypeCase.of("char(4)", "ab", "ab  ", "ab  "),
        TypeCase.of("name", "pg", "pg"),
        TypeCase.of("citext", "Ann", "Ann"));
  }

  private static List<TypeCase> times() {
    return List.of(
        TypeCase.of("date", LocalDate.of(2026, 1, 31), "2026-01-31"),
        TypeCase.of("date", LocalDate.of(-43, 3, 15), "0044-03-15 BC"),
        TypeCase.of("date", LocalDate.of(12026, 1, 1), "12026-01-01"),
        TypeCase.of("date", LocalDate.of(-4713, 11, 24), "4714-11-24 BC"),
        TypeCase.of("date", LocalDate.of(5_874_897, 12, 31), "5874897-12-31"),
        TypeCase.of("date", LocalDate.MAX, "infinity"),
        TypeCase.of("time", LocalTime.of(23, 59, 59, 500_000_000), "23:59:59.5"),
        TypeCase.of("time", LocalTime.MAX, "24:00:00"),
        TypeCase.of(
            "time(0)", LocalTime.of(1, 2, 3, 600_000_000), LocalTime.of(1, 2, 4), "01:02:04"),
        TypeCase.of("timestamp", LocalDateTime.parse("2026-01-31T00:00"), "2026-01-31T00:00:00"),
        TypeCase.of(
            "timestamp",
            LocalDateTime.parse("2026-01-31T00:00:00.123456789"),
            LocalDateTime.parse("2026-01-31T00:00:00.123457"),
            "2026-01-31T00:00:00.123457"),
        TypeCase.of("timestamp", LocalDateTime.of(-4713, 11, 24, 0, 0), "4714-11-24T00:00:00 BC"),
        TypeCase.of(
            "timestamp",
            LocalDateTime.parse("+294276-12-31T23:59:59.999999"),
            "294276-12-31T23:59:59.999999"),
        TypeCase.of("timestamp", LocalDateTime.MIN, "-infinity"),
        TypeCase.of("timestamptz", at("2026-01-31T10:00:00.5Z"), "2026-01-31T10:00:00.5Z"),
        TypeCase.of(
            "timestamptz",
            at("2026-01-31T10:00:00+02:00"),
            at("2026-01-31T08:00:00Z"),
            "2026-01-31T08:00:00Z"),
        TypeCase.of(
            "timestamptz(0)", Instant.EPOCH, at("1970-01-01T00:00:00Z"), "1970-01-01T00:00:00Z"),
        TypeCase.of("timestamptz", at("-0043-03-15T00:00:00Z"), "0044-03-15T00:00:00Z BC"),
        TypeCase.of("timestamptz", at("-4713-11-24T00:00:00Z"), "4714-11-24T00:00:00Z BC"),
        TypeCase.of(
            "timestamptz", at("+294276-12-31T23:59:59.999999Z"), "294276-12-31T23:59:59.999999Z"),
        TypeCase.of("timestamptz", OffsetDateTime.MAX, "infinity"));
  }

  private static List<TypeCase> others() {
    return List.of(
        TypeCase.of("uuid", ID, ID.toString()),
        TypeCase.of("bytea", new byte[] {0, 1, (byte) 0xff}, "\\x0001ff"),
        TypeCase.of("json", "{\"a\": [1, \"\\u00e4\", null]}", "{\"a\": [1, \"\\u00e4\", null]}"),
        TypeCase.of(
            "jsonb",
            "{\"a\": [1, 2.5e3, true]}".replace("2.5e3", "2500"),
            "{\"a\": [1, 2500, true]}"),
        TypeCase.of("mood", "very happy", "very happy"),
        TypeCase.of("other.\"Size\"", "M", "M"),
        TypeCase.of("euro", dec("3"), dec("3.00"), "3.00"),
        TypeCase.of("nested", "abc", "abc"),
        TypeCase.of("inet", "10.0.0.1/8", "10.0.0.1/8"),
        TypeCase.of("interval", "1 day 02:03:04", "1 day 02:03:04"),
        TypeCase.of("bit(4)", "1010", "1010"),
        TypeCase.of("xml", "<a>b</a>", "<a>b</a>"),
        TypeCase.of("int4range", "[1,5)", "[1,5)"),
        TypeCase.of("timetz", "10:00:00+02", "10:00:00+02"),
        TypeCase.of("timetz", "24:00:00+00", "24:00:00+00"),
        TypeCase.of("timetz[]", List.of("10:00:00+02"), "{10:00:00+02}"),
        TypeCase.of("point", "(1,2)", "(1,2)"),
        TypeCase.of("box", "(3,4),(1,2)", "(3,4),(1,2)"),
        TypeCase.of("point[]", List.of("(1,2)"), "{\"(1,2)\"}"),
        TypeCase.of("money", "$1,234.50", "$1,234.50"));
  }

  private static List<TypeCase> arrays() {
    return List.of(
        TypeCase.of("int[]", List.of(1, 2), List.of(1L, 2L), "{1,2}"),
        TypeCase.of("int[]", new int[] {1, 2}, List.of(1L, 2L), "{1,2}"),
        TypeCase.of("int[]", List.of(), "{}"),
        TypeCase.of("int[]", Arrays.asList(1, null), Arrays.asList(1L, null), "{1,NULL}"),
        TypeCase.of(
            "int[][]",
            List.of(List.of(1, 2), List.of(3, 4)),
            List.of(List.of(1L, 2L), List.of(3L, 4L)),
            "{{1,2},{3,4}}"),
        TypeCase.of(
            "text[]",
            List.of("a b", "", "null", "q\"\\", "{,}"),
            "{\"a b\",\"\",\"null\",\"q\\\"\\\\\",\"{,}\"}"),
        TypeCase.of("uuid[]", List.of(ID), "{" + ID + "}"),
        TypeCase.of("numeric(9,2)[]", List.of(dec("1")), List.of(dec("1.00")), "{1.00}"),
        TypeCase.of("timestamptz[]", List.of(at("2026-01-31T10:00:00Z")), "{2026-01-31T10:00:00Z}"),
        TypeCase.of("mood[]", List.of("ok", "very happy"), "{ok,\"very happy\"}"),
        TypeCase.of("boolean[]", List.of(true, false), "{true,false}"));
  }

  @Override
  String shown(String column) {
    return column + "::text";
  }

  @Override
  List<TypeCase> bad() {
    return List.of(
        TypeCase.of("smallint", 32768, "-32768 to 32767"),
        TypeCase.of("int", 2147483648L, "2147483647"),
        TypeCase.of("int", "abc", "whole numbers"),
        TypeCase.of("int", "", "whole numbers"),
        TypeCase.of("int", 1.5, "Long"),
        TypeCase.of("bigint", "9223372036854775808", "whole numbers"),
        TypeCase.of("numeric(5,2)", dec("1000"), "3 digits before the point"),
        TypeCase.of("numeric(5,2)", dec("999.999"), "3 digits before the point"),
        TypeCase.of("numeric", "1e999999999", "decimal numbers"),
        TypeCase.of("numeric", "Infinity", "can only be read"),
        TypeCase.of("numeric(5,2)", Double.NaN, "can only be read"),
        TypeCase.of("real", 1e300, "3.4e38"),
        TypeCase.of("double precision", "1d", "numbers"),
        TypeCase.of("boolean", "maybe", "true and false"),
        TypeCase.of("text", "a\0b", "NUL"),
        TypeCase.of("text", "\ud800", "surrogates"),
        TypeCase.of("text", 7, "String"),
        TypeCase.of("varchar(3)", "abcd", "up to 3 characters; this one has 4"),
        TypeCase.of("char(3)", "abcd", "up to 3 characters"),
        TypeCase.of("date", "31.1.2026", "2026-01-31"),
        TypeCase.of("date", "2026-02-30", "2026-01-31"),
        TypeCase.of("time", "25:00", "times"),
        TypeCase.of("timestamp", Instant.EPOCH, "no time zone"),
        TypeCase.of("timestamptz", "2026-01-31T10:00:00", "with their zone"),
        TypeCase.of("timestamptz", LocalDateTime.MIN, "Instant"),
        TypeCase.of("timestamp", LocalDateTime.of(300_000, 1, 1, 0, 0), "294276-12-31"),
        TypeCase.of("timestamp", LocalDateTime.of(-4713, 11, 23, 23, 59), "4714-11-24 BC"),
        TypeCase.of("timestamp", "294276-12-31T23:59:59.9999999", "to 294276-12-31"),
        TypeCase.of("timestamptz", at("+294276-12-31T23:59:59-01:00"), "to 294276-12-31"),
        TypeCase.of("timestamptz", OffsetDateTime.MIN.plusSeconds(1), "from 4714-11-24 BC"),
        TypeCase.of("timestamptz", Instant.MAX, "to 294276-12-31"),
        TypeCase.of("date", LocalDate.of(-4713, 11, 23), "4714-11-24 BC"),
        TypeCase.of("uuid", "1-1-1-1-1", "UUIDs"),
        TypeCase.of("bytea", "abc", "bytes"),
        TypeCase.of("json", "{\"a\":}", "from character 6"),
        TypeCase.of("jsonb", "[1,2", "JSON"),
        TypeCase.of("mood", "sadd", "[sad, ok, very happy]"),
        TypeCase.of("euro", dec("12345678"), "7 digits before"),
        TypeCase.of("nested", "abcd", "up to 3"),
        TypeCase.of("int[]", List.of("a"), "Long"),
        TypeCase.of("int[]", List.of(List.of(1), List.of(1, 2)), "one size"),
        TypeCase.of("int[]", "{1,", "arrays such as"));
  }

  @Test
  void whatPostgresPrintsIsParsed() {
    database.run("create table p (id int primary key, t timestamptz, d timestamp, n numeric)");
    TableStore store = database.open().table("p");
    assertThat(store.table().column("t").parse("2026-01-31 10:00:00.5+02"))
        .isEqualTo(at("2026-01-31T08:00:00.5Z"));
    assertThat(store.table().column("d").parse("2026-01-31 10:00:00"))
        .isEqualTo(LocalDateTime.parse("2026-01-31T10:00:00"));
  }

  @Test
  void aNumericThatIsNoNumberIsReadAsItsText() {
    database.run(
        "create table nan (id int primary key, n numeric)", "insert into nan values (1, 'NaN')");
    TableStore store = database.open().table("nan");
    assertThat(load(store, 1L).get("n")).isEqualTo("NaN");
    assertThatThrownBy(() -> put(store, 2L, "n", load(store, 1L).get("n")))
        .isInstanceOf(BadValueException.class)
        .hasMessageContaining("public.nan.n: 'NaN' does not fit numeric")
        .hasMessageContaining("can only be read");
    assertThat(put(store, 1L, "n", dec("1")).value().get("n")).isEqualTo(dec("1"));
  }

  @Test
  void keysOfEveryKindThatCanBeOneAreFoundAgain() {
    List<TypeCase> keys =
        List.of(
            TypeCase.of("smallint", 7L, "7"),
            TypeCase.of("numeric", dec("1.50"), dec("1.5"), "1.5"),
            TypeCase.of("numeric(9,2)", dec("100"), dec("100"), "100"),
            TypeCase.of("varchar(9)", "a:b%", "a%3Ab%25"),
            TypeCase.of("char(4)", "ab", "ab  ", "ab  "),
            TypeCase.of("mood", "very happy", "very happy"),
            TypeCase.of("date", LocalDate.of(2026, 1, 31), "2026-01-31"),
            TypeCase.of("boolean", true, "true"),
            TypeCase.of("timestamptz", at("2026-01-31T10:00:00Z"), "2026-01-31T10%3A00%3A00Z"),
            TypeCase.of("uuid", ID, ID.toString()),
            TypeCase.of("nested", "abc", "abc"));
    for (int i = 0; i < keys.size(); i++) {
      TypeCase each = keys.get(i);
      database.run(
          "create table k" + i + " (id " + each.sqlType() + " primary key, v int)",
          "create table kk"
              + i
              + " (a int, id "
              + each.sqlType()
              + ", v int, primary key (id, a))");
      TableStore one = database.open().table("k" + i);
      Object key = one.table().checkKey(each.given());
      assertThat(key).as(each.sqlType()).isEqualTo(each.canonical());
      assertThat(one.table().printKey(key)).isEqualTo(each.text());
      assertThat(one.table().parseKey(each.text())).isEqualTo(key);
      byte[] named = ("k:" + each.text()).getBytes(StandardCharsets.UTF_8);
      assertThat(one.table().parseKey(named, 2)).isEqualTo(key);
      assertThat(put(one, key, "v", 1).existed()).isFalse();
      assertThat(put(one, key, "v", 2).existed()).isTrue();
      assertThat(load(one, key).get("v")).isEqualTo(2L);
      assertThat(one.load(List.of(key))).hasSize(1);

      TableStore two = database.open().table("kk" + i);
      Object pair = two.table().checkKey(List.of(each.given(), 3));
      assertThat(put(two, pair, "v", 1).existed()).isFalse();
      Object absent = two.table().checkKey(List.of(each.given(), 4));
      assertThat(two.load(List.of(pair, absent))).containsOnlyKeys(pair);
    }
  }
}

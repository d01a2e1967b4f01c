// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static io.cachewright.jdbc.TestDatabase.load;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.BadValueException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteTypesTest extends TypesContract {
  private static final UUID ID = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");

  @TempDir static Path folder;

  @Override
  TestDatabase create() {
    return new TestSqlite(folder.resolve("types.db"));
  }

  @Override
  List<TypeCase> good() {
    return List.of(
        TypeCase.of("INTEGER", 7, 7L, "7"),
        TypeCase.of("BIGINT", Long.MAX_VALUE, "9223372036854775807"),
        TypeCase.of("BOOLEAN", true, "true"),
        TypeCase.of("BOOLEAN", false, "false"),
        TypeCase.of("TEXT", "it's ä 😀", "it's ä 😀"),
        TypeCase.of("TEXT", "007", "007"),
        TypeCase.of("VARCHAR(3)", "abcd", "abcd"),
        TypeCase.of("REAL", 1.5, "1.5"),
        TypeCase.of("DOUBLE", 1e300, "1e+300"),
        TypeCase.of("DECIMAL(10,2)", new BigDecimal("1.1"), new BigDecimal("1.10"), "1.10"),
        TypeCase.of("NUMERIC", new BigDecimal("0.1"), "0.1"),
        TypeCase.of("BLOB", new byte[] {0, (byte) 0xff}, "\\x00ff"),
        TypeCase.of("DATE", LocalDate.of(2026, 1, 31), "2026-01-31"),
        TypeCase.of("TIME", LocalTime.of(1, 2, 3), "01:02:03"),
        TypeCase.of(
            "DATETIME", LocalDateTime.parse("2026-01-31T00:00:00.5"), "2026-01-31T00:00:00.5"),
        TypeCase.of("TIMESTAMP", LocalDateTime.parse("2026-01-31T10:00"), "2026-01-31T10:00:00"),
        TypeCase.of(
            "TIMESTAMPTZ", OffsetDateTime.parse("2026-01-31T10:00:00Z"), "2026-01-31T10:00:00Z"),
        TypeCase.of("UUID", ID, ID.toString()),
        TypeCase.of("JSON", "{\"a\":1}", "{\"a\":1}"));
  }

  @Override
  String shown(String column) {
    return "typeof(" + column + ") || quote(" + column + ")";
  }

  @Override
  List<TypeCase> bad() {
    return List.of(
        TypeCase.of("INTEGER", "abc", "whole numbers"),
        TypeCase.of("DECIMAL", new BigDecimal("0.1234567890123456"), "15 digits"),
        TypeCase.of("REAL", Double.NaN, "NULL"),
        TypeCase.of("DATE", LocalDate.of(12026, 1, 1), "9999"),
        TypeCase.of("UUID", "x", "UUIDs"));
  }

  @Test
  void aStoredValueThatDoesNotFitItsColumnIsReadAsItsText() {
    database.run(
        "create table odd (id INTEGER PRIMARY KEY, i INTEGER, b BOOLEAN, d DATE, t TIMESTAMP)",
        "insert into odd values (1, 'many', 'perhaps', 1700000000, 'soon')");
    TableStore store = database.open().table("odd");
    assertThat(load(store, 1L).toMap())
        .containsEntry("i", "many")
        .containsEntry("b", "perhaps")
        .containsEntry("d", "1700000000")
        .containsEntry("t", "soon");
    assertThat(store.table().column("i").print(load(store, 1L).get("i"))).isEqualTo("many");
    assertThatThrownBy(() -> store.table().column("i").check("many"))
        .isInstanceOf(BadValueException.class);
  }

  @Test
  void datesAreStoredAsSqlitesOwnFunctionsWriteThem() {
    database.run("create table own (id INTEGER PRIMARY KEY, t DATETIME)");
    TableStore store = database.open().table("own");
    TestDatabase.put(store, 1L, "t", LocalDateTime.parse("2026-01-31T10:00"));
    assertThat(database.ask("select t = datetime('2026-01-31 10:00:00') from own"))
        .containsExactly("1");
  }
}

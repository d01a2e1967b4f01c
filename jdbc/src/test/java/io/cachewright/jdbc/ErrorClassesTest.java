// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorClassesTest {
  private final PostgresErrors postgres = new PostgresErrors();
  private final SqliteErrors sqlite = new SqliteErrors();

  @ParameterizedTest
  @CsvSource({
    "08000, LOST",
    "08001, LOST",
    "08003, LOST_BEFORE",
    "08006, LOST",
    "08P01, LOST",
    "57P01, LOST_BEFORE",
    "57P02, LOST_BEFORE",
    "57P03, LOST_BEFORE",
    "57P05, LOST_BEFORE",
    "25P03, LOST_BEFORE",
    "25P04, LOST_BEFORE",
    "40001, CONFLICT",
    "40P01, CONFLICT",
    "40002, REFUSED",
    "53100, PASSING",
    "53300, PASSING",
    "55P03, PASSING",
    "55006, PASSING",
    "57014, PASSING",
    "58030, PASSING",
    "25006, PASSING",
    "26000, PASSING",
    "42P05, PASSING",
    "28P01, PASSING",
    "3D000, PASSING",
    "22001, REFUSED",
    "22P02, REFUSED",
    "23505, REFUSED",
    "42501, REFUSED",
    "42P01, REFUSED",
    "0A000, REFUSED",
    "54000, REFUSED",
    "P0001, REFUSED",
    "XX000, REFUSED"
  })
  void postgresErrorsAreClassedBySqlState(String state, Fault.Kind kind) {
    assertThat(postgres.kindOf(new SQLException("connection deadlock 08006", state)))
        .isEqualTo(kind);
  }

  @Test
  void theStateOfAWrappedErrorCounts() {
    SQLException wrapped = new SQLException("pool", new SQLException("driver", "40001"));
    assertThat(postgres.kindOf(wrapped)).isEqualTo(Fault.Kind.CONFLICT);
    assertThat(postgres.kindOf(new SQLTransientConnectionException("timeout")))
        .isEqualTo(Fault.Kind.PASSING);
    assertThat(postgres.kindOf(new SQLException("?"))).isEqualTo(Fault.Kind.REFUSED);
  }

  @Test
  void theCodeIsToldOnceAlsoIfTheDriverBeginsWithIt() {
    SQLException error = new SQLException("[SQLITE_BUSY] The file is locked\n(again)", null, 5);
    assertThat(Fault.told(error, "SQLITE_BUSY"))
        .isEqualTo("The file is locked; (again) [SQLITE_BUSY]");
  }

  @Test
  void theAdviceNamesTheSettingAndNoMoreRightsThanAreNeeded() {
    assertThat(Advice.of("SQLITE_BUSY")).contains("busy_timeout", "statement-timeout");
    assertThat(Advice.of("42501")).contains("SELECT; and INSERT, UPDATE and DELETE if");
  }

  @ParameterizedTest
  @CsvSource({
    "5, PASSING, SQLITE_BUSY", "6, PASSING, SQLITE_LOCKED", "8, PASSING, SQLITE_READONLY",
    "10, PASSING, SQLITE_IOERR", "13, PASSING, SQLITE_FULL", "14, PASSING, SQLITE_CANTOPEN",
    "1, REFUSED, SQLITE_ERROR", "19, REFUSED, SQLITE_CONSTRAINT", "11, REFUSED, SQLITE_CORRUPT",
    "2067, REFUSED, SQLITE_CONSTRAINT", "517, PASSING, SQLITE_BUSY"
  })
  void sqliteErrorsAreClassedByResultCode(int code, Fault.Kind kind, String name) {
    SQLException error = new SQLException("[SQLITE_OK] nonsense", null, code);
    assertThat(sqlite.kindOf(error)).isEqualTo(kind);
    assertThat(sqlite.codeOf(error)).isEqualTo(name);
  }
}

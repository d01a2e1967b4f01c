// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqlitePromisesTest extends PromisesContract {
  @TempDir Path directory;

  @Override
  TestDatabase create() {
    return new TestSqlite(directory.resolve("test.db"));
  }

  @Override
  String checkViolation() {
    return "SQLITE_CONSTRAINT_CHECK";
  }

  @Override
  long statementsMax() {
    return 2_100; // two per new row, and BEGIN and COMMIT per batch
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteFlushTest extends RefusalContract {
  @TempDir Path folder;

  @Override
  TestDatabase create() {
    return new TestSqlite(folder.resolve("flush.db"));
  }

  @Override
  String checkViolation() {
    return "SQLITE_CONSTRAINT_CHECK";
  }
}

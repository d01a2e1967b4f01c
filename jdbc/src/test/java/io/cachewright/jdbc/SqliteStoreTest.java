// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreTest extends StoreContract {
  @TempDir Path folder;

  @Override
  TestDatabase create() {
    return new TestSqlite(folder.resolve("test.db"));
  }

  @Override
  List<String> codes() {
    return List.of(
        "SQLITE_CONSTRAINT_CHECK",
        "SQLITE_CONSTRAINT_UNIQUE",
        "SQLITE_CONSTRAINT_NOTNULL",
        "SQLITE_CONSTRAINT_FOREIGNKEY");
  }
}

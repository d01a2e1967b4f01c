// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteIncrementTest extends IncrementContract {
  @TempDir Path folder;

  @Override
  TestDatabase create() {
    return new TestSqlite(folder.resolve("increments.db"));
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteMirrorTableTest extends MirrorTableContract {
  @TempDir Path folder;

  @Override
  TestDatabase create() {
    return new TestSqlite(folder.resolve("test.db"));
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import javax.sql.DataSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

class SqliteAdditiveTest extends AdditiveContract {

  @Override
  DataSource database() {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(30_000);
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + directory.resolve("test.db"));
    return source;
  }

  @Override
  long integerMax() {
    return Long.MAX_VALUE;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

class PostgresIncrementTest extends IncrementContract {

  @Override
  TestDatabase create() {
    return TestPostgres.create();
  }
}

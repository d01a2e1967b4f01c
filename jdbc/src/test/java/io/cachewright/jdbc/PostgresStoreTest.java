// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import java.util.List;

class PostgresStoreTest extends StoreContract {

  @Override
  TestDatabase create() {
    return TestPostgres.create();
  }

  @Override
  List<String> codes() {
    return List.of("23514", "23505", "23502", "23503");
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

class PostgresMirrorTableTest extends MirrorTableContract {
  @Override
  TestDatabase create() {
    return TestPostgres.create();
  }
}

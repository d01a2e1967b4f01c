// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static io.cachewright.jdbc.TestDatabase.put;
import static io.cachewright.jdbc.TestDatabase.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.ConfigurationException;
import io.cachewright.store.Change;
import io.cachewright.store.Transaction;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PostgresStoreTest extends StoreContract {

  @Override
  TestDatabase create() {
    return TestPostgres.create();
  }

  @Override
  List<String> codes() {
    return List.of("23514", "23505", "23502", "23503");
  }

  @Test
  void parentsAndChildrenInTurnsAreTwoStatementsAndACommit() {
    List<Transaction> transactions = new ArrayList<>();
    database.run("alter table users drop column email"); // unique, and so kept in order
    jdbc = database.open();
    TableStore parents = jdbc.table("users");
    TableStore children = jdbc.table("orders");
    for (long i = 0; i < 50; i++) {
      transactions.add(Transaction.of(parents, new Change.Put<>(i, row(parents, "name", "x"))));
      transactions.add(Transaction.of(children, new Change.Put<>(i, row(children, "customer", i))));
    }
    long before = jdbc.statements();
    jdbc.apply(transactions).forEach(TestDatabase::applied);
    assertThat(jdbc.statements() - before).isEqualTo(3);
  }

  @Test
  void oneShapeIsOneStatementAndNoTransaction() {
    long before = jdbc.statements();
    fill(500);
    put(users, 1L, "name", "x");
    assertThat(jdbc.statements() - before).isEqualTo(2);
  }

  @Test
  void aTableOfAnotherDatabaseIsRefused() {
    TableStore stranger = database.open().table("users");
    Transaction transaction = Transaction.of(stranger, new Change.Remove<>(1L));
    assertThatThrownBy(() -> jdbc.apply(List.of(transaction)))
        .isInstanceOf(ConfigurationException.class);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.examples;

import io.cachewright.Cachewright;
import io.cachewright.Keyspace;
import io.cachewright.RefusedException;
import io.cachewright.jdbc.JdbcDatabase;
import java.sql.SQLException;
import java.util.Objects;
import javax.sql.DataSource;

/**
 * A cache that writes too: the database commits first, then the cache has it. An error means that
 * neither has changed.
 */
public final class WriteThrough {

  /** A row of {@code stock}. */
  public record Stock(String product, long pieces) {
    Stock less(long taken) {
      return new Stock(product, pieces - taken);
    }
  }

  /** A row of {@code orders}. */
  public record Order(long id, String product, long pieces) {}

  private WriteThrough() {}

  public static void main(String... args) throws SQLException {
    try (Sqlite sqlite = Sqlite.open()) {
      sqlite.execute(
          "create table stock (product text primary key,"
              + " pieces integer not null check (pieces >= 0))",
          "create table orders (id integer primary key, product text not null,"
              + " pieces integer not null)");
      run(sqlite, sqlite.dataSource());
    }
  }

  private static void run(Sqlite sqlite, DataSource dataSource) throws SQLException {
    try (Cachewright cache = Cachewright.builder().database(JdbcDatabase.of(dataSource)).open()) {
      // tag::write-through[]
      Keyspace<String, Stock> stock =
          cache.keyspace("stock", String.class, Stock.class).table("stock").writeThrough().open();

      stock.put("anvil", new Stock("anvil", 10)); // returns when the database has committed
      stock.update("anvil", present -> present.less(2)); // no other writer comes in between
      // end::write-through[]
      System.out.println("the database says " + sqlite.ask("select pieces from stock"));

      Keyspace<Long, Order> orders =
          cache.keyspace("orders", Long.class, Order.class).table("orders").writeThrough().open();

      // tag::transaction[]
      // Both tables change, or neither: in the database by one transaction, in the cache at once.
      // If another writer changes what was read here, all of it is run again.
      cache.transaction(
          tx -> {
            Stock present = Objects.requireNonNull(tx.get(stock, "anvil"));
            tx.put(stock, "anvil", present.less(3));
            tx.put(orders, 1L, new Order(1, "anvil", 3));
          });
      // end::transaction[]
      System.out.println(
          "left: "
              + sqlite.ask("select pieces from stock")
              + ", orders: "
              + sqlite.ask("select count(*) from orders"));

      // tag::refused[]
      try {
        stock.update("anvil", present -> present.less(100));
      } catch (RefusedException e) { // the table's check: neither database nor cache has changed
        System.out.println("refused; still " + stock.get("anvil"));
      }
      // end::refused[]
    }
  }
}

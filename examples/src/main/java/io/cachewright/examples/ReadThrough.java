// SPDX-License-Identifier: Apache-2.0
package io.cachewright.examples;

import io.cachewright.Cachewright;
import io.cachewright.Keyspace;
import io.cachewright.jdbc.JdbcDatabase;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/**
 * A cache that loads rows itself. The application goes on writing to the database, and tells the
 * cache which rows it has changed.
 */
public final class ReadThrough {

  // tag::record[]
  /** A row of the table: a component's name is a column's, createdAt is created_at. */
  public record Product(long id, String name, BigDecimal price) {}

  // end::record[]

  private ReadThrough() {}

  public static void main(String... args) throws SQLException {
    try (Sqlite sqlite = Sqlite.open()) {
      sqlite.execute(
          "create table products (id integer primary key, name text not null,"
              + " price numeric(10, 2) not null)",
          "insert into products values (1, 'Anvil', 99.50), (2, 'Bellows', 45.00)");
      run(sqlite, sqlite.dataSource());
    }
  }

  private static void run(Sqlite sqlite, DataSource dataSource) throws SQLException {
    // tag::read-through[]
    try (Cachewright cache = Cachewright.builder().database(JdbcDatabase.of(dataSource)).open()) {
      Keyspace<Long, Product> products =
          cache
              .keyspace("products", Long.class, Product.class)
              .table("products") // its columns and primary key are read from the database
              .readThrough()
              .expireAfterWrite(Duration.ofMinutes(10))
              .refreshAhead(0.8) // what is still asked for after 8 minutes is loaded again, unseen
              .open();

      Product anvil = products.get(1L); // one SELECT, whoever else asks for it at the same time
      Map<Long, Product> both = products.getAll(List.of(1L, 2L)); // one SELECT for what is missing
      // end::read-through[]
      System.out.println("loaded " + anvil + " and then " + both.size() + " products");

      // tag::evict[]
      sqlite.execute("update products set price = 89.00 where id = 1");
      products.evict(1L); // the next read loads it again
      // end::evict[]
      System.out.println("and now " + products.get(1L));

      // No such row is an answer too. It is remembered for a second, unless told otherwise.
      System.out.println("product 404 is " + products.get(404L));
      System.out.println(products.stats().loads() + " SELECTs");
    }
  }
}

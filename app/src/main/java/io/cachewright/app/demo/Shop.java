// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.demo;

import io.cachewright.app.config.DatabaseUrl;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/**
 * The database of a small web shop: customers, products, orders and their lines, joined by foreign
 * keys, with a column of every common type. The same data every time.
 */
final class Shop {
  static final int CUSTOMERS = 20_000;
  static final int PRODUCTS = 5_000;
  static final int ORDERS = 30_000;

  private static final int LINES_MAX = 4;
  private static final int BATCH = 1_000;
  private static final DateTimeFormatter SQLITE_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");
  private static final LocalDateTime OPENED = LocalDateTime.of(2024, 3, 1, 8, 0);

  private static final List<String> FIRST =
      List.of("Ann", "Ben", "Chloe", "Dan", "Eva", "Finn", "Grace", "Hugo", "Ida", "Jonas");
  private static final List<String> LAST =
      List.of("Adler", "Brook", "Clark", "Doyle", "Evans", "Frost", "Green", "Hill", "Irwin");
  private static final List<String> THINGS =
      List.of("lamp", "chair", "desk", "kettle", "clock", "rug", "mirror", "shelf", "vase");
  private static final List<String> KINDS =
      List.of("oak", "steel", "blue", "green", "small", "large", "round", "plain");
  private static final List<String> STATES = List.of("paid", "packed", "sent", "returned");

  private static final List<String> TABLES =
      List.of(
          """
          create table customers (
            id bigint primary key,
            name text not null,
            email text not null,
            points integer not null default 0,
            balance numeric(12,2) not null,
            active boolean not null,
            birthday date,
            created_at timestamp not null,
            settings jsonb,
            token uuid not null)
          """,
          """
          create table products (
            id bigint primary key,
            name text not null,
            price numeric(10,2) not null,
            weight double precision,
            stock integer not null,
            details jsonb,
            thumbnail bytea)
          """,
          """
          create table orders (
            id bigint primary key,
            customer_id bigint not null references customers (id),
            status varchar(20) not null,
            ordered_at timestamp not null,
            total numeric(12,2) not null)
          """,
          """
          create table order_lines (
            order_id bigint not null references orders (id),
            line integer not null,
            product_id bigint not null references products (id),
            quantity integer not null,
            price numeric(10,2) not null,
            primary key (order_id, line))
          """);

  private final boolean postgres;
  private final Connection connection;
  private final Progress progress;
  private final Random random = new Random(20_240_301);
  private long rows;

  /** What a table's rows are made of. */
  private interface RowMaker {
    void make(PreparedStatement insert, int id) throws SQLException;
  }

  Shop(DatabaseUrl.Kind kind, Connection connection, Progress progress) {
    this.postgres = kind == DatabaseUrl.Kind.POSTGRESQL;
    this.connection = connection;
    this.progress = progress;
  }

  /** Creates the tables and fills them. Answers how many rows there are. */
  long make() throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      for (String table : TABLES) {
        statement.execute(inDialect(table));
      }
    }
    String customers =
        "insert into customers values (?,?,?,?,?,?,?,?,cast(? as jsonb),cast(? as uuid))";
    fill(customers, CUSTOMERS, this::customer);
    fill("insert into products values (?,?,?,?,?,cast(? as jsonb),?)", PRODUCTS, this::product);
    fill("insert into orders values (?,?,?,?,?)", ORDERS, this::order);
    fill("insert into order_lines values (?,?,?,?,?)", ORDERS, this::lines);
    connection.commit();
    connection.setAutoCommit(true);
    try (Statement statement = connection.createStatement()) {
      statement.execute("analyze");
    }
    return rows;
  }

  private String inDialect(String sql) {
    return postgres
        ? sql
        : sql.replaceAll("cast\\(\\? as \\w+\\)", "?")
            .replace("id bigint primary key", "id integer primary key")
            .replace("numeric", "decimal")
            .replace("jsonb", "json")
            .replace("bytea", "blob");
  }

  private void fill(String sql, int count, RowMaker maker) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(inDialect(sql))) {
      for (int id = 1; id <= count; id++) {
        maker.make(insert, id);
        if (id % BATCH == 0 || id == count) {
          insert.executeBatch();
          progress.step();
        }
      }
    }
  }

  /** How often {@link Progress#step} is called. */
  static int steps() {
    return (CUSTOMERS + PRODUCTS + 2 * ORDERS) / BATCH;
  }

  // ---- rows ----

  private void customer(PreparedStatement insert, int id) throws SQLException {
    String first = pick(FIRST);
    String last = pick(LAST);
    insert.setLong(1, id);
    insert.setString(2, first + " " + last);
    insert.setString(
        3, (first + "." + last + id + "@shop.example").toLowerCase(java.util.Locale.ROOT));
    insert.setInt(4, random.nextInt(1_000));
    insert.setBigDecimal(5, money(200_00));
    insert.setBoolean(6, random.nextInt(10) > 0);
    date(insert, 7, LocalDate.of(1950, 1, 1).plusDays(random.nextInt(20_000)));
    time(insert, 8, OPENED.plusMinutes(random.nextInt(1_000_000)));
    insert.setString(9, "{\"newsletter\": " + random.nextBoolean() + ", \"language\": \"en\"}");
    insert.setString(10, new UUID(random.nextLong(), random.nextLong()).toString());
    add(insert);
  }

  private void product(PreparedStatement insert, int id) throws SQLException {
    insert.setLong(1, id);
    insert.setString(2, pick(KINDS) + " " + pick(THINGS));
    insert.setBigDecimal(3, money(500_00));
    insert.setDouble(4, Math.round(random.nextDouble() * 200) / 10.0);
    insert.setInt(5, random.nextInt(500));
    insert.setString(6, "{\"colours\": " + (1 + random.nextInt(6)) + ", \"rating\": 4.5}");
    insert.setBytes(7, ("GIF89a" + id).getBytes(StandardCharsets.US_ASCII));
    add(insert);
  }

  private void order(PreparedStatement insert, int id) throws SQLException {
    insert.setLong(1, id);
    insert.setLong(2, 1 + random.nextInt(CUSTOMERS));
    insert.setString(3, pick(STATES));
    time(insert, 4, OPENED.plusMinutes(random.nextInt(1_000_000)));
    insert.setBigDecimal(5, money(900_00));
    add(insert);
  }

  private void lines(PreparedStatement insert, int order) throws SQLException {
    int count = 1 + random.nextInt(LINES_MAX);
    for (int line = 1; line <= count; line++) {
      insert.setLong(1, order);
      insert.setInt(2, line);
      insert.setLong(3, 1 + random.nextInt(PRODUCTS));
      insert.setInt(4, 1 + random.nextInt(5));
      insert.setBigDecimal(5, money(500_00));
      add(insert);
    }
  }

  private void add(PreparedStatement insert) throws SQLException {
    insert.addBatch();
    rows++;
  }

  private String pick(List<String> words) {
    return words.get(random.nextInt(words.size()));
  }

  private BigDecimal money(int centsMax) {
    return BigDecimal.valueOf(1 + random.nextInt(centsMax), 2);
  }

  private void date(PreparedStatement insert, int index, LocalDate date) throws SQLException {
    if (postgres) {
      insert.setObject(index, date);
    } else {
      insert.setString(index, date.toString());
    }
  }

  private void time(PreparedStatement insert, int index, LocalDateTime time) throws SQLException {
    if (postgres) {
      insert.setObject(index, time);
    } else {
      insert.setString(index, time.format(SQLITE_TIME));
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.demo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The kinds of clients: one for each row of the table. */
final class Clients {
  private static final String PREFIX = "customers:";

  /** Commands that are sent at once. */
  private static final int PORTION = 500;

  private Clients() {}

  /** Asks the database every time. */
  static final class NoCache implements Client {
    private final ShopSql sql;

    NoCache(ShopSql sql) {
      this.sql = sql;
    }

    @Override
    public boolean read(int customer) throws Exception {
      found(!sql.read(customer).isEmpty(), customer);
      return false;
    }

    @Override
    public void write(int customer, int points) throws Exception {
      sql.write(customer, points);
    }

    @Override
    public void close() {}
  }

  /**
   * Keeps a cache beside the database by code of its own: what it misses it loads and sets, what it
   * writes it deletes.
   */
  static final class LookAside implements Client {
    private final ShopSql sql;
    private final RespClient cache;

    LookAside(ShopSql sql, RespClient cache) {
      this.sql = sql;
      this.cache = cache;
    }

    @Override
    public boolean read(int customer) throws Exception {
      if (cache.call("GET", PREFIX + customer) != null) {
        return true;
      }
      String row = sql.read(customer);
      found(!row.isEmpty(), customer);
      cache.call("SET", PREFIX + customer, row);
      return false;
    }

    @Override
    public void write(int customer, int points) throws Exception {
      sql.write(customer, points);
      cache.call("DEL", PREFIX + customer);
    }

    @Override
    public void close() throws IOException {
      cache.close();
    }
  }

  /** Reads from the cache alone; writes to the database, and tells the cache to forget. */
  static final class ReadThrough implements Client {
    private final ShopSql sql;
    private final RespClient cache;

    ReadThrough(ShopSql sql, RespClient cache) {
      this.sql = sql;
      this.cache = cache;
    }

    @Override
    public boolean read(int customer) throws Exception {
      readRow(cache, customer);
      return true;
    }

    @Override
    public void write(int customer, int points) throws Exception {
      sql.write(customer, points);
      cache.call("DEL", PREFIX + customer);
    }

    @Override
    public void close() throws IOException {
      cache.close();
    }
  }

  /** Reads from and writes to the cache alone: it has no connection to the database. */
  static final class CacheOnly implements Client {
    private final RespClient cache;

    CacheOnly(RespClient cache) {
      this.cache = cache;
    }

    @Override
    public boolean read(int customer) throws Exception {
      readRow(cache, customer);
      return true;
    }

    @Override
    public void write(int customer, int points) throws Exception {
      cache.call("HSET", PREFIX + customer, "points", Integer.toString(points));
    }

    @Override
    public void close() throws IOException {
      cache.close();
    }
  }

  /** Moves all customers from the database to the cache, which is their database from now on. */
  static void move(ShopSql sql, RespClient cache) throws Exception {
    List<String[]> portion = new ArrayList<>();
    int customer = 0;
    for (List<String> row : sql.readAll()) {
      List<String> command = new ArrayList<>(List.of("HSET", PREFIX + ++customer));
      command.addAll(row);
      portion.add(command.toArray(String[]::new));
      if (portion.size() == PORTION || customer == Shop.CUSTOMERS) {
        cache.callAll(portion);
        portion.clear();
      }
    }
  }

  private static void readRow(RespClient cache, int customer) throws IOException {
    Object row = cache.call("HGETALL", PREFIX + customer);
    found(row instanceof List<?> fields && !fields.isEmpty(), customer);
  }

  /** A wrong answer is no fast answer. */
  private static void found(boolean is, int customer) {
    if (!is) {
      throw new IllegalStateException("customer " + customer + " was not found");
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static io.cachewright.server.TestSql.query;
import static io.cachewright.server.TestSql.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.Cachewright;
import io.cachewright.ConfigurationException;
import io.cachewright.Pattern;
import io.cachewright.WriteBehindOptions;
import io.cachewright.jdbc.JdbcDatabase;
import io.cachewright.server.Catalog.Format;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** HINCRBY and HINCRBYFLOAT of columns to which others add, too, over a real database. */
@Timeout(120)
abstract class AdditiveContract {
  private static final String ROW =
      "select name || ' ' || stock || ' ' || coalesce(views, -1) || ' ' || price from products"
          + " where id = ";

  @TempDir Path directory;
  private DataSource source;
  private Cachewright cache;
  private Catalog catalog;
  private CachewrightServer server;
  private RespClient client;

  abstract DataSource database() throws Exception;

  /** The largest number of a column that is an {@code integer}. */
  abstract long integerMax();

  private void start(Pattern pattern) throws Exception {
    source = database();
    sql(source, "drop table if exists products");
    sql(
        source,
        "create table products (id bigint primary key, name varchar(20) not null default 'new',"
            + " stock integer not null default 0, views bigint, price numeric(9,2) default 0,"
            + " weight double precision)");
    sql(
        source,
        "insert into products values (1, 'tea', 10, null, 3.25, 1.5), (2, 'milk', 20, 5, 1, 1)");
    open(pattern);
    catalog = new Catalog(cache);
    catalog.addTable("products", Format.HASH, List.of("stock", "views", "price"));
    server = CachewrightServer.builder(catalog).port(0).start();
    client = new RespClient(server.port());
  }

  private void open(Pattern pattern) {
    cache =
        Cachewright.builder()
            .database(JdbcDatabase.of(source))
            .directory(directory.resolve("data"))
            .drain(Duration.ZERO)
            .open();
    var products = cache.keyspace("products").table("products").pattern(pattern);
    if (pattern == Pattern.WRITE_BEHIND) {
      products.writeBehind(WriteBehindOptions.DEFAULT.withMaxDelay(Duration.ofHours(1)));
    }
    products.open();
  }

  @AfterEach
  void stop() {
    if (client != null) {
      client.close();
      server.close();
    }
    cache.close();
  }

  /** What the database has, once it has all. */
  private String row(long id) {
    cache.flush();
    return query(source, ROW + id);
  }

  // ---- both add ----

  @ParameterizedTest
  @EnumSource(names = {"WRITE_THROUGH", "WRITE_BEHIND"})
  void p9_whatIsAddedHereAndBesideItAddsUp(Pattern pattern) throws Exception {
    start(pattern);
    assertThat(client.ask("HINCRBY products:1 stock 5")).isEqualTo("(integer) 15");
    sql(source, "update products set stock = stock + 100, name = 'green' where id = 1");
    String seen = client.ask("HINCRBY products:1 stock -2");
    // Through the database a reply is its sum; before a flush it is what the cache knows.
    assertThat(seen).isEqualTo(pattern == Pattern.WRITE_THROUGH ? "(integer) 113" : "(integer) 13");
    assertThat(client.ask("HINCRBYFLOAT products:1 price -0.255")).isEqualTo("\"2.99\"");
    assertThat(row(1)).isEqualTo("green 113 -1 2.99");
    client.ask("CW.REFRESH products:1");
    assertThat(client.ask("HMGET products:1 name stock")).isEqualTo("[\"green\", \"113\"]");
  }

  @ParameterizedTest
  @EnumSource(names = {"WRITE_THROUGH", "WRITE_BEHIND"})
  void p1_manyWritersHereAndBesideItAllCount(Pattern pattern) throws Exception {
    start(pattern);
    ExecutorService writers = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Boolean>> all = new ArrayList<>();
      for (int writer = 0; writer < 3; writer++) {
        all.add(
            () -> {
              try (RespClient own = new RespClient(server.port())) {
                for (int i = 0; i < 40; i++) {
                  assertThat(own.ask("HINCRBY products:1 stock 1")).startsWith("(integer)");
                }
              }
              return true;
            });
      }
      all.add(
          () -> {
            for (int i = 0; i < 40; i++) {
              sql(source, "update products set stock = stock + 1000 where id = 1");
              cache.flush();
            }
            return true;
          });
      for (Future<Boolean> each : writers.invokeAll(all)) {
        assertThat(each.get(60, TimeUnit.SECONDS)).isTrue();
      }
    } finally {
      writers.shutdownNow();
    }
    assertThat(row(1)).isEqualTo("tea " + (10 + 3 * 40 + 40 * 1000) + " -1 3.25");
  }

  @ParameterizedTest
  @EnumSource(names = {"WRITE_THROUGH", "WRITE_BEHIND"})
  void nullAndNoRowAreZeroAndWhatIsSetIsSet(Pattern pattern) throws Exception {
    start(pattern);
    assertThat(
            client.pipeline(
                List.of(
                    "HINCRBY products:1 views 3",
                    "HINCRBY products:1 views 4",
                    "HINCRBYFLOAT products:1 views 2",
                    "HINCRBY products:7 stock 2",
                    "HINCRBY products:7 stock 2",
                    "HGET products:7 stock",
                    "HSET products:2 stock 50",
                    "HINCRBY products:2 stock 1",
                    "HDEL products:2 views",
                    "HINCRBY products:2 views 1")))
        .containsExactly(
            "(integer) 3",
            "(integer) 7",
            "\"9\"",
            "(integer) 2",
            "(integer) 4",
            "\"4\"",
            "(integer) 0",
            "(integer) 51",
            "(integer) 1",
            "(integer) 1");
    assertThat(row(1)).isEqualTo("tea 10 9 3.25");
    assertThat(row(7)).startsWith("new 4 ");
    assertThat(row(2)).startsWith("milk 51 1 ");
  }

  // ---- what is refused ----

  @ParameterizedTest
  @EnumSource(names = {"WRITE_THROUGH", "WRITE_BEHIND"})
  void whatGoesBeyondTheColumnIsRefusedAtTheDoor(Pattern pattern) throws Exception {
    start(pattern);
    assertThat(
            client.pipeline(
                List.of(
                    "HINCRBY products:1 stock " + (integerMax() - 9),
                    "HINCRBY products:1 stock 9223372036854775807",
                    "HINCRBYFLOAT products:1 price 9999999",
                    "HINCRBYFLOAT products:1 stock 0.5",
                    "HINCRBY products:1 price 1",
                    "HINCRBY products:1 name 1",
                    "HINCRBY products:1 stock " + (integerMax() - 10))))
        .satisfiesExactly(
            reply -> assertThat(reply).startsWith("(error)"),
            reply ->
                assertThat(reply).isEqualTo("(error) ERR increment or decrement would overflow"),
            reply -> assertThat(reply).startsWith("(error) CWBADVALUE").contains("products.price"),
            reply -> assertThat(reply).startsWith("(error) CWBADVALUE").contains("products.stock"),
            reply -> assertThat(reply).startsWith("(error) ERR hash value is not an integer"),
            reply -> assertThat(reply).startsWith("(error) ERR hash value is not an integer"),
            reply -> assertThat(reply).isEqualTo("(integer) " + integerMax()));
    assertThat(row(1)).isEqualTo("tea " + integerMax() + " -1 3.25");
  }

  @Test
  void p6_aSumThatOnlyTheDatabaseFindsTooLargeIsParkedAndHoldsUpNothing() throws Exception {
    start(Pattern.WRITE_BEHIND);
    assertThat(client.ask("HINCRBY products:1 stock 5")).isEqualTo("(integer) 15");
    assertThat(client.ask("HINCRBY products:2 stock 5")).isEqualTo("(integer) 25");
    sql(source, "update products set stock = " + integerMax() + " where id = 1"); // by another
    assertThat(row(2)).startsWith("milk 25 ");
    assertThat(row(1)).startsWith("tea " + integerMax());
    assertThat(client.ask("CW.PARKED")).contains("stock=+5");
    assertThat(cache.parked().list()).hasSize(1);
    sql(source, "update products set stock = 7 where id = 1");
    long id = cache.parked().list().get(0).id();
    assertThat(cache.parked().retry(id).get(60, TimeUnit.SECONDS)).isNull();
    assertThat(row(1)).startsWith("tea 12 ");
  }

  // ---- in a transaction ----

  @ParameterizedTest
  @EnumSource(names = {"WRITE_THROUGH", "WRITE_BEHIND"})
  void inATransactionTheyAddUpWithWhatItSetsAndAllAreMadeOrNone(Pattern pattern) throws Exception {
    start(pattern);
    assertThat(
            client.pipeline(
                List.of(
                    "MULTI",
                    "HINCRBY products:1 stock 1",
                    "HSET products:1 name green",
                    "HINCRBY products:1 stock 2",
                    "HINCRBY products:9 stock 4",
                    "HINCRBY products:9 stock 4",
                    "HINCRBYFLOAT products:2 price 0.5",
                    "EXEC")))
        .last()
        .isEqualTo("[(integer) 11, (integer) 0, (integer) 13, (integer) 4, (integer) 8, \"1.50\"]");
    assertThat(
            client.pipeline(
                List.of(
                    "MULTI",
                    "HINCRBY products:1 stock 1000",
                    "HINCRBY products:1 stock " + (integerMax() - 100),
                    "EXEC")))
        .last()
        .asString()
        .startsWith("(error) EXECABORT");
    sql(source, "update products set stock = stock + 100");
    assertThat(row(1)).startsWith("green 113 ");
    assertThat(row(9)).startsWith("new ");
  }

  // ---- the configuration ----

  @Test
  void whatCannotBeAdditiveIsRefused() throws Exception {
    start(Pattern.WRITE_THROUGH);
    assertRefused(catalog, Format.HASH, "name", "products.name is a", "integer and numeric");
    assertRefused(catalog, Format.HASH, "weight", "products.weight is a double");
    assertRefused(catalog, Format.HASH, "id", "products.id is part of the key");
    assertRefused(catalog, Format.HASH, "stok", "no column stok", "stock");
    assertRefused(catalog, Format.JSON, "stock", "write-through", "JSON");
    cache.close();
    open(Pattern.READ_THROUGH);
    assertRefused(new Catalog(cache), Format.HASH, "stock", "read-through", "write-behind");
  }

  private static void assertRefused(
      Catalog catalog, Format format, String column, String... reasons) {
    assertThatThrownBy(() -> catalog.addTable("products", format, List.of(column)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContainingAll("keyspace products", reasons[0], reasons[reasons.length - 1]);
  }
}

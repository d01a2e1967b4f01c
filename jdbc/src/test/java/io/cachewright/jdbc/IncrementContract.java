// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static io.cachewright.jdbc.TestDatabase.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.BadValueException;
import io.cachewright.Increment;
import io.cachewright.Row;
import io.cachewright.store.Change;
import io.cachewright.store.FlushTarget.Claim;
import io.cachewright.store.FlushTarget.Flushed;
import io.cachewright.store.Outcome;
import io.cachewright.store.Transaction.Part;
import io.cachewright.store.Written;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What increments leave in a real database, flushed and written through. */
abstract class IncrementContract {
  private static final String ALL =
      "select id || ' ' || name || ' ' || coalesce(visits, -1) from counters order by id";

  TestDatabase database;
  JdbcDatabase jdbc;
  TableStore counters;

  abstract TestDatabase create();

  @BeforeEach
  void open() {
    database = create();
    database.run(
        "create table counters (id bigint primary key, name varchar(40) default 'new' not null,"
            + " visits bigint default 100, total numeric(12,2), exact numeric)",
        "create table strict (id bigint primary key, name varchar(40) not null, visits bigint)");
    jdbc = database.open();
    counters = jdbc.table("counters");
  }

  @AfterEach
  void close() {
    database.close();
  }

  static Increment by(long number) {
    return Increment.of(number);
  }

  static Increment by(String number) {
    return Increment.of(new BigDecimal(number));
  }

  private void flush(Part<?, ?>... changes) {
    flush(List.of(changes));
  }

  private void flush(List<Part<?, ?>> changes) {
    Claim now = jdbc.flushTarget().claim("main");
    FlushContract.assertApplied(
        FlushContract.flush(
            jdbc.flushTarget(), changes, FlushContract.stretch(now, now.position() + 1)));
  }

  private Part<?, ?> put(long id, Object... namesAndValues) {
    return FlushContract.put(counters, id, namesAndValues);
  }

  private List<String> totals() {
    List<String> totals = new ArrayList<>();
    for (Object column : List.of("total", "exact")) {
      Object value = TestDatabase.load(counters, 1L).get((String) column);
      totals.add(((BigDecimal) value).stripTrailingZeros().toPlainString());
    }
    return totals;
  }

  // ---- flushed ----

  @Test
  void p1_incrementsAddUpWithWhatOthersDo() {
    flush(put(1, "name", "a", "visits", 5));
    database.run("update counters set visits = visits + 1000");
    flush(put(1, "visits", by(3)));
    flush(put(1, "visits", by(-10)), put(1, "visits", by(1), "name", "b"));
    assertThat(database.ask(ALL)).containsExactly("1 b 999");
  }

  @Test
  void p1_anIncrementOfNullStartsAtZeroAndOneOfANewRowIsItsValue() {
    database.run("insert into counters (id, name, visits) values (1, 'null', null)");
    flush(put(1, "visits", by(7)), put(2, "visits", by(8)), put(3, "name", "none"));
    assertThat(database.ask(ALL)).containsExactly("1 null 7", "2 new 8", "3 none 100");
  }

  @Test
  void p1_severalOfAKeyInOneFlushAndSeveralMadeOne() {
    flush(put(1, "visits", by(1)), put(1, "visits", by(2)), put(2, "visits", 5));
    Row sum = row(counters, "visits", by(4)).over(row(counters, "visits", by(3), "name", "c"));
    flush(
        new Part<>(counters, new Change.Put<>(1L, sum)),
        put(2, "visits", by(1)),
        put(2, "visits", 50),
        put(2, "visits", by(1)));
    assertThat(database.ask(ALL)).containsExactly("1 c 10", "2 new 51");
  }

  @Test
  void p1_manyRowsSomeOfWhichAreThere() {
    database.run("insert into counters (id, visits) values (5, 50), (70, 700), (2000, 0)");
    for (int round = 0; round < 3; round++) {
      List<Part<?, ?>> changes = new ArrayList<>();
      for (long id = 0; id < 3_000; id++) {
        // Rows with an increment, and without, in turns: statements of their own.
        changes.add(
            id % 2 == 0 ? put(id, "visits", by(id)) : put(id, "visits", 7, "total", by("0.01")));
      }
      flush(changes);
    }
    assertThat(database.ask("select sum(visits) from counters where id % 2 = 0"))
        .containsExactly(
            String.valueOf(700 + 3 * LongStream.range(0, 3_000).filter(i -> i % 2 == 0).sum()));
    assertThat(database.ask("select count(*) from counters where visits = 7 and total = 0.03"))
        .containsExactly("1500");
  }

  @Test
  void p1_decimalsAddUpExactly() {
    flush(put(1, "total", new BigDecimal("0.10"), "exact", new BigDecimal("0.1")));
    flush(put(1, "total", by("0.2"), "exact", by("0.2")));
    assertThat(totals()).containsExactly("0.3", "0.3");
    for (int i = 0; i < 20; i++) {
      flush(put(1, "total", by("0.07"), "exact", by("1000.001")));
    }
    assertThat(totals()).containsExactly("1.7", "20000.32");
    flush(put(1, "total", by(-5), "exact", by(1)));
    assertThat(totals()).containsExactly("-3.3", "20001.32");
  }

  @Test
  void p1_wholeDecimalsHaveMoreDigitsThanFloatingPoint() {
    database.run("create table whole (id bigint primary key, total numeric(18,0))");
    TableStore whole = jdbc.table("whole");
    flush(FlushContract.put(whole, 1, "total", new BigDecimal("123456789012345678")));
    flush(FlushContract.put(whole, 1, "total", by(1)));
    assertThat(database.ask("select total from whole")).containsExactly("123456789012345679");
    Change<Object, Row> tooMuch =
        new Change.Put<>(1L, row(whole, "total", by("900000000000000000")));
    assertThat(TestDatabase.apply(whole, tooMuch)).isInstanceOf(Outcome.Refused.class);
  }

  @Test
  void p1_aRowThatLacksARequiredColumnIsAddedTo() {
    TableStore strict = jdbc.table("strict");
    database.run("insert into strict values (1, 'Ann', 1), (2, 'Bob', null)");
    flush(
        FlushContract.put(strict, 1, "visits", by(2)),
        FlushContract.put(strict, 2, "visits", by(2)));
    assertThat(database.ask("select visits from strict order by id")).containsExactly("3", "2");
  }

  @Test
  void p1_constraintsAreCheckedOfTheSumAndNotOfWhatIsAdded() {
    database.run("create table stock (id bigint primary key, pieces int check (pieces >= 0))");
    TableStore stock = jdbc.table("stock");
    flush(FlushContract.put(stock, 1, "pieces", 10), FlushContract.put(stock, 2, "pieces", 10));
    flush(
        FlushContract.put(stock, 1, "pieces", by(-3)),
        FlushContract.put(stock, 2, "pieces", by(-4)));
    assertThat(TestDatabase.put(stock, 1L, "pieces", by(-2)).value().get("pieces")).isEqualTo(5L);
    Change<Object, Row> tooMany = new Change.Put<>(1L, row(stock, "pieces", by(-6)));
    assertThat(TestDatabase.apply(stock, tooMany)).isInstanceOf(Outcome.Refused.class);
    assertThat(database.ask("select pieces from stock order by id")).containsExactly("5", "6");
  }

  @Test
  void p6_aSumTooLargeForTheColumnIsRefused() {
    flush(
        put(1, "visits", Long.MAX_VALUE - 1, "total", new BigDecimal("9999999999.98")),
        put(2, "visits", 0));
    Claim now = jdbc.flushTarget().claim("main");
    List<Integer> places = new ArrayList<>();
    Flushed flushed =
        jdbc.flushTarget()
            .flush(
                List.of(
                    put(1, "visits", by(1)),
                    put(1, "visits", by(1)),
                    put(2, "visits", by(1)),
                    put(1, "visits", by(-1000))),
                FlushContract.stretch(now, now.position() + 1),
                refused -> refused.forEach(each -> places.add(each.place())));
    FlushContract.assertApplied(flushed);
    assertThat(places).containsExactly(1);
    assertThat(database.ask("select visits from counters order by id"))
        .containsExactly(String.valueOf(Long.MAX_VALUE), "1");
    assertThat(apply(1, "total", by("0.01"))).isInstanceOf(Outcome.Applied.class);
    assertThat(apply(1, "total", by("0.01"))).isInstanceOf(Outcome.Refused.class);
    assertThat(apply(1, "visits", by(1))).isInstanceOf(Outcome.Refused.class);
    assertThat(database.ask("select visits from counters where id = 1"))
        .containsExactly(String.valueOf(Long.MAX_VALUE));
  }

  // ---- written through ----

  private Outcome<Written<Row>> apply(long id, Object... namesAndValues) {
    return TestDatabase.apply(counters, new Change.Put<>(id, row(counters, namesAndValues)));
  }

  @Test
  void writtenThroughTheAnswerIsTheSum() {
    assertThat(TestDatabase.put(counters, 1L, "visits", by(3)).value().get("visits")).isEqualTo(3L);
    Written<Row> written =
        TestDatabase.put(counters, 1L, "visits", by(4), "total", by("1.5"), "name", "x");
    assertThat(written.existed()).isTrue();
    assertThat(written.value().hasIncrements()).isFalse();
    assertThat(written.value().get("visits")).isEqualTo(7L);
    assertThat((BigDecimal) written.value().get("total")).isEqualByComparingTo("1.5");
    assertThat(TestDatabase.insert(counters, 2L, "visits", by(5)).value().get("visits"))
        .isEqualTo(5L);
    assertThat(TestDatabase.insert(counters, 2L, "visits", by(5)).value().get("visits"))
        .isEqualTo(5L);
    TableStore strict = jdbc.table("strict");
    TestDatabase.put(strict, 1L, "name", "Ann");
    assertThat(TestDatabase.put(strict, 1L, "visits", by(5)).value().get("visits")).isEqualTo(5L);
  }

  @Test
  void manyAtOnceWrittenThrough() {
    for (int round = 1; round <= 2; round++) {
      List<Change<Object, Row>> changes = new ArrayList<>();
      for (long id = 0; id < 100; id++) {
        changes.add(new Change.Put<>(id, row(counters, "visits", id % 3 == 0 ? 1 : by(1))));
      }
      for (Outcome<Written<Row>> each : counters.apply(changes)) {
        assertThat(TestDatabase.applied(each).value().hasIncrements()).isFalse();
      }
      assertThat(database.ask("select sum(visits) from counters"))
          .containsExactly(String.valueOf(34 + 66 * round));
    }
  }

  @Test
  void p1_incrementsOfSeveralWritersAllCount() throws Exception {
    TestDatabase.put(counters, 1L, "visits", 0);
    ExecutorService writers = Executors.newFixedThreadPool(3);
    try {
      Callable<Boolean> writer =
          () -> {
            for (int i = 0; i < 50; i++) {
              TestDatabase.put(counters, 1L, "visits", by(1));
            }
            return true;
          };
      for (Future<Boolean> each : writers.invokeAll(Collections.nCopies(3, writer))) {
        assertThat(each.get(60, TimeUnit.SECONDS)).isTrue();
      }
    } finally {
      writers.shutdownNow();
    }
    assertThat(database.ask("select visits from counters")).containsExactly("150");
  }

  // ---- at the door ----

  @Test
  void anIncrementGoesWithNumbersOnly() {
    assertThatThrownBy(() -> row(counters, "name", by(1)))
        .isInstanceOf(BadValueException.class)
        .hasMessageContaining("counters.name")
        .hasMessageContaining("(40)")
        .hasMessageContaining("integer and numeric");
    assertThatThrownBy(() -> row(counters, "visits", by("1.5")))
        .isInstanceOf(BadValueException.class)
        .hasMessageContaining("counters.visits");
    assertThatThrownBy(() -> row(counters, "total", by("10000000000")))
        .isInstanceOf(BadValueException.class)
        .hasMessageContaining("counters.total");
  }
}

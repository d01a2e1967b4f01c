// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static io.cachewright.jdbc.TestDatabase.load;
import static io.cachewright.jdbc.TestDatabase.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.BadValueException;
import io.cachewright.Row;
import io.cachewright.jdbc.type.DecimalType;
import io.cachewright.store.Change;
import io.cachewright.store.FlushTarget;
import io.cachewright.store.Transaction;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Values of every type: at the door, written alone and in company, read back, as text. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TypesContract {
  /** More executions than any driver needs to prepare a statement at the server. */
  private static final int PREPARED = 8;

  TestDatabase database;
  private JdbcDatabase jdbc;
  private int tables;

  abstract TestDatabase create();

  abstract List<TypeCase> good();

  /** A type, and a value of Java or (a String) a text that it must refuse. */
  abstract List<TypeCase> bad();

  @BeforeAll
  void open() {
    database = create();
    jdbc = database.open();
  }

  @AfterAll
  void close() {
    database.close();
  }

  private TableStore table(String sqlType) {
    String name = "t" + tables++;
    database.run("create table " + name + " (id bigint primary key, v " + sqlType + ")");
    return jdbc.table(name);
  }

  @ParameterizedTest
  @MethodSource("good")
  void aValueSurvivesTheWayToTheDatabaseAndBack(TypeCase each) {
    TableStore store = table(each.sqlType());
    Column column = store.table().column("v");
    Row expected = Row.ofAll(store.table().rowColumns(), 1L, each.canonical());

    assertThat(Row.ofAll(store.table().rowColumns(), 1L, column.check(each.given())))
        .isEqualTo(expected);
    assertThat(each.canonical()).isInstanceOf(column.type().kind().javaType());
    assertThat(put(store, 1L, "v", each.given()).value()).isEqualTo(expected);
    assertThat(load(store, 1L)).isEqualTo(expected);

    List<Change<Object, Row>> changes = new ArrayList<>();
    for (long id = 1; id < 4; id++) {
      changes.add(
          new Change.Put<>(id, TestDatabase.row(store, "v", id == 2 ? null : each.given())));
    }
    store.apply(changes).forEach(TestDatabase::applied);
    assertThat(store.load(List.of(1L, 2L, 3L)).get(3L).get("v"))
        .isEqualTo(each.canonical())
        .isEqualTo(store.load(List.of(1L, 2L, 3L)).get(1L).get("v"));
    assertThat(load(store, 2L).get("v")).isNull();

    for (int i = 0; i < PREPARED; i++) { // from some execution on drivers read some types in binary
      assertThat(put(store, 1L, "v", each.given()).value()).isEqualTo(expected);
      assertThat(load(store, 1L)).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @MethodSource("good")
  void aValueIsPrintedAndParsed(TypeCase each) {
    Column column = table(each.sqlType()).table().column("v");
    assertThat(column.print(each.canonical())).isEqualTo(each.text());
    assertThat(column.parse(each.text())).isEqualTo(each.canonical());
    if (!(each.canonical() instanceof byte[])) {
      byte[] bytes = each.text().getBytes(StandardCharsets.UTF_8);
      assertThat(column.parse(bytes)).isEqualTo(each.canonical());
      assertThat(column.printBytes(each.canonical())).isEqualTo(bytes);
    }
  }

  /** The cell as text, with all that the database knows of it. */
  abstract String shown(String column);

  @Test
  void p2_aFlushLeavesWhatWritesOneByOneLeave() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Map<String, List<TypeCase>> byType =
        good().stream()
            .collect(Collectors.groupingBy(TypeCase::sqlType, TreeMap::new, Collectors.toList()));
    List<List<TypeCase>> cases = List.copyOf(byType.values());
    String columns =
        IntStream.range(0, cases.size())
            .mapToObj(i -> "c" + i + " " + cases.get(i).get(0).sqlType())
            .collect(Collectors.joining(", ", "(id bigint primary key, ", ")"));
    database.run("create table singly " + columns, "create table flushed " + columns);
    TableStore singly = jdbc.table("singly");
    TableStore flushed = jdbc.table("flushed");

    List<Row> rows = new ArrayList<>();
    for (int shape = 0; shape < 6; shape++) {
      boolean[] named = new boolean[cases.size()];
      for (int i = 0; i < named.length; i++) {
        named[i] = shape == 0 || random.nextInt(3) > 0;
      }
      for (int n = 0; n < 60; n++) {
        rows.add(randomRow(singly.table(), cases, named, random));
      }
    }
    List<Transaction.Part<?, ?>> changes = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      Change<Object, Row> change = new Change.Put<>(i % 250L, rows.get(i));
      TestDatabase.applied(TestDatabase.apply(singly, change));
      changes.add(new Transaction.Part<>(flushed, change));
    }
    FlushTarget target = jdbc.flushTarget();
    FlushTarget.Claim claim = target.claim("types");
    FlushTarget.Flushed outcome =
        FlushContract.flush(target, changes, new FlushTarget.Stretch("types", claim.epoch(), 0, 1));
    assertThat(outcome).as("seed %d", seed).isInstanceOf(FlushTarget.Flushed.Applied.class);
    for (int i = 0; i < cases.size(); i++) {
      String cells = "select " + shown("c" + i) + " from %s order by id";
      assertThat(database.ask(String.format(cells, "flushed")))
          .as("%s, seed %d", cases.get(i).get(0).sqlType(), seed)
          .hasSize(250)
          .isEqualTo(database.ask(String.format(cells, "singly")));
    }
  }

  private static Row randomRow(
      Table table, List<List<TypeCase>> cases, boolean[] named, Random random) {
    Row row = Row.empty(table.rowColumns());
    for (int i = 0; i < named.length; i++) {
      if (named[i]) {
        Column column = table.column("c" + i);
        List<TypeCase> some = cases.get(i);
        int choice = random.nextInt(some.size() * 2 + 1);
        Object value =
            choice < some.size() ? some.get(choice).given() : randomValue(column, random);
        row = row.with("c" + i, value == null ? null : column.check(value));
      }
    }
    return row;
  }

  /** Null too for types that have no random values. */
  private static @Nullable Object randomValue(Column column, Random random) {
    LocalDateTime time =
        LocalDateTime.of(random.nextInt(1, 9999), 1, 1, 0, 0)
            .plusSeconds(random.nextInt(31_000_000))
            .plusNanos(random.nextInt(1_000_000) * 1_000L);
    if (random.nextInt(5) == 0) {
      return null;
    }
    return switch (column.type().kind()) {
      case INTEGER -> (long) random.nextInt(30_000);
      case DECIMAL -> randomDecimal((DecimalType) column.type(), random);
      case DOUBLE -> random.nextGaussian() * 1e9;
      case BOOLEAN -> random.nextBoolean();
      case DATE -> time.toLocalDate();
      case TIME -> time.toLocalTime();
      case TIMESTAMP -> time;
      case TIMESTAMPTZ -> time.atOffset(ZoneOffset.ofHours(random.nextInt(12)));
      default -> null;
    };
  }

  private static BigDecimal randomDecimal(DecimalType type, Random random) {
    int digits = type.precision() == 0 ? 12 : Math.min(type.precision(), 14);
    BigInteger units = BigInteger.TEN.pow(random.nextInt(digits));
    boolean domain = type.sqlName().equals("numeric") && type.precision() > 0; // takes none below 0
    units = units.multiply(BigInteger.valueOf(random.nextInt(domain ? 0 : -9, 10)));
    return new BigDecimal(units, Math.max(0, type.scale()));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void aValueThatDoesNotFitIsRefusedAtTheDoorByName(TypeCase each) {
    TableStore store = table(each.sqlType());
    Column column = store.table().column("v");
    assertThatThrownBy(
            () -> {
              if (each.given() instanceof String text) {
                column.parse(text);
              } else {
                column.check(each.given());
              }
            })
        .isInstanceOf(BadValueException.class)
        .hasMessageContaining(store.table() + ".v")
        .hasMessageContaining(each.text());
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static io.cachewright.jdbc.TestDatabase.load;
import static io.cachewright.jdbc.TestDatabase.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.BadValueException;
import io.cachewright.Row;
import io.cachewright.store.Change;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Values of every type: at the door, written alone and in company, read back, as text. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TypesContract {
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

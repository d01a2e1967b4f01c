// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static io.cachewright.jdbc.TestDatabase.applied;
import static io.cachewright.jdbc.TestDatabase.load;
import static io.cachewright.jdbc.TestDatabase.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.BadValueException;
import io.cachewright.ConfigurationException;
import io.cachewright.Row;
import io.cachewright.store.Change;
import io.cachewright.store.Mapping;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MappingTest {
  private TestPostgres database;
  private JdbcDatabase jdbc;
  private TableStore users;
  private TableStore lines;

  enum Mood {
    SAD,
    OK
  }

  @SuppressWarnings("ArrayRecordComponent") // a bytea column is a byte[]
  record User(
      long id,
      String name,
      @Nullable Integer age,
      Instant createdAt,
      BigDecimal score,
      Mood mood,
      List<Integer> scores,
      UUID token,
      byte[] photo,
      @Nullable LocalDate born,
      Mood other) {}

  record Name(String name, int age) {}

  record Doubled(String name, int twice) {}

  record LineKey(int line, long orderId) {}

  @BeforeAll
  void open() {
    database = TestPostgres.create();
    database.run(
        "create type mood as enum ('sad', 'ok')",
        "create table users (id bigint primary key, name varchar(20) not null, age int,"
            + " created_at timestamptz, score numeric(9,2), mood mood,"
            + " scores int[], token uuid, photo bytea, born date, other text,"
            + " twice int generated always as (age * 2) stored)",
        "create table padded (code char(5) primary key, what text)",
        "create table named (name varchar(5) primary key, what text)",
        "create table priced (price numeric(9,2) primary key, what text)",
        "create table lines (order_id bigint, line int, what text, primary key (order_id, line))");
    jdbc = database.open();
    users = jdbc.table("users");
    lines = jdbc.table("lines");
  }

  @AfterAll
  void close() {
    database.close();
  }

  private <K, V> Mapping<K, V> mapping(Class<K> key, Class<V> value) {
    return jdbc.mapping(users, key, value, Map.of());
  }

  @Test
  void aRecordGoesToTheTableAndComesBack() {
    Mapping<Long, User> mapping = mapping(Long.class, User.class);
    User ann =
        new User(
            42,
            "Ann",
            null,
            Instant.parse("2026-01-31T10:00:00Z"),
            new BigDecimal("1.5"),
            Mood.OK,
            List.of(1, 2),
            new UUID(1, 2),
            new byte[] {1},
            null,
            Mood.SAD);
    Row row = mapping.toRow(42L, ann);
    assertThat(row.get("created_at"))
        .isEqualTo(Instant.parse("2026-01-31T10:00:00Z").atOffset(java.time.ZoneOffset.UTC));
    assertThat(row.get("score")).isEqualTo(new BigDecimal("1.50"));
    assertThat(row.has("twice")).isFalse();
    applied(TestDatabase.apply(users, new Change.Put<>(mapping.toStoreKey(42L), row)));
    User back = mapping.fromRow(load(users, 42L));
    assertThat(back)
        .usingRecursiveComparison()
        .isEqualTo(
            new User(
                42,
                "Ann",
                null,
                ann.createdAt(),
                new BigDecimal("1.50"),
                Mood.OK,
                List.of(1, 2),
                ann.token(),
                ann.photo(),
                null,
                Mood.SAD));
    assertThat(database.ask("select mood || ' ' || other from users where id = 42"))
        .containsExactly("ok SAD");
  }

  @Test
  void p9_aRecordWithFewerComponentsThanColumnsNamesOnlyThose() {
    put(users, 1L, "name", "x", "score", 7);
    Mapping<Integer, Name> mapping = mapping(Integer.class, Name.class);
    Row row = mapping.toRow(1, new Name("Bob", 30));
    assertThat(row.toMap().keySet()).containsExactly("id", "name", "age");
    applied(TestDatabase.apply(users, new Change.Put<>(mapping.toStoreKey(1), row)));
    assertThat(load(users, 1L).get("score")).isEqualTo(new BigDecimal("7.00"));
    assertThat(mapping.fromStoreKey(1L)).isEqualTo(1);
  }

  @Test
  void aRowIsItselfAndItsKeyColumnIsFilledIn() {
    Mapping<Object, Row> mapping = mapping(Object.class, Row.class);
    Row given = Row.empty(users.table().rowColumns()).with("name", "Ann").with("age", 3);
    Row row = mapping.toRow(5, given);
    assertThat(row.toMap()).isEqualTo(Map.of("id", 5L, "name", "Ann", "age", 3L));
    assertThatThrownBy(() -> mapping.toRow(5, given.with("name", "x".repeat(21))))
        .isInstanceOf(BadValueException.class)
        .hasMessageContaining("public.users.name");
  }

  @Test
  void aValueUnderAnotherKeyThanItsOwnIsRefused() {
    Mapping<Object, Row> rows = mapping(Object.class, Row.class);
    Row seven = Row.empty(users.table().rowColumns()).with("id", 7L);
    assertThatThrownBy(() -> rows.toRow(8L, seven))
        .isInstanceOf(BadValueException.class)
        .hasMessageContaining("key 8 of public.users, but its id is 7");
  }

  @Test
  void nullForAPrimitiveNamesTheComponent() {
    put(users, 2L, "name", "x", "age", null);
    Mapping<Long, Name> mapping = mapping(Long.class, Name.class);
    assertThatThrownBy(() -> mapping.fromRow(load(users, 2L)))
        .isInstanceOf(BadValueException.class)
        .hasMessageContaining("public.users.age is NULL")
        .hasMessageContaining("Name.age is a int, which cannot be null: make it Integer");
    Mapping<Long, Doubled> doubled = mapping(Long.class, Doubled.class);
    assertThatThrownBy(() -> doubled.fromRow(load(users, 2L)))
        .hasMessageContaining("twice is NULL (under write-behind it is, until the row is flushed)");
  }

  @Test
  void compositeKeysAreRecordsByNameOrLists() {
    Mapping<LineKey, Row> records = jdbc.mapping(lines, LineKey.class, Row.class, Map.of());
    assertThat(records.toStoreKey(new LineKey(3, 17))).isEqualTo(List.of(17L, 3L));
    assertThat(records.fromStoreKey(List.of(17L, 3L))).isEqualTo(new LineKey(3, 17));
    @SuppressWarnings("rawtypes")
    Mapping<List, Row> lists = jdbc.mapping(lines, List.class, Row.class, Map.of());
    assertThat(lists.toStoreKey(List.of(17, 3))).isEqualTo(List.of(17L, 3L));
    assertThatThrownBy(() -> lists.toStoreKey(List.of(17)))
        .isInstanceOf(BadValueException.class)
        .hasMessageContaining("order_id (bigint), line (integer)");
    assertThatThrownBy(() -> jdbc.mapping(lines, Long.class, Row.class, Map.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("[order_id, line]");
  }

  record WrongType(long id, LocalDate name) {}

  record Unknown(long id, String nickName) {}

  record Renamed(long id, String nickName) {}

  enum Weather {
    SUNNY
  }

  record WrongEnum(Weather mood) {}

  record WrongList(List<String> scores) {}

  record Text(String age) {}

  @Test
  void whatDoesNotFitIsSaidWhenTheMappingIsMade() {
    assertThatThrownBy(() -> mapping(Long.class, WrongType.class))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("WrongType.name is a java.time.LocalDate")
        .hasMessageContaining("public.users.name, a character varying(20); use String");
    assertThatThrownBy(() -> mapping(Long.class, Unknown.class))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("Unknown.nickName has no column: there is no nick_name among [id,");
    assertThatThrownBy(() -> mapping(Long.class, WrongEnum.class))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("SUNNY is no label of public.users.mood");
    assertThatThrownBy(() -> mapping(Long.class, WrongList.class))
        .isInstanceOf(ConfigurationException.class);
    assertThatThrownBy(() -> mapping(Long.class, Text.class))
        .isInstanceOf(ConfigurationException.class);
    assertThatThrownBy(() -> mapping(UUID.class, Row.class))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("UUID is no key of public.users, whose id is a bigint; use Long");
    assertThatThrownBy(() -> mapping(Long.class, String.class))
        .isInstanceOf(ConfigurationException.class);
    assertThatThrownBy(
            () -> jdbc.mapping(users, Long.class, Renamed.class, Map.of("nickNam", "name")))
        .isInstanceOf(ConfigurationException.class);
  }

  @Test
  void columnsCanBeNamedForComponents() {
    Mapping<Long, Renamed> mapping =
        jdbc.mapping(users, Long.class, Renamed.class, Map.of("nickName", "name"));
    assertThat(mapping.toRow(3L, new Renamed(3, "Eve")).get("name")).isEqualTo("Eve");
  }

  @Test
  void namesAreMadeSnakeCase() {
    assertThat(List.of("createdAt", "userID", "line2Text", "id", "aURLPart"))
        .map(RecordShape::snakeCase)
        .containsExactly("created_at", "user_id", "line2_text", "id", "a_url_part");
  }

  @Test
  void keysAreKeptAsTheyAreWhereTheColumnDoesNotChangeThem() {
    assertThat(keepsKeys("users", Long.class)).isTrue();
    assertThat(keepsKeys("users", Integer.class)).isFalse();
    assertThat(keepsKeys("named", String.class)).isTrue();
    assertThat(keepsKeys("padded", String.class)).isFalse();
    assertThat(keepsKeys("priced", BigDecimal.class)).isFalse();
    assertThat(keepsKeys("lines", LineKey.class)).isFalse();
  }

  private boolean keepsKeys(String table, Class<?> key) {
    return jdbc.mapping(jdbc.table(table), key, Row.class, Map.of()).keepsKeys();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static io.cachewright.jdbc.TestDatabase.apply;
import static io.cachewright.jdbc.TestDatabase.load;
import static io.cachewright.jdbc.TestDatabase.put;
import static io.cachewright.jdbc.TestDatabase.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.cachewright.ConfigurationException;
import io.cachewright.Row;
import io.cachewright.StoreAwayException;
import io.cachewright.store.Change;
import io.cachewright.store.Outcome;
import io.cachewright.store.Written;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

class SqliteFailureTest {
  @TempDir Path folder;
  private TestSqlite database;

  @BeforeEach
  void open() {
    database = new TestSqlite(folder.resolve("test.db"));
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void aFileThatAnotherHoldsIsAPassingFailure() throws SQLException {
    database.run("create table t (id INTEGER PRIMARY KEY, v INT)");
    SQLiteDataSource impatient = new SQLiteDataSource();
    impatient.setUrl("jdbc:sqlite:" + folder.resolve("test.db"));
    impatient.setBusyTimeout(10);
    TableStore store = JdbcDatabase.of(impatient).table("t");
    try (Connection other = database.dataSource().getConnection();
        Statement statement = other.createStatement()) {
      statement.execute("begin immediate");
      Outcome<Written<Row>> one = apply(store, new Change.Put<>(1L, row(store, "v", 1)));
      assertThat(one).isInstanceOf(Outcome.TryAgain.class);
      assertThat(((Outcome.TryAgain<?>) one).cause())
          .hasMessageContaining("SQLITE_BUSY")
          .hasMessageContaining("busy_timeout");
      assertThat(
              store.apply(
                  List.of(new Change.Put<>(1L, row(store, "v", 1)), new Change.Remove<>(2L))))
          .allMatch(outcome -> outcome instanceof Outcome.TryAgain);
      statement.execute("rollback");
    }
    assertThat(put(store, 1L, "v", 1).existed()).isFalse();
  }

  @Test
  void aFolderThatIsNotThereIsNoAnswerToALoad() {
    SQLiteDataSource nowhere = new SQLiteDataSource();
    nowhere.setUrl("jdbc:sqlite:" + folder.resolve("no/such/folder/x.db"));
    assertThatThrownBy(() -> JdbcDatabase.of(nowhere).table("t"))
        .isInstanceOf(StoreAwayException.class);
  }

  @Test
  void p4_aConnectionInAStateThatNobodyKnowsIsReallyClosed() throws SQLException {
    Connections connections =
        new Connections(
            database.dataSource(), new Availability(System::nanoTime), new Deadlines(1));
    Connection own;
    try (Connections.Loan loan = connections.borrow()) {
      own = loan.session.connection().unwrap(Connection.class);
      loan.broken();
    }
    assertThat(own.isClosed()).isTrue();
  }

  @Test
  void aTriggerThatRollsBackLeavesTheConnectionAsGoodAsItWas() throws SQLException {
    database.run(
        "create table t (id INTEGER PRIMARY KEY, v INT)",
        "create trigger positive before insert on t when new.v < 0 begin"
            + " select raise(rollback, 'negative'); end");
    try (HikariDataSource single = new HikariDataSource()) {
      single.setJdbcUrl("jdbc:sqlite:" + folder.resolve("test.db"));
      single.setMaximumPoolSize(1);
      TableStore store = JdbcDatabase.of(single).table("t");
      Connection own;
      try (Connection connection = single.getConnection()) {
        own = connection.unwrap(Connection.class);
      }
      assertThat(
              store.apply(
                  List.of(new Change.Put<>(1L, row(store, "v", -1)), new Change.Remove<>(2L))))
          .anyMatch(outcome -> outcome instanceof Outcome.Refused)
          .noneMatch(outcome -> outcome instanceof Outcome.Applied);
      assertThat(own.isClosed()).isFalse();
    }
  }

  @Test
  void tablesAreListedWithKeysForeignKeysAndWhatIsWrongWithThem() {
    database.run(
        "create table Parent (a TEXT, b INTEGER, primary key (b, a)) without rowid",
        "create table child (id INTEGER PRIMARY KEY, x INTEGER, y TEXT,"
            + " twice AS (x * 2), foreign key (x, y) references parent)",
        "create table log (line TEXT)",
        "create table folded (name TEXT COLLATE NOCASE PRIMARY KEY)",
        "create table moments (at TIMESTAMP PRIMARY KEY)");
    JdbcDatabase jdbc = database.open();
    List<Table> tables = jdbc.tables();
    assertThat(tables)
        .map(Table::name)
        .containsExactly("Parent", "child", "folded", "log", "moments");
    assertThat(tables.get(0).keyColumns()).map(Column::name).containsExactly("b", "a");
    assertThat(tables.get(1).foreignKeys())
        .containsExactly(new ForeignKey(List.of("x", "y"), "main", "Parent", List.of("b", "a")));
    assertThat(tables.get(1).column("twice").generated()).isTrue();
    assertThat(tables.get(2).unusable()).contains("NOCASE");
    assertThat(tables.get(3).unusable()).contains("no primary key");
    assertThat(tables.get(4).unusable()).contains("spellings");
    assertThatThrownBy(() -> jdbc.table("childd"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("did you mean child?");
    assertThat(jdbc.table("PARENT")).isSameAs(jdbc.table("main.parent"));
  }

  @Test
  void whatTriggersMakeOfARowIsTold() {
    database.run(
        "create table t (id INTEGER PRIMARY KEY, v INT, twice INT)",
        "create trigger twice after insert on t begin"
            + " update t set twice = new.v * 2 where id = new.id; end",
        "create trigger twice2 after update of v on t begin"
            + " update t set twice = new.v * 2 where id = new.id; end");
    TableStore store = database.open().table("t");
    assertThat(put(store, 1L, "v", 2).value().get("twice")).isEqualTo(4L);
    assertThat(put(store, 1L, "v", 3).value().get("twice")).isEqualTo(6L);
    assertThat(load(store, 1L).get("twice")).isEqualTo(6L);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every wrong configuration is told with its place and a way out. */
final class ConfigurationErrorsTest {

  /** A file, and what its one problem says. */
  record Case(String what, String yaml, List<String> says) {
    Case(String what, String yaml, String... says) {
      this(what, yaml, List.of(says));
    }

    @Override
    public String toString() {
      return what;
    }
  }

  @SuppressWarnings("checkstyle:MethodLength") // a table
  static List<Case> cases() {
    return List.of(
        new Case("tab", "keyspaces:\n\tusers: {}\n", "c.yaml:2:1", "not YAML", "TAB"),
        new Case("unclosed", "defaults: { ttl: 10m\n", "c.yaml:2:1", "not YAML"),
        new Case(
            "nested in itself",
            "keyspaces: &all\n  users: *all\n",
            "c.yaml:1:12",
            "nested in itself"),
        new Case("list at the top", "- a\n", "c.yaml:1:1", "a list"),
        new Case(
            "unknown key", "databse: sqlite:a.db\n", "c.yaml:1:1", "databse", "mean database?"),
        new Case(
            "unknown key far from all",
            "flux: 1\n",
            "c.yaml:1:1",
            "there are",
            "statement-timeout"),
        new Case(
            "unknown key in a keyspace",
            "keyspaces:\n  users:\n    tll: 5m\n",
            "c.yaml:3:5",
            "tll",
            "mean ttl?"),
        new Case(
            "setting of the top in a keyspace",
            "keyspaces:\n  users: { listen: 127.0.0.1:1 }\n",
            "c.yaml:2:12",
            "no setting listen here"),
        new Case(
            "unknown pattern",
            "keyspaces:\n  users: { pattern: read-thru }\n",
            "c.yaml:2:21",
            "mean read-through?",
            "look-aside, read-through, write-through, write-behind, record"),
        new Case(
            "record with a table",
            "keyspaces:\n  carts: { pattern: record, table: carts }\n",
            "c.yaml:2:36",
            "table means nothing under record"),
        new Case(
            "write-behind settings of record",
            "keyspaces:\n  a: { pattern: record, write-behind: { max-delay: 1s } }\n",
            "c.yaml:2:52",
            "write-behind.max-delay means nothing under record"),
        new Case(
            "additive of what writes no table",
            "keyspaces:\n  a: { additive: [stock] }\n",
            "c.yaml:2:18",
            "additive means nothing under read-through",
            "write-through or write-behind"),
        new Case(
            "additive of what has no table",
            "keyspaces:\n  a: { pattern: record, additive: [stock] }\n",
            "c.yaml:2:35",
            "additive means nothing under record"),
        new Case(
            "additive of documents",
            "keyspaces:\n  a: { pattern: write-behind, format: json, additive: [stock] }\n",
            "c.yaml:2:55",
            "additive means nothing with format: json",
            "format: hash"),
        new Case(
            "additive twice",
            "keyspaces:\n  a: { pattern: write-behind, additive: [stock, stock] }\n",
            "c.yaml:2:41",
            "stock is there twice"),
        new Case("admin", "admin: 127.0.0.1:1\n", "c.yaml:1:1", "later release"),
        new Case(
            "durability",
            "durability: sync\n",
            "c.yaml:1:13",
            "mean fsync?",
            "fsync, interval, os"),
        new Case("no directory", "data:\n", "c.yaml:1:6", "data", "nothing"),
        new Case("empty directory", "data: ''\n", "c.yaml:1:7", "data: it is empty"),
        new Case("empty table", "keyspaces: { a: { table: '' } }\n", "c.yaml:1:26", "it is empty"),
        new Case(
            "longer than any number",
            "drain: 18446744073709551616s\n",
            "c.yaml:1:8",
            "drain: 18446744073709551616s is longer than there can be"),
        new Case("drain", "drain: 10\n", "c.yaml:1:8", "drain: 10 has no unit"),
        new Case(
            "write-behind with a value",
            "defaults: { write-behind: 500ms }\n",
            "c.yaml:1:27",
            "write-behind must be settings",
            "a single value"),
        new Case(
            "unknown setting of write-behind",
            "defaults: { write-behind: { max-dely: 500ms } }\n",
            "c.yaml:1:29",
            "no setting max-dely here",
            "mean max-delay?"),
        new Case(
            "delay without unit",
            "keyspaces:\n  a: { pattern: write-behind, write-behind: { max-delay: 5 } }\n",
            "c.yaml:2:58",
            "write-behind.max-delay: 5 has no unit"),
        new Case(
            "too many changes",
            "defaults: { write-behind: { max-changes: 2000000 } }\n",
            "c.yaml:1:42",
            "1 to 1000000"),
        new Case(
            "no flag",
            "defaults: { write-behind: { coalesce: yes } }\n",
            "c.yaml:1:39",
            "neither true nor false"),
        new Case(
            "write-behind settings of write-through",
            "keyspaces:\n  a: { pattern: write-through, write-behind: { coalesce: true } }\n",
            "c.yaml:2:58",
            "write-behind.coalesce means nothing under write-through",
            "choose pattern: write-behind"),
        new Case(
            "write-behind settings of look-aside",
            "keyspaces:\n  a: { pattern: look-aside, write-behind: { max-delay: 1s } }\n",
            "c.yaml:2:56",
            "means nothing under look-aside"),
        new Case(
            "write-behind in plain",
            "plain: { write-behind: { max-delay: 1s } }\n",
            "c.yaml:1:10",
            "no setting write-behind here"),
        new Case(
            "mirror of look-aside",
            "keyspaces:\n  a: { pattern: look-aside, mirror: { table: a } }\n",
            "c.yaml:2:46",
            "mirror.table means nothing under look-aside"),
        new Case(
            "mirror without a database",
            "keyspaces:\n  a: { pattern: record, mirror: { every: 1m } }\n",
            "c.yaml:2:42",
            "mirror.every needs a database"),
        new Case(
            "unknown format",
            "keyspaces:\n  users: { format: jsn }\n",
            "c.yaml:2:20",
            "mean json?",
            "hash, json"),
        new Case(
            "duration without unit",
            "defaults: { ttl: 10 }\n",
            "c.yaml:1:18",
            "has no unit",
            "10s"),
        new Case(
            "unknown unit",
            "defaults: { ttl: 10w }\n",
            "c.yaml:1:18",
            "no unit w",
            "d, h, m, ms, s"),
        new Case("no duration", "defaults: { ttl: soon }\n", "c.yaml:1:18", "no duration"),
        new Case("zero ttl", "defaults: { ttl: 0s }\n", "c.yaml:1:18", "out of range: 1ms"),
        new Case("no size", "defaults: { max-bytes: lots }\n", "c.yaml:1:24", "no size", "512mb"),
        new Case("small size", "defaults: { max-bytes: 12b }\n", "c.yaml:1:24", "too small: 1kb"),
        new Case("no percentage", "defaults: { jitter: 0.1 }\n", "c.yaml:1:21", "80%"),
        new Case("large percentage", "defaults: { jitter: 60% }\n", "c.yaml:1:21", "0% to 50%"),
        new Case("no number", "pool-size: many\n", "c.yaml:1:12", "no whole number"),
        new Case("number out of range", "pool-size: 0\n", "c.yaml:1:12", "2 to 1000"),
        new Case("group for a value", "listen: { a: 1 }\n", "c.yaml:1:9", "HOST:PORT", "group"),
        new Case("list for a value", "listen: [1]\n", "c.yaml:1:9", "HOST:PORT", "a list"),
        new Case("empty value", "listen:\n", "c.yaml:1:8", "listen", "nothing"),
        new Case("value for a group", "keyspaces: users\n", "c.yaml:1:12", "a single value"),
        new Case("bad port", "listen: localhost:99999\n", "c.yaml:1:9", "0 to 65535"),
        new Case("no port", "listen: localhost\n", "c.yaml:1:9", "HOST:PORT"),
        new Case(
            "unknown database", "database: mysql://h/d\n", "c.yaml:1:11", "PostgreSQL, SQLite"),
        new Case(
            "setting twice",
            "listen: a:1\nlisten: a:2\n",
            "c.yaml:2:1",
            "listen is there twice, first at c.yaml:1:1"),
        new Case(
            "keyspace twice",
            "keyspaces:\n  users: {}\n  users: {}\n",
            "c.yaml:3:3",
            "users is there twice",
            "c.yaml:2:3"),
        new Case(
            "the name of plain keys",
            "keyspaces:\n  plain: { pattern: look-aside }\n",
            "c.yaml:2:3",
            "plain is the keyspace of plain keys",
            "another name"),
        new Case(
            "a mirror of which nothing is said",
            """
            database: sqlite:a.db
            keyspaces: { a: { pattern: record, mirror: {} } }
            """,
            "c.yaml:2:36",
            "mirror is empty",
            "table, every"),
        new Case(
            "two mirrors of one table, of which one has its schema",
            """
            database: sqlite:a.db
            keyspaces:
              a: { pattern: record, mirror: { table: m } }
              b: { pattern: record, mirror: { table: MAIN."M" } }
            """,
            "c.yaml:4:42",
            "table MAIN.\"M\" is already the mirror of keyspace a"),
        new Case(
            "a mirror on a table with its schema",
            """
            database: postgresql://h/d
            keyspaces:
              m: { table: public.m }
              b: { pattern: record, mirror: { table: M } }
            """,
            "c.yaml:4:42",
            "table M is already behind keyspace m"),
        new Case(
            "two mirrors of one table",
            """
            database: sqlite:a.db
            keyspaces:
              a: { pattern: record, mirror: { table: m } }
              b: { pattern: record, mirror: { table: M } }
            """,
            "c.yaml:4:42",
            "table M is already the mirror of keyspace a",
            "each would delete the other's rows"),
        new Case(
            "a mirror on a keyspace's table",
            """
            database: sqlite:a.db
            keyspaces:
              m: {}
              b: { pattern: record, mirror: { table: m } }
            """,
            "c.yaml:4:42",
            "table m is already behind keyspace m",
            "a mirror deletes rows that it has not written"),
        new Case(
            "table twice",
            "keyspaces:\n  users: {}\n  people: { table: Users }\n",
            "c.yaml:3:20",
            "already behind keyspace users",
            "c.yaml:2:3"),
        new Case("colon in a name", "keyspaces:\n  'a:b': {}\n", "c.yaml:2:3", "first colon"),
        new Case(
            "look-aside with a table",
            "keyspaces:\n  s: { pattern: look-aside, table: t }\n",
            "c.yaml:2:36",
            "look-aside",
            "leave it out"),
        new Case(
            "refresh-ahead without ttl",
            "keyspaces:\n  s: { refresh-ahead: 80% }\n",
            "c.yaml:2:23",
            "needs a ttl"),
        new Case(
            "refresh-ahead of a record keyspace",
            "keyspaces:\n  s: { pattern: record, refresh-ahead: 80% }\n",
            "c.yaml:2:40",
            "refresh-ahead means nothing under record"),
        new Case(
            "plain with another pattern",
            "plain: { pattern: write-through }\n",
            "c.yaml:1:19",
            "can only be look-aside or record"),
        new Case(
            "two passwords", "password: a\npassword-file: b\n", "c.yaml:2:16", "leave one out"),
        new Case("half a second", "statement-timeout: 1500ms\n", "c.yaml:1:20", "whole seconds"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isToldWithItsPlace(Case wrong) {
    BadConfiguration error = problemsOf(wrong.yaml());
    assertThat(error.problems()).as(error.getMessage()).hasSize(1);
    assertThat(error).hasMessageStartingWith(wrong.says().get(0) + ": ");
    assertThat(error.getMessage()).contains(wrong.says()).doesNotContain("\n");
  }

  @Test
  void allProblemsAreToldInTheOrderOfTheFile() {
    BadConfiguration error =
        problemsOf(
            """
            keyspaces:
              users: { ttl: 10 }
              orders: { format: xml }
            lissen: here
            """);
    assertThat(error.getMessage().lines())
        .hasSize(3)
        .satisfiesExactly(
            first -> assertThat(first).startsWith("c.yaml:2:17: ttl: 10 has no unit"),
            second -> assertThat(second).startsWith("c.yaml:3:21: format: no xml"),
            third -> assertThat(third).startsWith("c.yaml:4:1: no setting lissen here"));
  }

  @Test
  void namesOfTablesThatDifferInTheirQuotedLettersAreTwo() {
    Configuration configuration =
        ConfigurationReader.readText(
            """
            database: postgresql://h/d
            keyspaces:
              a: { table: '"Users"' }
              b: { table: '"USERS"' }
              c: { table: 's2."USERS"' }
              d: { pattern: record, mirror: { table: '"users"' } }
              e: { pattern: record, mirror: { table: 's2."a.b"' } }
            """,
            "c.yaml");
    assertThat(configuration.keyspaces()).hasSize(5);
  }

  @Test
  void whyAFileCannotBeReadIsSaidInWords(@TempDir Path directory) {
    assertThatThrownBy(() -> ConfigurationReader.read(directory, Map.of(), Map.of()))
        .isInstanceOf(BadConfiguration.class)
        .hasMessageContaining(directory + ": this is a directory; name the file in it")
        .hasMessageNotContaining("Exception");
  }

  private static BadConfiguration problemsOf(String yaml) {
    return catchThrowableOfType(
        BadConfiguration.class, () -> ConfigurationReader.readText(yaml, "c.yaml"));
  }
}

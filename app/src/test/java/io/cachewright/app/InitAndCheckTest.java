// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code init} writes passes {@code check}; {@code check} finds what does not fit. */
final class InitAndCheckTest {
  private static final String[] SHOP = {
    "create table customers (id integer primary key, name varchar(40) not null)",
    "create table order_lines (order_id integer, line integer, quantity integer,"
        + " primary key (order_id, line))",
    "create table audit (at timestamp, what text)",
  };

  @TempDir Path directory;

  @Test
  void aDraftFromSqlitePassesCheck() throws Exception {
    String url = TestDatabase.sqlite(directory.resolve("shop.db"), SHOP);
    checkedDraft(url);
  }

  @Test
  void aDraftFromPostgresPassesCheckAndHasNoPassword() throws Exception {
    String url = TestDatabase.postgres("init_shop", SHOP);
    TestDatabase.execute(
        "jdbc:" + url.replace("app:secret@", "") + "?user=app&password=secret",
        "create schema \"My Stock\"",
        "create table \"My Stock\".\"Order Lines\" (\"Id\" uuid primary key)",
        "create table \"My Stock\".customers (id bigint primary key)");
    String draft = checkedDraft(url);
    assertThat(draft)
        .contains("user: app")
        .doesNotContain("secret@", ":secret")
        .contains("Order_Lines:", "table: '\"My Stock\".\"Order Lines\"'");
  }

  @Test
  void aDraftOfOddNamesPassesCheck() throws Exception {
    String[] odd = {"yes", "null", "~", "<<", "a:b", "a b", "Users", "USERS", "users", "it's"};
    List<String> names = new ArrayList<>(List.of(odd));
    names.addAll(List.of("q\"q", "b\\s", "#h", "- d", "{x}", "%d", "plain", "schlüssel✓", "日"));
    names.addAll(List.of("n\n: x", "tab\tx", "bell\u0007", "nel\u0085x", "ls\u2028x", "\ufeffbom"));
    List<String> tables = new ArrayList<>(List.of("create schema s2", SHOP[0], SHOP[1], SHOP[2]));
    for (String name : names) {
      String quoted = '"' + name.replace("\"", "\"\"") + '"';
      tables.add("create table " + quoted + " (" + quoted + " int primary key)");
      tables.add("create table s2." + quoted + " (id int primary key, " + quoted + " text)");
    }
    checkedDraft(TestDatabase.postgres("init_odd", tables.toArray(String[]::new)));
  }

  /** As in a container without a locale. */
  @Test
  void aDraftOnStdoutIsInUtf8WhateverTheTerminalHas() {
    String url =
        TestDatabase.sqlite(
            directory.resolve("shop.db"), "create table größen (id integer primary key)");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream ascii = new PrintStream(out, /* autoFlush= */ true, StandardCharsets.US_ASCII);
    Console console = new Console(ascii, ascii, /* terminal= */ false, Map.of());
    assertThat(Main.run(console, "init", "--database", url, "--output", "-")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("# HGETALL größen:<id>");
  }

  @Test
  void aDraftHasTheParametersOfTheUrlButForUserAndPassword() throws Exception {
    String postgres = TestDatabase.postgres("init_parameters", SHOP);
    String draft =
        checkedDraft(postgres.replace("app:secret@", "") + "?user=app&ssl=false&password=secret");
    assertThat(draft).contains("?ssl=false\n", "user: app\n").doesNotContain("password=");
    Files.delete(directory.resolve("c.yaml"));
    String sqlite = TestDatabase.sqlite(directory.resolve("shop.db"), SHOP);
    assertThat(checkedDraft(sqlite + "?synchronous=NORMAL"))
        .contains("database: " + sqlite + "?synchronous=NORMAL\n");
  }

  @Test
  void aPasswordIsNotRepeatedByTheDriver() {
    Run run = Run.of("check", "--database", "postgresql://h:port/d?user=a&sslpassword=hidden");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("Unable to parse URL").doesNotContain("hidden");
  }

  private String checkedDraft(String url) throws Exception {
    Path file = directory.resolve("c.yaml");
    Run init = Run.of("init", "--database", url, "--output", file.toString());
    assertThat(init.err()).isEmpty();
    assertThat(init.out()).contains("tables as comments: 1", "check --config");
    assertThat(init.out().contains("set CACHEWRIGHT_PASSWORD"))
        .as("a password is asked for that was given, and is not in the file")
        .isEqualTo(url.contains("secret"));
    String draft = Files.readString(file);
    assertThat(draft)
        .contains("customers:", "order_lines:<order_id>:<line>", "pattern: read-through")
        .containsPattern("#.*audit has no primary key");
    Run check =
        Run.with(Map.of("CACHEWRIGHT_PASSWORD", "secret"), "check", "--config", file.toString());
    assertThat(check.out()).contains("all is well").contains("variable CACHEWRIGHT_PASSWORD");
    assertThat(check.exitCode()).isZero();
    return draft;
  }

  @Test
  void aFileIsOverwrittenOnlyIfForced() throws Exception {
    String url = TestDatabase.sqlite(directory.resolve("shop.db"), SHOP);
    Path file = directory.resolve("c.yaml");
    Files.writeString(file, "mine");
    Run refused = Run.of("init", "--database", url, "--output", file.toString());
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("is there already", "--force");
    assertThat(file).hasContent("mine");
    assertThat(Run.of("init", "--database", url, "--output", file.toString(), "--force").exitCode())
        .isZero();
    assertThat(Files.readString(file)).contains("keyspaces:");
  }

  @Test
  void checkFindsWhatDoesNotFitTheDatabase() throws Exception {
    String url = TestDatabase.sqlite(directory.resolve("shop.db"), SHOP);
    Path file = directory.resolve("c.yaml");
    Files.writeString(
        file,
        """
        database: %s
        keyspaces:
          users: { table: custmers }
          audit: {}
          customers: { columns: [id, nmae] }
        """
            .formatted(url));
    Run run = Run.of("check", "--config", file.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .contains("problem: " + file + ":3:19: keyspace users: no table custmers")
        .contains("did you mean customers")
        .contains("problem: " + file + ":4:3: keyspace audit: audit has no primary key")
        .contains("problem: " + file + ":5:25: keyspace customers: table customers has no column")
        .contains("(did you mean name?)")
        .contains("3 problems");
  }

  /** {@code serve} would not start. */
  @Test
  void checkFindsThatTwoKeyspacesAreOverOneTable() throws Exception {
    String url = TestDatabase.sqlite(directory.resolve("shop.db"), SHOP);
    Path file = directory.resolve("c.yaml");
    Files.writeString(
        file,
        "database: %s\nkeyspaces:\n  customers: {}\n  people: { table: main.customers }\n"
            .formatted(url));
    String problem =
        file
            + ":4:20: keyspace people: table customers is already behind keyspace customers; two"
            + " caches of one table would not see each other's writes";
    Run check = Run.of("check", "--config", file.toString());
    assertThat(check.exitCode()).isEqualTo(1);
    assertThat(check.out()).contains("problem: " + problem);
    Run serve = Run.of("serve", "--config", file.toString(), "--listen", "127.0.0.1:0");
    assertThat(serve.exitCode()).isEqualTo(2);
    assertThat(serve.err()).contains(problem);
  }

  @Test
  void checkFindsColumnsThatCannotBeAdditive() throws Exception {
    String url = TestDatabase.sqlite(directory.resolve("shop.db"), SHOP);
    Path file = directory.resolve("c.yaml");
    Files.writeString(
        file,
        """
        database: %s
        keyspaces:
          customers: { pattern: write-behind, additive: [nmae, name, id] }
        """
            .formatted(url));
    Run run = Run.of("check", "--config", file.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .contains(file + ":3:49: keyspace customers: table customers has no column nmae")
        .contains(file + ":3:49: keyspace customers, additive: customers.name is a ")
        .contains(file + ":3:49: keyspace customers, additive: customers.id is part of the key")
        .contains("3 problems");
  }

  @Test
  void checkFindsMissingPermissions() throws Exception {
    String url =
        TestDatabase.postgres("check_rights", "create table readable (id int primary key)");
    TestDatabase.asOwner(
        "check_rights",
        "create table hidden (id int primary key)",
        "create table looked (id int primary key)",
        "grant select, insert on looked to app",
        "create table asked (id int primary key)",
        "grant select, delete on asked to app");
    Path file = directory.resolve("c.yaml");
    Files.writeString(
        file,
        """
        database: %s
        keyspaces:
          readable: { pattern: write-through }
          hidden: {}
          looked: { pattern: write-through }
          asked: { pattern: write-behind }
        """
            .formatted(url));
    Run run = Run.of("check", "--config", file.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .contains(file + ":4:3: keyspace hidden: ")
        .contains(file + ":5:3: keyspace looked is write-through, and user app may not UPDATE,")
        .contains("GRANT UPDATE, DELETE ON public.looked TO app")
        .contains(
            file + ":6:3: keyspace asked is write-behind, and user app may not INSERT, UPDATE in")
        .contains("the journal is in ", "/cachewright-data, durability fsync")
        .contains("3 problems");
  }

  @Test
  void checkFindsThatWriteBehindCannotNoteHowFarItHasGot() throws Exception {
    String url = TestDatabase.postgres("check_position");
    TestDatabase.asOwner(
        "check_position",
        "alter schema public owner to postgres",
        "create table orders (id int primary key)",
        "grant select, insert, update, delete on orders to app");
    Path file = directory.resolve("c.yaml");
    Files.writeString(
        file, "database: %s\nkeyspaces: { orders: { pattern: write-behind } }\n".formatted(url));
    Run refused = Run.of("check", "--config", file.toString());
    assertThat(refused.out())
        .contains(file + ":2:14: ", "public.cachewright_position", "cannot be made", "1 problem")
        .contains("permission denied for schema public", "create table if not exists");
    assertThat(refused.exitCode()).isEqualTo(1);
    String name = "public.cachewright_position";
    TestDatabase.asOwner(
        "check_position",
        "create table "
            + name
            + " (log text not null primary key, epoch bigint not null,"
            + " position bigint not null,"
            + " updated_at timestamptz not null default current_timestamp)",
        "grant select on " + name + " to app");
    assertThat(Run.of("check", "--config", file.toString()).out())
        .contains(file + ":2:14: ", "permission denied for table", "grant select, insert, update");
    TestDatabase.asOwner("check_position", "grant insert, update on " + name + " to app");
    assertThat(Run.of("check", "--config", file.toString()).out()).contains("all is well");
  }

  @Test
  void checkFindsASqliteFileThatCannotBeWritten() throws Exception {
    Path shop = directory.resolve("shop.db");
    TestDatabase.sqlite(shop, "create table orders (id integer primary key)");
    Path file = directory.resolve("c.yaml");
    String text = "database: %s\nkeyspaces: { orders: { pattern: write-behind } }\n";
    Files.writeString(file, text.formatted("jdbc:sqlite:file:" + shop + "?immutable=1"));
    assertThat(Run.of("check", "--config", file.toString()).out())
        .contains(file + ":2:14: ", "readonly", "make file and folder writable", "1 problem");
    Files.writeString(file, text.formatted("sqlite:" + shop));
    assertThat(Run.of("check", "--config", file.toString()).out()).contains("all is well");
    assertThat(TestDatabase.count(shop, "sqlite_master where name = 'cachewright_position'"))
        .isZero();
  }

  private static final String MIRRORS =
      """
      database: %s
      keyspaces:
        carts: { pattern: record, mirror: { table: carts } }
        notes: { pattern: record, mirror: { every: 1m } }
        marks: { pattern: record, mirror: { table: marks_now } }
      """;

  @Test
  void checkLooksAtTheTablesOfMirrorsAndMakesNone() throws Exception {
    Path shop = directory.resolve("shop.db");
    String url =
        TestDatabase.sqlite(
            shop,
            "create table carts (key text primary key not null, value text)",
            "create table marks_now (key text primary key not null, value text, bytes integer,"
                + " fields json, expires_at timestamp)");
    Path file = directory.resolve("c.yaml");
    Files.writeString(file, MIRRORS.formatted(url));
    Run run = Run.of("check", "--config", file.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .contains("problem: " + file + ":3:46: mirror of keyspace carts: the table carts lacks")
        .contains("alter table \"carts\" add column \"bytes\"")
        .contains(
            "problem: " + file + ":5:46: mirror of keyspace marks: the table marks_now cannot")
        .contains("its column bytes is INTEGER")
        .contains("mirror of keyspace notes: there is no table notes yet; it can be made")
        .containsPattern("carts.mirror.table +carts +")
        .contains("2 problems");
    assertThat(TestDatabase.count(shop, "sqlite_master where tbl_name = 'notes'")).isZero();
  }

  @Test
  void checkFindsMirrorsForWhichPermissionsAreMissing() throws Exception {
    String url = TestDatabase.postgres("check_mirrors");
    TestDatabase.asOwner(
        "check_mirrors",
        "alter schema public owner to postgres",
        "create table carts (key text primary key, value text, bytes bytea, fields jsonb,"
            + " expires_at timestamptz)",
        "grant select, insert, update on carts to app",
        "create table marks_now (like carts including all)",
        "grant select, insert, update, delete on marks_now to app");
    Path file = directory.resolve("c.yaml");
    Files.writeString(file, MIRRORS.formatted(url));
    Run run = Run.of("check", "--config", file.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .contains(file + ":3:46: mirror of keyspace carts: user app may not DELETE in public.carts")
        .contains("GRANT DELETE ON public.carts TO app")
        .contains(file + ":4:46: mirror of keyspace notes: the mirror's table notes cannot be made")
        .contains("permission denied for schema public", "create table \"notes\"")
        .contains(file + ":3:46: write-behind notes in the table public.cachewright_position")
        .contains("3 problems");
  }

  @Test
  void aDatabaseThatIsAwayOrRefusesIsAProblemWithItsPlace() throws Exception {
    Path file = directory.resolve("c.yaml");
    Files.writeString(file, "database: postgresql://a:b@127.0.0.1:1/d\n");
    Run away = Run.of("check", "--config", file.toString());
    assertThat(away.exitCode()).isEqualTo(1);
    assertThat(away.out()).contains(file + ":1:11: the database cannot be reached");
    Files.writeString(file, "database: postgresql://a:b@nosuchhost.invalid/d\n");
    assertThat(Run.of("check", "--config", file.toString()).out())
        .contains("The connection attempt failed. (UnknownHostException: nosuchhost.invalid)");
    Files.writeString(file, "database: postgresql://a@127.0.0.1:1/d\npassword-file: none.txt\n");
    assertThat(Run.of("check", "--config", file.toString()).err())
        .contains("password-file none.txt: there is no such file");
    Files.writeString(file, "database: sqlite:" + directory.resolve("none.db") + "\n");
    Run missing = Run.of("check", "--config", file.toString());
    assertThat(missing.out()).contains(file + ":1:11", "there is no file");
    assertThat(directory.resolve("none.db")).doesNotExist();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.app.config.ConfigurationReader;
import io.cachewright.app.demo.RespClient;
import io.cachewright.app.serve.Serving;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code cachewright status} and {@code parked}, against a server in this JVM. */
final class RemoteCommandsTest {
  @TempDir Path directory;

  private Serving serve(String more) {
    String url =
        TestDatabase.sqlite(
            directory.resolve("shop.db"),
            "create table orders (id integer primary key, pieces integer check (pieces > 0))");
    return Serving.start(
        ConfigurationReader.readText(
            """
            database: %s
            data: %s
            listen: 127.0.0.1:0
            keyspaces: { orders: { pattern: write-behind }, s: { pattern: look-aside } }
            %s
            """
                .formatted(url, directory.resolve("data"), more),
            "c.yaml"));
  }

  @Test
  void statusPrintsTheFiguresOfEveryKeyspace() throws Exception {
    try (Serving serving = serve("")) {
      String listen = "127.0.0.1:" + serving.port();
      try (RespClient client = new RespClient("127.0.0.1", serving.port())) {
        client.call("HSET", "orders:1", "pieces", "2");
        client.call("HGETALL", "orders:1");
      }
      Run run = Run.of("status", "--listen", listen);
      assertThat(run.err()).isEmpty();
      assertThat(run.exitCode()).isZero();
      assertThat(run.out())
          .containsPattern("(?m)^keyspace +pattern +entries +hits +misses +writes")
          .containsPattern("(?m)^orders +write-behind +1 ")
          .containsPattern("(?m)^s +look-aside +0 ")
          .containsPattern("(?m)^orders: ");
    }
  }

  @Test
  void statusShowsHowMirrorsGetOnAndWhyNot() throws Exception {
    Path shop = directory.resolve("shop.db");
    String url = TestDatabase.sqlite(shop, "create table carts (key text primary key not null)");
    String yaml =
        """
        database: %s
        data: %s
        drain: 0s
        listen: 127.0.0.1:0
        keyspaces:
          carts: { pattern: record, mirror: { table: carts } }
          notes: { pattern: record, mirror: { table: notes } }
          alone: { pattern: record }
        """
            .formatted(url, directory.resolve("data"));
    try (Serving serving = Serving.start(ConfigurationReader.readText(yaml, "c.yaml"));
        RespClient client = new RespClient("127.0.0.1", serving.port())) {
      client.call("SET", "carts:1", "apples");
      client.call("SET", "notes:1", "read");
      client.call("CW.FLUSH", "notes");
      assertThatThrownBy(() -> client.call("CW.FLUSH", "carts")).hasMessageContaining("lacks");
      Run run = Run.of("status", "--listen", "127.0.0.1:" + serving.port());
      assertThat(run.out())
          .containsPattern("(?m)^notes, its mirror: .*lag-changes 0, .*flushed-rows 1, ")
          .containsPattern("(?m)^carts, its mirror: .*lag-changes 1, .*failing 1, ")
          .containsPattern("(?m)^carts fails: the table carts lacks columns .*alter table")
          .doesNotContain("notes fails", "alone,");
    }
  }

  @Test
  void theConfigurationSaysWhereTheServerIsAndWhatItsPasswordIs() throws Exception {
    try (Serving serving = serve("client-password: pw")) {
      String listen = "127.0.0.1:" + serving.port();
      assertThat(Run.of("status", "--listen", listen).err())
          .contains("the server says: NOAUTH", "--config", "CACHEWRIGHT_CLIENT_PASSWORD");
      Path file = directory.resolve("c.yaml");
      Files.writeString(file, "listen: " + listen + "\nclient-password: pw\n");
      assertThat(Run.of("status", "--config", file.toString()).out()).contains("write-behind");
      Map<String, String> variables =
          Map.of("CACHEWRIGHT_LISTEN", listen, "CACHEWRIGHT_CLIENT_PASSWORD", "pw");
      assertThat(Run.with(variables, "status").out()).contains("write-behind");
    }
  }

  @Test
  void p6_parkedChangesAreListedShownMendedAndDiscarded() throws Exception {
    try (Serving serving = serve("")) {
      String[] where = {"--listen", "127.0.0.1:" + serving.port()};
      assertThat(parked(where, "list").out()).isEqualTo("nothing is parked\n");
      try (RespClient client = new RespClient("127.0.0.1", serving.port())) {
        client.call("HSET", "orders:1", "pieces", "0");
        client.call("HSET", "orders:2", "pieces", "-1");
        client.call("CW.FLUSH");
        Run list = parked(where, "list", "orders");
        assertThat(list.exitCode()).isZero();
        assertThat(list.out()).contains("orders:1").contains("orders:2").contains("CHECK");
        Run show = parked(where, "show", "1");
        assertThat(show.out()).containsPattern("(?m)^value +id=1, pieces=0$").contains("tries");
        Run again = parked(where, "retry", "1");
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.out()).contains("refused it again");
        Run mended = parked(where, "retry", "1", "pieces=5");
        assertThat(mended.out()).isEqualTo("the database has it now\n");
        assertThat(client.call("HGET", "orders:1", "pieces")).isEqualTo("5");
        assertThat(parked(where, "discard", "2").out()).startsWith("2 is discarded");
        assertThat(client.call("EXISTS", "orders:2")).isEqualTo(0L);
        Run gone = parked(where, "show", "2");
        assertThat(gone.exitCode()).isEqualTo(1);
        assertThat(gone.err()).contains("nothing is parked under 2");
      }
      assertThat(TestDatabase.count(directory.resolve("shop.db"), "orders where pieces = 5"))
          .isEqualTo(1);
    }
  }

  private static Run parked(String[] where, String... arguments) {
    List<String> command = new ArrayList<>(List.of("parked"));
    command.addAll(List.of(arguments));
    command.addAll(List.of(where));
    return Run.of(command.toArray(String[]::new));
  }

  @Test
  void whereNoServerAnswersThatIsSaid() {
    for (String command : new String[] {"status", "parked"}) {
      Run run = Run.of(command, "--listen", "127.0.0.1:1");
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err())
          .startsWith("cachewright: no server answers at 127.0.0.1:1")
          .contains("--listen")
          .hasLineCount(1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "parked lst, there is no lst",
    "parked show, show takes the ID",
    "parked show x, show takes the ID",
    "parked discard 1 2, discard takes the ID",
    "parked retry, retry takes the ID",
    "parked retry 1 pieces, is no FIELD=VALUE",
  })
  void wrongUseIsSaidBeforeAServerIsAsked(String line, String says) {
    Run run = Run.of(line.split(" "));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(says).hasLineCount(1);
  }
}

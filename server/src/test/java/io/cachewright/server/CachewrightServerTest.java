// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cachewright.Cachewright;
import io.cachewright.ConfigurationException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server and its connections, whatever the commands are. */
class CachewrightServerTest {
  private Cachewright cache;
  private Catalog catalog;
  private CachewrightServer server;
  private RespClient client;

  @BeforeEach
  void start() {
    cache = Cachewright.builder().open();
    catalog = new Catalog(cache);
    server = CachewrightServer.builder(catalog).port(0).start();
    client = new RespClient(server.port());
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    cache.close();
  }

  @Test
  void whatIsSetCanBeGot() {
    assertThat(client.ask("PING")).isEqualTo("PONG");
    assertThat(client.ask("SET greeting hello")).isEqualTo("OK");
    assertThat(client.ask("GET greeting")).isEqualTo("\"hello\"");
    assertThat(client.ask("GET nothing")).isEqualTo("(nil)");
  }

  @Test
  void helloChoosesTheVersionOfTheProtocol() {
    assertThat(client.ask("HELLO 3")).contains("\"proto\": (integer) 3");
    assertThat(client.ask("HELLO 2")).contains("\"proto\", (integer) 2");
    assertThat(client.ask("HELLO 4")).isEqualTo("(error) NOPROTO unsupported protocol version");
  }

  @Test
  void whatClientsSendOnConnectingIsAnswered() {
    assertThat(client.ask("HELLO 2 SETNAME app")).contains("\"proto\", (integer) 2");
    assertThat(client.ask("CLIENT SETINFO LIB-NAME redis-py")).isEqualTo("OK");
    assertThat(client.ask("CLIENT SETINFO LIB-VER 5.0")).isEqualTo("OK");
    assertThat(client.ask("CLIENT INFO")).contains("name=app ", "lib-name=redis-py lib-ver=5.0");
    assertThat(client.ask("SELECT 0")).isEqualTo("OK");
    assertThat(client.ask("SELECT 1")).startsWith("(error) ERR DB index is out of range");
    assertThat(client.ask("CONFIG GET save")).isEqualTo("[\"save\", \"\"]");
    assertThat(client.ask("CONFIG GET nothing")).isEqualTo("[]");
    assertThat(client.ask("COMMAND INFO get")).startsWith("[[\"get\", (integer) 2, [");
    assertThat(client.ask("INFO server")).contains("redis_version:7.0.15");
  }

  @Test
  void commandsSentAtOnceAreAnsweredInOrder() {
    assertThat(client.pipeline(List.of("SET a 1", "INCR a", "GET a", "NOPE", "GET a")))
        .containsExactly(
            "OK",
            "(integer) 2",
            "\"2\"",
            "(error) ERR unknown command 'NOPE', with args beginning with: ",
            "\"2\"");
  }

  @Test
  void aPortThatIsTakenIsAnErrorThatSaysWhatToDo() {
    assertThatThrownBy(() -> CachewrightServer.builder(catalog).port(server.port()).start())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("127.0.0.1:" + server.port())
        .hasMessageContaining("choose another port");
  }

  @Test
  void nioServesWhereEpollIsNotToBeHad() {
    try (CachewrightServer other = CachewrightServer.builder(catalog).port(0).nio().start();
        RespClient elsewhere = new RespClient(other.port())) {
      assertThat(elsewhere.ask("PING")).isEqualTo("PONG");
    }
  }

  @Test
  void quitAnswersAndCloses() {
    assertThat(client.pipeline(List.of("SET a 1", "QUIT"))).containsExactly("OK", "OK");
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void nonsenseIsToldAndClosedAndTheOthersStay() {
    client.ask("SET a 1");
    try (RespClient other = new RespClient(server.port())) {
      other.sendRaw("*2\r\n$3\r\nGET\r\n$1\r\na\r\n*1\r\n:5\r\n");
      assertThat(other.reply()).isEqualTo("\"1\"");
      assertThat(other.reply()).isEqualTo("(error) ERR Protocol error: expected '$', got ':'");
      assertThat(other.isClosed()).isTrue();
    }
    assertThat(client.ask("GET a")).isEqualTo("\"1\"");
  }

  @Test
  void aLineOfWordsIsACommand() {
    client.sendRaw("SET greeting \"hello world\"\r\nGET greeting\r\n");
    assertThat(client.reply()).isEqualTo("OK");
    assertThat(client.reply()).isEqualTo("\"hello world\"");
  }

  @Test
  void p7_aReaderThatIsSlowHoldsUpNobodyAndGetsEverythingInTheEnd() {
    client.askWords("SET", "big", "x".repeat(100_000));
    try (RespClient slow = new RespClient(server.port())) {
      for (int i = 0; i < 500; i++) {
        slow.send("GET big"); // 50 MB of replies, which nobody reads yet
      }
      assertThat(client.ask("PING")).isEqualTo("PONG");
      for (int i = 0; i < 500; i++) {
        assertThat(slow.reply()).hasSize(100_002);
      }
    }
  }

  @Test
  void p7_aReaderThatEndsItsInputGetsEverythingAndOneThatGoesAwayIsForgotten() {
    client.askWords("SET", "big", "x".repeat(100_000));
    try (RespClient slow = new RespClient(server.port())) {
      try (RespClient gone = new RespClient(server.port())) {
        for (RespClient each : List.of(slow, gone)) {
          for (int i = 0; i < 500; i++) {
            each.send("GET big");
          }
          each.endOutput();
        }
        assertThat(gone.reply()).hasSize(100_002);
      }
      await().until(() -> server.connections() == 2);
      for (int i = 0; i < 500; i++) {
        assertThat(slow.reply()).hasSize(100_002);
      }
      assertThat(slow.isClosed()).isTrue();
      await().until(() -> server.connections() == 1);
    }
  }

  @Test
  void p7_moreConnectionsThanTheBoundAreTold() {
    Limits one = Limits.DEFAULT.withMaxConnections(1);
    try (CachewrightServer small = CachewrightServer.builder(catalog).port(0).limits(one).start();
        RespClient first = new RespClient(small.port())) {
      assertThat(first.ask("PING")).isEqualTo("PONG");
      try (RespClient second = new RespClient(small.port())) {
        assertThat(second.reply())
            .isEqualTo("(error) ERR max number of clients reached: maxConnections is 1");
        assertThat(second.isClosed()).isTrue();
      }
      assertThat(first.ask("PING")).isEqualTo("PONG");
    }
  }

  @Test
  void aClientCanAskForNoReplies() {
    client.send("CLIENT REPLY OFF");
    client.send("SET a 1");
    assertThat(client.ask("CLIENT REPLY ON")).isEqualTo("OK");
    client.send("CLIENT REPLY SKIP");
    client.send("SET a 2");
    assertThat(client.ask("GET a")).isEqualTo("\"2\"");
  }

  @Test
  void commandsAreCounted() {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    try (CachewrightServer other =
            CachewrightServer.builder(catalog).port(0).meters(meters).start();
        RespClient elsewhere = new RespClient(other.port())) {
      elsewhere.pipeline(List.of("GET a", "GET a", "GET"));
      assertThat(meters.get("cachewright.commands").tag("command", "get").functionCounter().count())
          .isEqualTo(3);
      assertThat(
              meters
                  .get("cachewright.command.errors")
                  .tag("command", "get")
                  .functionCounter()
                  .count())
          .isEqualTo(1);
      assertThat(meters.get("cachewright.connections").gauge().value()).isEqualTo(1);
    }
    assertThat(client.ask("INFO")).contains("redis_version:7.0.15", "cachewright_version");
  }

  @Test
  void p7_aClientThatBeginsManyScansEndsNobodyElses() {
    client.pipeline(IntStream.range(0, 300).mapToObj(i -> "SET key" + i + " v").toList());
    List<String> begun = java.util.Collections.nCopies(1_100, "SCAN 0 COUNT 1");
    Set<String> found = new HashSet<>();
    String cursor = "0";
    try (RespClient other = new RespClient(server.port())) {
      for (int portion = 0; portion < 30; portion++) {
        String reply = client.ask("SCAN " + cursor + " COUNT 10");
        cursor = reply.substring(2, reply.indexOf('"', 2));
        Matcher key = Pattern.compile("key\\d+").matcher(reply);
        while (key.find()) {
          found.add(key.group());
        }
        other.pipeline(begun);
      }
    }
    assertThat(cursor).isEqualTo("0");
    assertThat(found).hasSize(300);
  }

  @Test
  void aLargeHashComesInPortionsEachFieldOnce() {
    List<String> commands =
        IntStream.range(0, 5_000).mapToObj(i -> "HSET h field" + i + " v").toList();
    client.pipeline(commands);
    Set<String> found = new HashSet<>();
    String cursor = "0";
    do {
      String reply = client.ask("HSCAN h " + cursor + " COUNT 100");
      cursor = reply.substring(2, reply.indexOf('"', 2));
      Matcher field = Pattern.compile("field\\d+").matcher(reply);
      while (field.find()) {
        assertThat(found.add(field.group())).as(field.group()).isTrue();
      }
    } while (!cursor.equals("0"));
    assertThat(found).hasSize(5_000);
  }

  @Test
  void helpIsThereWhereErrorsAdviseIt() {
    for (String family : List.of("CLIENT", "COMMAND", "CONFIG", "OBJECT")) {
      assertThat(client.ask(family + " NONSENSE")).endsWith("Try " + family + " HELP.");
      assertThat(client.ask(family + " HELP"))
          .startsWith("[" + family + " <subcommand> [<arg> ...]. Subcommands are:, ")
          .endsWith("HELP]");
      assertThat(client.ask(family + " HELP x")).contains("wrong number of arguments");
    }
    assertThat(client.ask("OBJECT HELP")).contains("ENCODING <key>");
  }

  @Test
  void clientsAreListedByWhatIsAskedFor() {
    try (RespClient other = new RespClient(server.port())) {
      String id = other.ask("CLIENT ID").replace("(integer) ", "");
      assertThat(client.ask("CLIENT LIST").lines().filter(line -> line.contains("id="))).hasSize(2);
      assertThat(client.ask("CLIENT LIST TYPE normal")).contains("id=" + id + " ").contains("\n\"");
      assertThat(client.ask("CLIENT LIST ID " + id + " 77").lines().filter(l -> l.contains("id=")))
          .singleElement()
          .asString()
          .contains("id=" + id + " ");
      assertThat(client.ask("COMMAND LIST FILTERBY ACLCAT read")).startsWith("(error) ERR ");
    }
  }

  @Test
  void aHostThatIsUnknownIsSaidToBe() {
    CachewrightServer.Builder unknown =
        CachewrightServer.builder(catalog).host("no-such-host.invalid").port(1);
    assertThatThrownBy(unknown::start)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("no-such-host.invalid:1: the host's name cannot be resolved")
        .hasMessageNotContaining("null");
  }
}

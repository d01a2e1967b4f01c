// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.Cachewright;
import io.cachewright.ConfigurationException;
import java.util.List;
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
}

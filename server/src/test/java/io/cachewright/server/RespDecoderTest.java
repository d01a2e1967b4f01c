// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes to commands, however they are cut and whatever they are. */
class RespDecoderTest {
  private static final Limits LIMITS =
      new Limits(10, 64 << 10, 1024, 1024, 128 << 10, 16, 16 << 10);

  private static final String GOLDEN =
      "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\n\r\n\r\n" // a value that is a line end
          + "*1\r\n$4\r\nPING\r\n"
          + "*0\r\n"
          + "*-1\r\n"
          + "\r\n"
          + "GET  \"a\\x41\\n\" 'b\\'c' d\"e\"\r\n"
          + "*2\r\n$3\r\nGET\r\n$0\r\n\r\n"
          + "ECHO x\n";

  private static final List<String> GOLDEN_COMMANDS =
      List.of("[SET, a, \r\n]", "[PING]", "[GET, aA\n, b'c, de]", "[GET, ]", "[ECHO, x]");

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  private static String show(byte[][] words) {
    return Arrays.stream(words)
        .map(word -> new String(word, StandardCharsets.ISO_8859_1))
        .toList()
        .toString();
  }

  /** Decodes what comes in these pieces, as a connection would. */
  private static List<String> decode(RespDecoder decoder, String... pieces) {
    List<String> commands = new ArrayList<>();
    ByteBuf received = Unpooled.buffer();
    for (String piece : pieces) {
      received.writeBytes(bytes(piece));
      for (byte[][] words = decoder.decode(received);
          words != null;
          words = decoder.decode(received)) {
        commands.add(show(words));
      }
      received.discardReadBytes();
    }
    return commands;
  }

  @Test
  void goldenCommandsInOneBuffer() {
    assertThat(decode(new RespDecoder(LIMITS), GOLDEN)).isEqualTo(GOLDEN_COMMANDS);
  }

  @Test
  void d1_cutAtEveryByte() {
    for (int cut = 0; cut <= GOLDEN.length(); cut++) {
      assertThat(decode(new RespDecoder(LIMITS), GOLDEN.substring(0, cut), GOLDEN.substring(cut)))
          .as("cut at %s", cut)
          .isEqualTo(GOLDEN_COMMANDS);
    }
  }

  @Test
  void d1_byteByByte() {
    assertThat(decode(new RespDecoder(LIMITS), GOLDEN.split(""))).isEqualTo(GOLDEN_COMMANDS);
  }

  @Test
  void d1_largeArgumentsInRandomPieces() {
    Random random = new Random(42);
    String value = "v".repeat(50_000);
    String command = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$50000\r\n" + value + "\r\n";
    String all = command.repeat(3);
    List<String> pieces = new ArrayList<>();
    for (int at = 0; at < all.length(); ) {
      int next = Math.min(all.length(), at + 1 + random.nextInt(9_000));
      pieces.add(all.substring(at, next));
      at = next;
    }
    assertThat(decode(new RespDecoder(LIMITS), pieces.toArray(String[]::new)))
        .hasSize(3)
        .containsOnly("[SET, a, " + value + "]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "*x | invalid multibulk length",
        "* | invalid multibulk length",
        "*-x | invalid multibulk length",
        "*1025 | invalid multibulk length",
        "*99999999999 | invalid multibulk length",
        "*2147483648 | invalid multibulk length",
        "*00000000000000000000000000001 | invalid multibulk length",
        "*1~:5 | expected '$', got ':'",
        "*1~$-1 | invalid bulk length",
        "*1~$x | invalid bulk length",
        "*1~$65537 | invalid bulk length",
        "*1~$9223372036854775808 | invalid bulk length",
        "*3~$60000 | null",
        "*1~$2~abc | expected a line end after 2 bytes of an argument",
        "GET \"a | unbalanced quotes in request",
        "GET 'a'b | unbalanced quotes in request"
      })
  void d3_nonsenseIsAProtocolError(String sent, String reason) {
    String wire = sent.replace("~", "\r\n") + "\r\n";
    RespDecoder decoder = new RespDecoder(LIMITS);
    if (reason.equals("null")) {
      assertThat(decode(decoder, wire)).isEmpty();
      return;
    }
    assertThatThrownBy(() -> decode(decoder, wire))
        .isInstanceOf(ProtocolError.class)
        .hasMessage("ERR Protocol error: " + reason);
  }

  @Test
  void d3_aLineOrACommandThatIsTooLongIsRefused() {
    assertThatThrownBy(() -> decode(new RespDecoder(LIMITS), "x".repeat(2_000)))
        .hasMessage("ERR Protocol error: too big inline request");
    assertThatThrownBy(() -> decode(new RespDecoder(LIMITS), "*" + "1".repeat(40)))
        .isInstanceOf(ProtocolError.class);
    String argument = "$60000\r\n" + "x".repeat(60_000) + "\r\n";
    assertThatThrownBy(() -> decode(new RespDecoder(LIMITS), "*3\r\n" + argument.repeat(3)))
        .hasMessage("ERR Protocol error: command of more than 131072 bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"*11\r\n", "*1\r\n$16385\r\n"})
  void d3_beforeLoginLessIsAccepted(String wire) {
    RespDecoder decoder = new RespDecoder(LIMITS);
    decoder.loggedIn(false);
    assertThatThrownBy(() -> decode(decoder, wire)).hasMessageContaining("unauthenticated");
    assertThat(decode(new RespDecoder(LIMITS), wire)).isEmpty();
  }

  @Test
  void d2_aDeclaredLengthTakesNoMemory() {
    RespDecoder decoder = new RespDecoder(Limits.DEFAULT);
    long before = Runtime.getRuntime().totalMemory();
    List<RespDecoder> many = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      RespDecoder each = new RespDecoder(Limits.DEFAULT);
      decode(each, "*1048576\r\n$536870912\r\nx");
      many.add(each);
    }
    assertThat(many).hasSize(10_000); // 5 TB, had they been believed
    assertThat(decode(decoder, "*1\r\n$4\r\nPING\r\n")).containsExactly("[PING]");
    assertThat(Runtime.getRuntime().totalMemory()).isLessThan(before + (1L << 30));
  }

  @Test
  void randomBytesNeverDoAnythingElse() {
    Random random = new Random(7);
    String alphabet = "*$\r\n0123456789-abc \"'\\x\u0000\u00ff";
    for (int round = 0; round < 20_000; round++) {
      StringBuilder sent = new StringBuilder();
      for (int i = random.nextInt(60); i >= 0; i--) {
        sent.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      try {
        decode(new RespDecoder(LIMITS), sent.toString(), "\r\n");
      } catch (ProtocolError e) {
        assertThat(e).hasMessageStartingWith("ERR Protocol error: ");
      }
    }
  }

  /** A page in a browser can send such things to a server on the reader's own machine. */
  @ParameterizedTest
  @ValueSource(
      strings = {"POST / HTTP/1.1\r\n", "post /\r\n", "Host: localhost\r\n", "HOST: x\r\n"})
  void httpIsRefused(String line) {
    assertThatThrownBy(() -> decode(new RespDecoder(LIMITS), line + "SET a 1\r\n"))
        .isInstanceOf(ProtocolError.class)
        .hasMessageContaining("HTTP");
  }
}

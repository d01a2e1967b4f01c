// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.Cachewright;
import io.cachewright.KeyspaceOptions;
import io.cachewright.Pattern;
import io.cachewright.journal.Durability;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Plain keys do what Redis does: each script of {@code same-as-redis.txt} is sent to a real Redis
 * and to Cachewright, line by line, and every reply must be the same. In RESP2 and in RESP3; with
 * keys that are look-aside, and with keys that are record.
 */
class SameAsRedisTest {
  @TempDir static Path directory;
  private static RealRedis redis;
  private static Side lookAside;
  private static Side record;

  /** A server of ours. */
  private record Side(Cachewright cache, CachewrightServer server, Pattern pattern) {

    static Side start(Cachewright cache, Pattern pattern) {
      Catalog catalog = new Catalog(cache, pattern, KeyspaceOptions.DEFAULT);
      return new Side(cache, CachewrightServer.builder(catalog).port(0).start(), pattern);
    }

    void stop() {
      server.close();
      cache.close();
    }

    /** Whether its reply is another with record keys, and is meant to be. */
    boolean differs(String command) {
      return pattern.isRecord()
          && (command.startsWith("FLUSH") || command.equals("CONFIG GET appendonly"));
    }

    void empty(RespClient client) {
      client.ask(pattern.isRecord() ? "CW.CLEAR plain" : "FLUSHALL");
    }
  }

  @BeforeAll
  static void start() {
    redis = new RealRedis();
    lookAside = Side.start(Cachewright.builder().open(), Pattern.LOOK_ASIDE);
    Cachewright durable =
        Cachewright.builder().directory(directory).durability(Durability.OS).open();
    record = Side.start(durable, Pattern.RECORD);
  }

  @AfterAll
  static void stop() {
    lookAside.stop();
    record.stop();
    redis.close();
  }

  /** A script: its title and its commands. */
  record Script(String title, List<String> commands) {
    @Override
    public String toString() {
      return title;
    }
  }

  static Stream<Script> scripts() {
    List<Script> scripts = new ArrayList<>();
    try (InputStream in = SameAsRedisTest.class.getResourceAsStream("/same-as-redis.txt")) {
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
        if (line.startsWith("## ")) {
          scripts.add(new Script(line.substring(3), new ArrayList<>()));
        } else if (!line.isBlank() && !line.startsWith("#")) {
          scripts.get(scripts.size() - 1).commands().add(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return scripts.stream();
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void resp2(Script script) {
    check(script, 2, lookAside);
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void resp3(Script script) {
    check(script, 3, lookAside);
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void record(Script script) {
    check(script, 3, record);
  }

  @Test
  void whateverIsSentAtOnce() {
    checkAtOnce(lookAside);
  }

  @Test
  void whateverIsSentAtOnceToRecord() {
    checkAtOnce(record);
  }

  private static void checkAtOnce(Side side) {
    List<String> commands = new ArrayList<>();
    scripts().forEach(script -> commands.addAll(script.commands()));
    // Their replies tell the order of several keys, the time, or end the connection.
    commands.removeIf(command -> command.matches("(KEYS|SCAN|RANDOMKEY|QUIT|HELLO|OBJECT|TTL).*"));
    commands.removeIf(side::differs);
    try (RespClient ours = new RespClient(side.server().port());
        RespClient theirs = new RespClient(redis.port())) {
      side.empty(ours);
      theirs.ask("FLUSHALL");
      List<String> replies = ours.pipeline(commands);
      List<String> expected = theirs.pipeline(commands);
      for (int i = 0; i < commands.size(); i++) {
        assertThat(replies.get(i)).as(i + ": " + commands.get(i)).isEqualTo(expected.get(i));
      }
    }
  }

  private static void check(Script script, int version, Side side) {
    try (RespClient ours = new RespClient(side.server().port());
        RespClient theirs = new RespClient(redis.port())) {
      side.empty(ours);
      theirs.ask("FLUSHALL");
      ours.ask("HELLO " + version);
      theirs.ask("HELLO " + version);
      List<String> differences = new ArrayList<>();
      for (String command : script.commands()) {
        if (side.differs(command)) {
          if (command.startsWith("FLUSH")) {
            side.empty(ours);
            theirs.ask("FLUSHALL");
          }
          continue;
        }
        String reply = ours.askWords(words(command));
        String expected = theirs.askWords(words(command));
        if (!reply.equals(expected) && !isNear(command, reply, expected)) {
          differences.add(command + ": " + reply + ", but Redis says " + expected);
        }
      }
      assertThat(differences).isEmpty();
    }
  }

  /** A time that is left may be asked for a moment later of one than of the other. */
  private static boolean isNear(String command, String reply, String expected) {
    return command.startsWith("TTL ")
        && reply.startsWith("(integer)")
        && expected.startsWith("(integer)")
        && Math.abs(number(reply) - number(expected)) <= 2;
  }

  private static long number(String reply) {
    return Long.parseLong(reply.substring("(integer) ".length()));
  }

  /** Words parted by blanks; {@code ''} is the empty word. */
  private static String[] words(String command) {
    return Stream.of(command.split(" "))
        .map(word -> word.equals("''") ? "" : word)
        .toArray(String[]::new);
  }
}

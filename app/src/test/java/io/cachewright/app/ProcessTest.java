// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cachewright.app.demo.RespClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as one starts and stops it: a process of its own. */
final class ProcessTest {
  private static final Pattern LISTENING = Pattern.compile("listening +127\\.0\\.0\\.1:([0-9]+)");

  @TempDir Path directory;
  private Path out;
  private Path err;
  private Process process;

  @BeforeEach
  void files() {
    out = directory.resolve("out");
    err = directory.resolve("err");
  }

  @AfterEach
  void end() {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  @Test
  void servesUntilItIsStoppedAndStopsInGoodOrder() throws Exception {
    String url =
        TestDatabase.sqlite(
            directory.resolve("shop.db"),
            "create table customers (id integer primary key, name text)",
            "insert into customers values (42, 'Ann')");
    start("serve", "--database", url, "--listen", "127.0.0.1:0");
    try (RespClient client = new RespClient("127.0.0.1", port())) {
      assertThat(client.call("HGETALL", "customers:42"))
          .isEqualTo(List.of("id", "42", "name", "Ann"));
    }
    process.destroy(); // SIGTERM
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(143);
    assertThat(Files.readString(err)).isEqualTo("stopping\nstopped\n");
    assertThat(Files.readAllLines(out)).hasSizeBetween(6, 10);
  }

  @Test
  void p1_whatWasAcknowledgedIsInTheDatabaseAfterAKillAndAnotherStart() throws Exception {
    String file = writeBehind();
    start("serve", "--config", file);
    try (RespClient client = new RespClient("127.0.0.1", port())) {
      for (int i = 1; i <= 100; i++) {
        client.call("HSET", "payments:" + i, "amount", Integer.toString(i));
      }
    }
    assertThat(Run.of("serve", "--config", file))
        .satisfies(second -> assertThat(second.exitCode()).isEqualTo(1))
        .satisfies(second -> assertThat(second.err()).hasLineCount(1))
        .satisfies(
            second ->
                assertThat(second.err())
                    .contains("is in use by process " + process.pid(), "--data"));
    process.destroyForcibly().waitFor(); // SIGKILL
    start("serve", "--config", file);
    try (RespClient client = new RespClient("127.0.0.1", port())) {
      client.call("HSET", "payments:101", "amount", "101");
    }
    process.destroy();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(err))
        .contains(
            "stopping\n",
            "100 changes were not in the database yet",
            "changes that wait: 1; they",
            "all")
        .endsWith("stopped\n");
    assertThat(TestDatabase.count(directory.resolve("shop.db"), "payments")).isEqualTo(101);
  }

  @Test
  void aDamagedJournalEndsTheStartAndIsSaidOnce() throws Exception {
    String file = writeBehind();
    start("serve", "--config", file);
    try (RespClient client = new RespClient("127.0.0.1", port())) {
      for (int i = 1; i <= 3; i++) {
        client.call("HSET", "payments:" + i, "amount", "1");
      }
    }
    process.destroyForcibly().waitFor();
    Path segment = directory.resolve("data/journal/0000000000000001.journal");
    byte[] bytes = Files.readAllBytes(segment);
    bytes[64 + 30] ^= 1; // in the first record
    Files.write(segment, bytes);
    Run run = Run.of("serve", "--config", file);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .hasLineCount(1)
        .startsWith("cachewright: journal: " + segment + " is damaged at offset ")
        .contains("cachewright journal inspect --data " + directory.resolve("data"));
  }

  /** A configuration whose changes are flushed at the stop. */
  private String writeBehind() throws IOException {
    String url =
        TestDatabase.sqlite(
            directory.resolve("shop.db"),
            "create table payments (id integer primary key, amount integer)");
    Path file = directory.resolve("c.yaml");
    Files.writeString(
        file,
        """
        database: %s
        listen: 127.0.0.1:0
        data: %s
        drain: 20s
        keyspaces:
          payments: { pattern: write-behind, write-behind: { max-delay: 1h } }
        """
            .formatted(url, directory.resolve("data")));
    return file.toString();
  }

  @Test
  void p8_aMirrorWhoseTableCannotBeUsedDoesNotHoldUpTheStop() throws Exception {
    String url =
        TestDatabase.sqlite(
            directory.resolve("shop.db"), "create table carts (key text primary key not null)");
    Path file = directory.resolve("c.yaml");
    Files.writeString(
        file,
        """
        database: %s
        listen: 127.0.0.1:0
        data: %s
        drain: 1h
        keyspaces: { carts: { pattern: record, mirror: { every: 0s } } }
        """
            .formatted(url, directory.resolve("data")));
    start("serve", "--config", file.toString());
    try (RespClient client = new RespClient("127.0.0.1", port())) {
      client.call("SET", "carts:1", "apples");
      assertThat(client.call("CW.WAIT", "1")).isEqualTo(1L); // it does not count mirrors
      assertThatThrownBy(() -> client.call("CW.FLUSH")).hasMessageContaining("lacks columns");
    }
    process.destroy();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(err))
        .contains("is not waited for, since its table cannot be used")
        .endsWith("stopped\n");
  }

  @Test
  void aFailureIsOneParagraphAndAnExitCode() throws Exception {
    start("serve", "--database", "sqlite:" + directory.resolve("none.db"));
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(Files.readAllLines(err))
        .singleElement()
        .asString()
        .startsWith("cachewright: the database refuses: there is no file");
    assertThat(out).isEmptyFile();
  }

  @Test
  void aShortDemoThatIsStoppedLeavesNothingBehind() throws Exception {
    start("demo", "--short", "--data", directory.toString());
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> Files.readString(err).contains("rows in 4 tables"));
    process.destroy();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(143);
    assertThat(Files.readString(err)).contains("stopping\n").endsWith("stopped\n");
    assertThat(directory).isDirectoryNotContaining("glob:**/data*");
  }

  @Test
  void whenThereAreNoFileDescriptorsTheLogSaysWhyClientsWait() throws Exception {
    String url =
        TestDatabase.sqlite(
            directory.resolve("shop.db"), "create table t (id integer primary key)");
    List<String> few = List.of("sh", "-c", "ulimit -n 250; exec \"$@\"", "sh");
    start(few, "serve", "--database", url, "--listen", "127.0.0.1:0");
    int port = port();
    List<RespClient> clients = new ArrayList<>();
    for (int i = 0; i < 250; i++) {
      clients.add(new RespClient("127.0.0.1", port));
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> Files.readString(err).contains("could not be accepted"));
    for (RespClient client : clients) {
      client.close();
    }
    try (RespClient client = new RespClient("127.0.0.1", port)) {
      assertThat(client.call("PING")).isEqualTo("PONG");
    }
    assertThat(Files.readString(err))
        .contains("Too many open files", "ulimit -n", " are open")
        .doesNotContain("exceptionCaught");
  }

  private void start(String... arguments) throws IOException {
    start(List.of(), arguments);
  }

  /**
   * @param through what starts it
   */
  private void start(List<String> through, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(through);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED"); // as ./cachewright does
    }
    // Not the tests' own logging.
    command.add("-Dlogback.configurationFile=" + Path.of("src/main/resources/logback.xml").toUri());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
  }

  private int port() {
    return await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              Matcher matcher = LISTENING.matcher(Files.readString(out));
              boolean all = Files.readString(out).contains("Ctrl-C");
              return all && matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
            },
            port -> port > 0);
  }
}

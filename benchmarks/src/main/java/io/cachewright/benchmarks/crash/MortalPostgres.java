// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.crash;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** A PostgreSQL that can be stopped as if it had crashed, and started again on what is left. */
final class MortalPostgres implements AutoCloseable {
  private final Path directory;
  private final int port;
  private EmbeddedPostgres server;

  MortalPostgres(Path directory) throws IOException, SQLException {
    this.directory = directory;
    try (ServerSocket free = new ServerSocket(0)) {
      this.port = free.getLocalPort();
    }
    this.server = start();
    try (Connection connection = connection();
        Statement statement = connection.createStatement()) {
      for (String each : CrashModel.DDL) {
        statement.execute(each);
      }
    }
  }

  private EmbeddedPostgres start() throws IOException {
    return EmbeddedPostgres.builder()
        .setDataDirectory(directory)
        .setCleanDataDirectory(false)
        .setPort(port)
        .setPGStartupWait(Duration.ofMinutes(1))
        .setServerConfig("fsync", "on")
        // The embedded one has it off, and then takes back commits that it has confirmed.
        .setServerConfig("synchronous_commit", "on")
        .start();
  }

  String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres";
  }

  Connection connection() throws SQLException {
    return java.sql.DriverManager.getConnection(url());
  }

  /** Its processes end where they are; the next start has to recover (pg_ctl stop -m immediate). */
  void kill() throws IOException, InterruptedException {
    String pid = Files.readAllLines(directory.resolve("postmaster.pid")).get(0).trim();
    new ProcessBuilder("kill", "-QUIT", pid).inheritIO().start().waitFor();
    ProcessHandle.of(Long.parseLong(pid)).ifPresent(process -> process.onExit().join());
  }

  void startAgain() throws IOException {
    server.close(); // it holds a lock on the directory
    server = start();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.Cachewright;
import io.cachewright.engine.Log;
import io.cachewright.journal.FileDisk;
import io.cachewright.journal.JournalOptions;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server whose journal's disk can be held up, with two clients. */
@Timeout(60)
abstract class HeldServerFixture {
  @TempDir Path directory;
  HeldDisk disk;
  Cachewright cache;
  CachewrightServer server;
  RespClient client;
  RespClient other;

  /** Opens the cache; {@link #serve} follows. */
  void open(Cachewright.Builder builder, JournalOptions options) {
    cache = builder.open();
    disk = new HeldDisk(directory.resolve("journal"));
    FileDisk parked = new FileDisk(directory.resolve("parked"));
    cache.engine().openLog(new Log.Place(disk, parked, options), Duration.ZERO);
  }

  void serve(Catalog catalog) {
    server = CachewrightServer.builder(catalog).port(0).start();
    client = new RespClient(server.port());
    other = new RespClient(server.port());
  }

  @AfterEach
  void stop() {
    disk.release();
    client.close();
    other.close();
    server.close();
    cache.close();
  }
}

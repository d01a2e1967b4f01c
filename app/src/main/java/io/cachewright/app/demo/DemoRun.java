// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.demo;

import io.cachewright.app.Console;
import io.cachewright.app.Failure;
import io.cachewright.app.config.Configuration;
import io.cachewright.app.config.ConfigurationReader;
import io.cachewright.app.config.Setting;
import io.cachewright.app.config.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the command was told to do.
 *
 * @param seconds of each contender
 * @param roundTrip to the database; null for none to a PostgreSQL, and a usual one to a SQLite
 *     file, which is in this process and nearer than any cache can be
 * @param data directory of the SQLite file; null for a fresh one
 * @param keep whether the data stay afterwards
 * @param login database, user and password of a PostgreSQL; without a database SQLite it is
 */
public record DemoRun(
    double seconds,
    @Nullable Duration roundTrip,
    @Nullable Path data,
    boolean keep,
    Map<Setting<?>, String> login) {

  /** Between two machines of one data centre. */
  private static final Duration USUAL = Duration.ofNanos(500_000);

  /** Opens the demonstration; what it makes is removed when it is closed. */
  public Demo open(Console console) {
    String url = login.get(Settings.DATABASE);
    Map<Setting<?>, String> user = new HashMap<>(login);
    user.remove(Settings.DATABASE);
    Duration usual = url == null ? USUAL : Duration.ZERO;
    Demo.Options options =
        new Demo.Options(seconds, roundTrip == null ? usual : roundTrip, data, Map.copyOf(user));
    if (url == null) {
      return new Demo(console, options, DemoDatabase.sqlite(data, keep));
    }
    Configuration given = ConfigurationReader.read(null, Map.of(), login);
    return new Demo(console, options, DemoDatabase.postgresql(given, url, keep));
  }

  /**
   * Measures and prints.
   *
   * @throws Failure if something could not be measured
   */
  public void measure(Demo demo) {
    List<Measured> runs;
    try {
      runs = demo.measure();
    } catch (Failure e) {
      throw e;
    } catch (Exception e) {
      throw Failure.failed("the demonstration failed: " + e.getMessage(), e);
    }
    for (Measured run : runs) {
      if (!run.isComplete()) {
        throw Failure.failed("the table is not complete: nothing in a cell of " + run.name());
      }
    }
    try {
      demo.crash();
    } catch (Failure e) {
      throw e;
    } catch (Exception e) {
      throw Failure.failed("the crash could not be shown: " + e.getMessage(), e);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import io.cachewright.app.config.Configuration;
import io.cachewright.app.config.Listen;
import io.cachewright.app.config.Setting;
import io.cachewright.app.config.Settings;
import io.cachewright.app.demo.RespClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A running server that is asked something. */
final class Remote implements AutoCloseable {
  private final RespClient client;

  /** Where it is: as it was told itself. */
  static final class Where {
    @Mixin private CommonOptions.ConfigFile file;

    @Option(
        names = "--listen",
        paramLabel = "HOST:PORT",
        description = "Where the server listens. Default as configured, else 127.0.0.1:6380.")
    private @Nullable String listen;

    /**
     * Connects, and logs in if the configuration has a password for clients.
     *
     * @throws Failure if no server answers
     */
    Remote connect(Console console) {
      Map<Setting<?>, String> options = new HashMap<>();
      CommonOptions.put(options, Settings.LISTEN, listen);
      Configuration configuration = file.read(console, options);
      Listen at = configuration.get(Settings.LISTEN);
      String host = at.host().equals("0.0.0.0") ? "127.0.0.1" : at.host();
      Remote remote;
      try {
        remote = new Remote(new RespClient(host, at.port()));
      } catch (IOException e) {
        throw Failure.failed(
            "no server answers at "
                + at
                + " ("
                + e.getMessage()
                + "): --listen or --config say"
                + " where it is",
            e);
      }
      configuration
          .get(Settings.CLIENT_PASSWORD)
          .ifPresent(password -> remote.ask("AUTH", password));
      return remote;
    }
  }

  private Remote(RespClient client) {
    this.client = client;
  }

  /**
   * Sends a command; answers its reply.
   *
   * @throws Failure if that is an error
   */
  @Nullable Object ask(String... command) {
    try {
      return client.call(command);
    } catch (RespClient.ErrorReply e) {
      boolean login = e.text().startsWith("NOAUTH") || e.text().startsWith("WRONGPASS");
      throw Failure.failed(
          "the server says: "
              + e.text()
              + (login
                  ? " Its client-password is taken from the file that --config names, or from"
                      + " CACHEWRIGHT_CLIENT_PASSWORD"
                  : ""),
          e);
    } catch (IOException e) {
      throw Failure.failed("the server did not answer " + command[0] + ": " + e.getMessage(), e);
    }
  }

  /** A reply that is a list. */
  static List<?> list(@Nullable Object reply) {
    return reply instanceof List<?> items ? items : List.of();
  }

  /** A reply of names and values by turns, which is how a map is sent. */
  static Map<String, @Nullable Object> map(@Nullable Object reply) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    List<?> items = list(reply);
    for (int i = 0; i + 1 < items.size(); i += 2) {
      map.put(String.valueOf(items.get(i)), items.get(i + 1));
    }
    return map;
  }

  static String text(@Nullable Object value) {
    return value == null ? "-" : value.toString();
  }

  /** Lines of columns, each as wide as it must be; the first row is of titles. */
  static void print(Console console, List<List<String>> rows) {
    List<Integer> widths = new ArrayList<>();
    for (int i = 0; i < rows.get(0).size(); i++) {
      int column = i;
      widths.add(rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0));
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        line.append(row.get(i)).append(" ".repeat(widths.get(i) - row.get(i).length() + 2));
      }
      console.out().println(line.toString().stripTrailing());
    }
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (IOException e) {
      // there is nothing left to be asked
    }
  }
}

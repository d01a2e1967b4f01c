// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.serve;

import io.cachewright.app.config.ConfigurationReader;
import io.cachewright.app.demo.RespClient;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A cache that serves in this JVM, and a client of it. */
final class Serve implements AutoCloseable {
  private final Serving serving;
  private final RespClient client;

  private Serve(Serving serving) throws IOException {
    this.serving = serving;
    this.client = new RespClient("127.0.0.1", serving.port());
  }

  /** Serves by a configuration that says nothing of where it listens. */
  static Serve by(String yaml) throws IOException {
    return new Serve(
        Serving.start(ConfigurationReader.readText("listen: 127.0.0.1:0\n" + yaml, "c.yaml")));
  }

  static Serve of(Serving serving) throws IOException {
    return new Serve(serving);
  }

  static Serve database(String url) throws IOException {
    return by("database: " + url + "\n");
  }

  Serving serving() {
    return serving;
  }

  Object call(String... command) throws IOException {
    return client.call(command);
  }

  /** What the server says no with. */
  String refusal(String... command) throws IOException {
    try {
      return "no refusal but " + client.call(command);
    } catch (RespClient.ErrorReply e) {
      return e.text();
    }
  }

  Map<String, String> hash(String key) throws IOException {
    Map<String, String> fields = new TreeMap<>();
    Iterator<?> items = ((List<?>) client.call("HGETALL", key)).iterator();
    while (items.hasNext()) {
      fields.put((String) items.next(), (String) items.next());
    }
    return fields;
  }

  @Override
  public void close() throws IOException {
    client.close();
    serving.close();
  }
}

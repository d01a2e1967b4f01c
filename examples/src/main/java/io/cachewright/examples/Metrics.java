// SPDX-License-Identifier: Apache-2.0
package io.cachewright.examples;

import io.cachewright.Cachewright;
import io.cachewright.Keyspace;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

/** What a cache counts, in the registry of the application. */
public final class Metrics {

  private Metrics() {}

  public static void main(String... args) {
    // tag::metrics[]
    MeterRegistry registry = new SimpleMeterRegistry(); // the application's own, as a rule
    try (Cachewright cache = Cachewright.builder().meters(registry).open()) {
      Keyspace<String, String> pages = cache.keyspace("pages", String.class, String.class).open();
      pages.put("/about", "<h1>About</h1>");
      pages.get("/about");
      pages.get("/contact");

      double hits =
          registry.get("cachewright.hits").tag("keyspace", "pages").functionCounter().count();
      // end::metrics[]
      System.out.printf("%.0f hit, %d miss%n", hits, pages.stats().misses());
    }
  }
}

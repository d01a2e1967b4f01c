// SPDX-License-Identifier: Apache-2.0
package io.cachewright.examples;

import io.cachewright.Cachewright;
import io.cachewright.Keyspace;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A plain cache: the application asks it first, and puts in what was not there. Nothing stands
 * behind it.
 */
public final class LookAside {

  private LookAside() {}

  public static void main(String... args) {
    // tag::look-aside[]
    try (Cachewright cache = Cachewright.builder().open()) {
      Keyspace<String, String> sessions =
          cache
              .keyspace("sessions", String.class, String.class)
              .maximumSize(100_000) // then the least useful ones go
              .expireAfterWrite(Duration.ofMinutes(30))
              .open();

      sessions.put("7f3a", "Ann");
      @Nullable String who = sessions.get("7f3a"); // "Ann"; null if it is not there any more
      // end::look-aside[]
      System.out.println("session 7f3a is " + who + "'s");

      // tag::compute-if-absent[]
      // However many threads ask at once, the page is made once, and all of them get it.
      Keyspace<String, String> pages = cache.keyspace("pages", String.class, String.class).open();
      String page = pages.computeIfAbsent("/about", path -> "<h1>" + path + "</h1>");
      // end::compute-if-absent[]
      System.out.println("the page is " + page);

      System.out.println(sessions.stats().hits() + " hit, " + pages.size() + " page");
    }
  }
}

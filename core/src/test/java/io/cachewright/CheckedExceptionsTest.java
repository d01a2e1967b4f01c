// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.store.Change;
import io.cachewright.store.Outcome;
import io.cachewright.store.Store;
import io.cachewright.store.Written;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Checked exceptions that nobody has declared, as Kotlin throws them: nobody waits for ever. */
class CheckedExceptionsTest extends WriteBehindFixture {

  private static <T> T soon(Future<T> future) throws Exception {
    return future.get(4, TimeUnit.SECONDS);
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> RuntimeException sneak(Throwable error) throws T {
    throw (T) error;
  }

  @Test
  void ofAFunction() throws Exception {
    Keyspace<Integer, String> plain =
        cache.keyspace("plain", Integer.class, String.class).lookAside().open();
    assertThatThrownBy(
            () ->
                plain.computeIfAbsent(
                    1,
                    key -> {
                      throw CheckedExceptionsTest.<RuntimeException>sneak(new IOException("x"));
                    }))
        .hasStackTraceContaining("IOException");
    assertThat(soon(CompletableFuture.supplyAsync(() -> plain.computeIfAbsent(1, key -> "made"))))
        .isEqualTo("made");
  }

  private static final class Sneaky implements Store<Integer, String> {
    volatile boolean bad = true;

    @Override
    public Map<Integer, String> load(Collection<Integer> keys) {
      if (bad) {
        throw CheckedExceptionsTest.<RuntimeException>sneak(new IOException("x"));
      }
      Map<Integer, String> found = new HashMap<>();
      keys.forEach(key -> found.put(key, "v"));
      return found;
    }

    @Override
    public List<Outcome<Written<String>>> apply(List<Change<Integer, String>> changes) {
      if (bad) {
        throw CheckedExceptionsTest.<RuntimeException>sneak(new IOException("x"));
      }
      List<Outcome<Written<String>>> all = new ArrayList<>();
      changes.forEach(change -> all.add(new Outcome.Applied<>(new Written<>(null, true))));
      return all;
    }
  }

  @Test
  void ofALoad() throws Exception {
    Sneaky store = new Sneaky();
    Keyspace<Integer, String> keyspace =
        cache.keyspace("users", Integer.class, String.class).writeThrough().store(store).open();
    CompletableFuture<String> first = keyspace.async().get(1);
    assertThatThrownBy(() -> soon(first)).isInstanceOf(ExecutionException.class);
    store.bad = false;
    assertThat(soon(keyspace.async().get(1))).isEqualTo("v");
  }

  @Test
  void ofACommit() throws Exception {
    Sneaky store = new Sneaky();
    Keyspace<Integer, String> keyspace =
        cache.keyspace("users", Integer.class, String.class).writeThrough().store(store).open();
    CompletableFuture<Void> first = keyspace.async().put(1, "a");
    assertThatThrownBy(() -> soon(first)).isInstanceOf(ExecutionException.class);
    store.bad = false;
    assertThat(soon(keyspace.async().compute(1, present -> "b"))).isEqualTo("b");
  }
}

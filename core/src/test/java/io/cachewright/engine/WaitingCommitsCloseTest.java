// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cachewright.CacheException;
import io.cachewright.Columns;
import io.cachewright.Gate;
import io.cachewright.Keyspace;
import io.cachewright.KeyspaceOptions;
import io.cachewright.MemoryDatabase;
import io.cachewright.store.ByteSink;
import io.cachewright.store.ByteSource;
import io.cachewright.store.Codec;
import io.cachewright.store.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** A cache that is closed while those who waited for room are getting it. */
class WaitingCommitsCloseTest extends WaitingCommitsFixture {
  private final Gate writes = new Gate();

  /** Values that a test can hold up while they are made ready for the journal. */
  private final Codec<String> held =
      new Codec<>() {
        private final Codec<String> text = Objects.requireNonNull(Codec.of(String.class));

        @Override
        public void write(String value, ByteSink out) {
          writes.pass();
          text.write(value, out);
        }

        @Override
        public String read(ByteSource in, Function<List<String>, Columns> of) {
          return text.read(in, of);
        }
      };

  @Test
  void p7_closingInTheMiddleOfALongTurnAnswersAllOfThem() throws Exception {
    MemoryDatabase.Table<String> values = database.table(ValueType.opaque(held));
    KeyspaceOptions oneKey =
        PATIENT.toBuilder().writeBehind(TINY.withCoalesce(true)).build(); // a turn has room for all
    Keyspace<Integer, String> notes = notes("notes", values, oneKey);
    fill(notes);
    List<CompletableFuture<Void>> puts = new ArrayList<>();
    for (int i = 0; i < 2_500; i++) { // more than two turns take
      puts.add(notes.async().put(1, "put"));
    }
    writes.close();
    database.commits.open();
    writes.awaitHeld(1); // the first has its room, and is being made
    CompletableFuture<Void> closing = CompletableFuture.runAsync(cache::close);
    await(() -> cache.engine().executor().isShutdown());
    writes.open();
    for (CompletableFuture<Void> put : puts) {
      assertThrows(CacheException.class, () -> join(put));
    }
    join(closing);
  }
}

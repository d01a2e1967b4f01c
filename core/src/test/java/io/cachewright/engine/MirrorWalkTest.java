// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cachewright.KeyspaceOptions;
import io.cachewright.Pattern;
import io.cachewright.journal.Durability;
import io.cachewright.store.Change;
import io.cachewright.store.Codec;
import io.cachewright.store.MirrorTarget.Mirrored;
import io.cachewright.store.ValueType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MirrorWalkTest {
  private static final int KEYS = 6_000;

  /** What a hash map has as bins for so many: keys that differ by it alone share one. */
  private static final int BINS = 8_192;

  @TempDir Path directory;
  private final Engine engine = new Engine(System::nanoTime, new SimpleMeterRegistry());
  private final Map<Integer, String> table = new HashMap<>();
  private Log log;
  private Space<Integer, String> notes;

  @BeforeEach
  void open() {
    engine.openLog(Log.Place.of(directory, Durability.OS), Duration.ZERO);
    log = Objects.requireNonNull(engine.log());
    notes =
        engine.open(
            new SpaceSpec<>(
                "notes",
                Pattern.RECORD,
                KeyspaceOptions.DEFAULT,
                Objects.requireNonNull(Codec.of(Integer.class)),
                ValueType.<String>opaque(),
                null,
                /* reclaims= */ false));
    for (int i = 0; i < KEYS; i++) {
      put(key(i), "old");
    }
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private static int key(int i) {
    return i / 2 + i % 2 * BINS;
  }

  private void put(int key, String value) {
    notes.commit(new Change.Put<>(key, value), Write.DEFAULT_TIME, /* mayRun= */ true).join();
  }

  private void copy(List<Mirrored<Integer, String>> portion) {
    portion.forEach(each -> table.put(each.key(), each.value()));
  }

  /**
   * V2. The map of entries doubles while the walk has its next entry in hand, which is then one of
   * the smaller map, where nothing changes any more.
   */
  @Test
  void p2_what_is_met_after_changes_were_sent_is_as_new_though_the_entries_have_moved() {
    Gathered<Integer, String> gathered =
        new Gathered<>(notes.values(), engine.clock(), /* bytesMax= */ 400_000);
    MirrorWalk<Integer, String> walk = new MirrorWalk<>(notes, log, gathered);
    copy(Objects.requireNonNull(walk.next()));
    for (int more = 0; more < KEYS; more++) {
      put(3 * BINS + more, "more");
    }
    Set<Integer> left = new HashSet<>();
    for (int i = 0; i < KEYS; i++) {
      if (!table.containsKey(key(i))) {
        put(key(i), "new");
        left.add(key(i));
      }
    }
    left.forEach(key -> gathered.add(key, Objects.requireNonNull(notes.table().get(key))));
    assertTrue(gathered.isLarge()); // so that it is sent before the walk goes on
    for (var portion = walk.next(); portion != null; portion = walk.next()) {
      copy(portion);
    }
    left.forEach(key -> assertEquals("new", table.get(key), () -> "key " + key));
  }
}

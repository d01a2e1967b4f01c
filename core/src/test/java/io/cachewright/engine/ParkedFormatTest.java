// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cachewright.JournalException;
import io.cachewright.KeyspaceOptions;
import io.cachewright.Pattern;
import io.cachewright.store.ByteSink;
import io.cachewright.store.Change;
import io.cachewright.store.Codec;
import io.cachewright.store.ValueType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ParkedFormatTest {
  private final Engine engine = new Engine(System::nanoTime, new SimpleMeterRegistry());

  @AfterEach
  void close() {
    engine.close();
  }

  /** A removal and a put of "x" under 7 in keyspace n, refused twice with SQLSTATE 23514. */
  private byte[] example() {
    Space<Long, String> space =
        engine.open(
            new SpaceSpec<>(
                "n",
                Pattern.LOOK_ASIDE,
                KeyspaceOptions.DEFAULT,
                Codec.plain(),
                ValueType.opaque(),
                null,
                /* reclaims= */ false));
    ByteSink sink = new ByteSink(1_000);
    ParkedFormat.write(
        new ParkedKey<>(
            3,
            space,
            7L,
            300,
            List.of(new Change.Remove<>(7L), new Change.Put<>(7L, "x")),
            new ParkedKey.Reason("23514", "no", /* since= */ 1_000, /* tries= */ 2),
            /* retryFrom= */ 0),
        /* retriedTo= */ 5,
        sink);
    return sink.toByteArray();
  }

  @Test
  void goldenBytes() {
    assertEquals(
        "4357504b0100000003ac0205e80702053233353134026e6f"
            + "010202016e02000000040e01016e02000000040e030000000901"
            + "78ba10ed0a",
        HexFormat.of().formatHex(example()));
  }

  @Test
  void whatIsWrittenIsRead() {
    ParkedFormat.Content content = ParkedFormat.read("f", example());
    assertEquals(3, content.id());
    assertEquals(300, content.sequence());
    assertEquals(5, content.retriedTo());
    assertEquals(new ParkedKey.Reason("23514", "no", 1_000, 2), content.reason());
    assertEquals("n", content.keyspace());
    assertEquals(2, content.changes().size());
  }

  @Test
  void aFileCutAnywhereOrWithAFlippedBitIsRefused() {
    byte[] whole = example();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThrows(JournalException.class, () -> ParkedFormat.read("f", cut));
    }
    for (int bit = 0; bit < whole.length * 8; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      JournalException e =
          assertThrows(JournalException.class, () -> ParkedFormat.read("dir/f", flipped));
      assertTrue(String.valueOf(e.getMessage()).contains("dir/f"), e.getMessage());
    }
  }
}

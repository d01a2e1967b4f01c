// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cachewright.BadValueException;
import io.cachewright.Columns;
import io.cachewright.KeyspaceOptions;
import io.cachewright.Pattern;
import io.cachewright.Row;
import io.cachewright.engine.TransactionFormat.Logged;
import io.cachewright.store.ByteSink;
import io.cachewright.store.ByteSource;
import io.cachewright.store.Change;
import io.cachewright.store.Codec;
import io.cachewright.store.ValueType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TransactionFormatTest {
  private final Engine engine = new Engine(System::nanoTime, new SimpleMeterRegistry());
  private final Space<Object, Row> users = open("users", ValueType.ROW);
  private final Space<Object, String> notes = open("notes", ValueType.opaque());

  private <V> Space<Object, V> open(String name, ValueType<V> values) {
    return engine.open(
        new SpaceSpec<>(
            name,
            Pattern.LOOK_ASIDE,
            KeyspaceOptions.DEFAULT,
            Codec.plain(),
            values,
            /* store= */ null,
            /* reclaims= */ false));
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private static final Row ANN = Row.ofAll(Columns.of("name"), "Ann");

  @Test
  void golden_bytes_of_the_example() {
    byte[] bytes = written(new Write<>(users, new Change.Put<>(7L, ANN)));
    assertEquals(
        "0101" + "01" + "057573657273" + "02000000040e" + "0c000000" + "1101046e616d650903416e6e",
        HexFormat.of().formatHex(bytes));
  }

  @Test
  void a_transaction_over_two_keyspaces_is_read_as_it_was_written() {
    byte[] bytes =
        written(
            new Write<>(users, new Change.Put<>(7L, ANN)),
            new Write<>(notes, new Change.Remove<>("a:b")),
            new Write<>(notes, new Change.Put<>(List.of(1L, "x"), "text")));
    List<Logged> changes = TransactionFormat.read(new ByteSource(ByteBuffer.wrap(bytes)));
    assertEquals(
        List.of("users", "notes", "notes"), changes.stream().map(Logged::keyspace).toList());
    assertEquals(new Change.Put<>(7L, ANN), change(changes.get(0), users));
    assertEquals(new Change.Remove<>("a:b"), change(changes.get(1), notes));
    assertEquals(new Change.Put<>(List.of(1L, "x"), "text"), change(changes.get(2), notes));
  }

  private static <V> Change<Object, V> change(Logged logged, Space<Object, V> space) {
    return logged.change(space.keys(), space.values(), Columns::of);
  }

  @Test
  void cut_at_every_byte_it_is_an_error_and_nothing_else() {
    byte[] bytes =
        written(
            new Write<>(users, new Change.Put<>(7L, ANN)),
            new Write<>(notes, new Change.Remove<>("a:b")));
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThrows(
          BadValueException.class,
          () -> TransactionFormat.read(new ByteSource(ByteBuffer.wrap(cut))),
          "cut to " + length);
    }
  }

  @Test
  void more_bytes_than_the_changes_have_are_an_error() {
    byte[] bytes = written(new Write<>(notes, new Change.Remove<>("a")));
    byte[] more = Arrays.copyOf(bytes, bytes.length + 1);
    assertThrows(
        BadValueException.class,
        () -> TransactionFormat.read(new ByteSource(ByteBuffer.wrap(more))));
  }

  @Test
  void an_insert_is_not_logged() {
    assertThrows(
        IllegalArgumentException.class,
        () -> written(new Write<>(notes, new Change.Insert<>("a", "x"))));
  }

  private static byte[] written(Write<?, ?>... writes) {
    ByteSink out = new ByteSink(1 << 20);
    TransactionFormat.write(List.of(writes), out);
    return out.toByteArray();
  }

  @Test
  void whatWasFlushedAtTheEndIsARecordOfItsOwnKind() {
    ByteSink sink = new ByteSink(100);
    TransactionFormat.writeFlushed(300, List.of("a", "bc"), sink);
    assertEquals("03ac02020161026263", HexFormat.of().formatHex(sink.toByteArray()));
    ByteSource in = new ByteSource(ByteBuffer.wrap(sink.toByteArray()));
    assertEquals(
        new TransactionFormat.Flushed(300, List.of("a", "bc")), TransactionFormat.readFlushed(in));
    ByteSource note = new ByteSource(ByteBuffer.wrap(new byte[] {TransactionFormat.NOTE}));
    assertNull(TransactionFormat.readFlushed(note));
    assertEquals(List.of(), TransactionFormat.read(note));
  }
}

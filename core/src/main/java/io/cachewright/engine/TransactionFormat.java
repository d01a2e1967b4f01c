// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.Columns;
import io.cachewright.store.ByteSink;
import io.cachewright.store.ByteSource;
import io.cachewright.store.Change;
import io.cachewright.store.Codec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a transaction in the journal. The only place that knows them.
 *
 * <pre>
 *   record    kind u8: 1 TRANSACTION, 2 NOTE, 3 FLUSHED, 4 FORGOTTEN
 *             TRANSACTION: count of changes, the changes
 *             FLUSHED: position: count; count of keyspaces, their names: texts
 *             FORGOTTEN: keyspace: text
 *   change    kind u8: 1 PUT, 2 REMOVE, 3 RECORD_PUT: a put into a record keyspace
 *             of RECORD_PUT: when it was made, and when it expires or 0, in milliseconds since
 *             1970: counts
 *             keyspace: text
 *             key: block
 *             value: block, but of REMOVE
 *   block     length u32, that many bytes: as the keyspace's Codec writes them
 * </pre>
 *
 * Example: PUT of {name="Ann"} under 7 in keyspace users is
 *
 * <pre>
 *   01 01  01  05 75 73 65 72 73  02 00 00 00 04 0e
 *   0c 00 00 00 11 01 04 6e 61 6d 65 09 03 41 6e 6e
 * </pre>
 *
 * <p>Keys and values are blocks so that a record can be read before its keyspace is open: what they
 * mean is known when it is.
 */
final class TransactionFormat {
  static final int TRANSACTION = 1;

  /** A record that only has a sequence. */
  static final int NOTE = 2;

  private static final int FLUSHED = 3;
  private static final int FORGOTTEN = 4;

  private static final int PUT = 1;
  private static final int REMOVE = 2;
  private static final int RECORD_PUT = 3;

  private TransactionFormat() {}

  /**
   * A change of a keyspace that is perhaps not open yet.
   *
   * @param at when it was made, in milliseconds since 1970; 0 if that does not matter
   * @param until when it expires; 0: never
   */
  record Logged(
      String keyspace, boolean removes, long at, long until, ByteSource key, ByteSource value) {

    /** The change, once it is known what its keyspace's keys and values are. */
    <K, V> Change<K, V> change(
        Codec<K> keys, Codec<V> values, Function<List<String>, Columns> columns) {
      K changed = keys.read(key.rest(), columns);
      return removes
          ? new Change.Remove<>(changed)
          : new Change.Put<>(changed, values.read(value.rest(), columns));
    }
  }

  /**
   * Writes the changes of one transaction.
   *
   * @throws io.cachewright.LimitException if they are more bytes than the sink takes
   * @throws io.cachewright.BadValueException if a key or a value cannot be written
   */
  static void write(List<? extends Write<?, ?>> writes, ByteSink out) {
    out.writeByte(TRANSACTION);
    out.writeCount(writes.size());
    for (int i = 0; i < writes.size(); i++) {
      write(writes.get(i), out);
    }
  }

  private static <K, V> void write(Write<K, V> write, ByteSink out) {
    Change<K, V> change = write.change();
    Space<K, V> space = write.space();
    if (change instanceof Change.Insert) {
      throw new IllegalArgumentException("an insert is not logged: " + change);
    }
    boolean isRecord = space.pattern().isRecord();
    out.writeByte(change instanceof Change.Remove ? REMOVE : isRecord ? RECORD_PUT : PUT);
    if (isRecord && change instanceof Change.Put) {
      long now = System.currentTimeMillis();
      out.writeCount(now);
      long left = write.timeLeft();
      out.writeCount(left == Entry.NEVER ? 0 : Math.max(1, now + left / 1_000_000));
    }
    out.writeText(space.name());
    int key = out.beginBlock();
    space.keys().write(change.key(), out);
    out.endBlock(key);
    if (change instanceof Change.Put<K, V> put) {
      int value = out.beginBlock();
      space.values().write(put.value(), out);
      out.endBlock(value);
    }
  }

  /** These keyspaces' stores had got to the position when they were closed. */
  record Flushed(long position, List<String> keyspaces) {}

  static void writeFlushed(long position, List<String> keyspaces, ByteSink out) {
    out.writeByte(FLUSHED);
    out.writeCount(position);
    out.writeCount(keyspaces.size());
    keyspaces.forEach(out::writeText);
  }

  /** Null if the record is another, of which nothing was read then. */
  static @Nullable Flushed readFlushed(ByteSource in) {
    if (!in.skip(FLUSHED)) {
      return null;
    }
    long position = in.readCount();
    int size = in.readSize();
    List<String> keyspaces = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      keyspaces.add(in.readText());
    }
    return new Flushed(position, keyspaces);
  }

  /** What was logged of the keyspace before counts no more. */
  static void writeForgotten(String keyspace, ByteSink out) {
    out.writeByte(FORGOTTEN);
    out.writeText(keyspace);
  }

  /** Null if the record is another, of which nothing was read then. */
  static @Nullable String readForgotten(ByteSource in) {
    return in.skip(FORGOTTEN) ? in.readText() : null;
  }

  /** Writes a change that was read, but for its keyspace, so that {@link #readCopy} reads it. */
  static void copy(Logged change, ByteSink out) {
    out.writeByte(change.removes() ? REMOVE : PUT);
    out.writeCount(change.at());
    out.writeCount(change.until());
    out.writeBlock(change.key());
    if (!change.removes()) {
      out.writeBlock(change.value());
    }
  }

  static Logged readCopy(String keyspace, ByteSource in) {
    boolean removes = in.readByte() == REMOVE;
    long at = in.readCount();
    long until = in.readCount();
    ByteSource key = in.readBlock();
    return new Logged(keyspace, removes, at, until, key, removes ? key : in.readBlock());
  }

  /**
   * Reads a record. Its keys and values share the source's bytes.
   *
   * @throws io.cachewright.BadValueException if it is none
   */
  static List<Logged> read(ByteSource in) {
    int kind = in.readByte();
    if (kind == NOTE) {
      return List.of();
    } else if (kind != TRANSACTION) {
      throw in.broken("no record is of kind " + kind);
    }
    int size = in.readSize();
    List<Logged> changes = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      int change = in.readByte();
      if (change < PUT || change > RECORD_PUT) {
        throw in.broken("no change is of kind " + change);
      }
      long at = change == RECORD_PUT ? in.readCount() : 0;
      long until = change == RECORD_PUT ? in.readCount() : 0;
      String keyspace = in.readText();
      ByteSource key = in.readBlock();
      ByteSource value = change == REMOVE ? key : in.readBlock();
      changes.add(new Logged(keyspace, change == REMOVE, at, until, key, value));
    }
    if (!in.isAtEnd()) {
      throw in.broken("bytes are left after the last change");
    }
    return changes;
  }
}

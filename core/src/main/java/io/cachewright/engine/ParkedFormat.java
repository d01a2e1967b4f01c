// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.BadValueException;
import io.cachewright.JournalException;
import io.cachewright.store.ByteSink;
import io.cachewright.store.ByteSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a file of parked changes: one key's. The only place that knows them.
 *
 * <pre>
 *   magic u32 "CWPK"   version u32 = 1   body   checksum u32: CRC32C of all before it
 *
 *   body   id: count; sequence: count; retriedTo: count
 *          since, milliseconds since 1970: count; tries: count; SQLSTATE: text; message: text
 *          the changes: as a record of the journal has them, see {@link TransactionFormat}
 * </pre>
 *
 * All little-endian. Counts and texts are those of {@link io.cachewright.store.ValueFormat}.
 */
final class ParkedFormat {
  private static final int MAGIC = 0x4b505743;
  private static final int VERSION = 1;
  private static final int FRAME_BYTES = 12;

  /** Longest message that is kept; what a database says of a row can be as long as the row. */
  private static final int MESSAGE_MAX = 4_096;

  private ParkedFormat() {}

  /**
   * What is in a file, whose keyspace is perhaps not open yet.
   *
   * @param retriedTo it was sent with the flush up to this position: it is done if the store has
   *     got there; 0 if it was not sent
   */
  record Content(
      long id,
      long sequence,
      long retriedTo,
      ParkedKey.Reason reason,
      List<TransactionFormat.Logged> changes) {

    String keyspace() {
      return changes.get(0).keyspace();
    }
  }

  static <K, V> void write(ParkedKey<K, V> parked, long retriedTo, ByteSink out) {
    out.writeInt(MAGIC);
    out.writeInt(VERSION);
    out.writeCount(parked.id());
    out.writeCount(parked.sequence());
    out.writeCount(retriedTo);
    ParkedKey.Reason reason = parked.reason();
    out.writeCount(reason.since());
    out.writeCount(reason.tries());
    out.writeText(reason.sqlState());
    String message = reason.message();
    out.writeText(message.substring(0, Math.min(message.length(), MESSAGE_MAX)));
    TransactionFormat.write(
        parked.changes().stream().map(each -> new Write<>(parked.space(), each)).toList(), out);
    CRC32C checksum = new CRC32C();
    checksum.update(out.array(), 0, out.length());
    out.writeInt((int) checksum.getValue());
  }

  /**
   * @param file for messages
   * @throws JournalException if the bytes are not what {@link #write} has written
   */
  static Content read(String file, byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < FRAME_BYTES || buffer.getInt(0) != MAGIC) {
      throw damaged(file, "it is no file of parked changes", null);
    } else if (buffer.getInt(4) != VERSION) {
      throw damaged(file, "a newer version wrote it (" + buffer.getInt(4) + ")", null);
    }
    int end = bytes.length - Integer.BYTES;
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, end);
    if (buffer.getInt(end) != (int) checksum.getValue()) {
      throw damaged(file, "its checksum is wrong", null);
    }
    try {
      ByteSource in = new ByteSource(ByteBuffer.wrap(bytes, 8, end - 8));
      long id = in.readCount();
      long sequence = in.readCount();
      long retriedTo = in.readCount();
      long since = in.readCount();
      int tries = Math.toIntExact(in.readCount());
      ParkedKey.Reason reason = new ParkedKey.Reason(in.readText(), in.readText(), since, tries);
      List<TransactionFormat.Logged> changes = TransactionFormat.read(in);
      if (changes.isEmpty()) {
        throw in.broken("there is no change in it");
      }
      return new Content(id, sequence, retriedTo, reason, changes);
    } catch (BadValueException | ArithmeticException e) {
      throw damaged(file, String.valueOf(e.getMessage()), e);
    }
  }

  private static JournalException damaged(String file, String what, @Nullable Throwable cause) {
    return new JournalException(
        "parked changes: "
            + file
            + " cannot be read: "
            + what
            + ". Restore it from a backup; or move it away, and the change in it is lost",
        cause);
  }
}

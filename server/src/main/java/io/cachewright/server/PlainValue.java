// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The value of a plain key. Never changes. */
sealed interface PlainValue {

  /** As TYPE says it. */
  String type();

  /** About how much memory it takes. The key is counted with it. */
  long bytes();

  /** A string. */
  final class Text implements PlainValue {
    private final byte[] value;

    /** The array belongs to this object from now on. */
    Text(byte[] value) {
      this.value = value;
    }

    byte[] value() {
      return value;
    }

    @Override
    public String type() {
      return "string";
    }

    @Override
    public long bytes() {
      return 32L + value.length;
    }
  }

  /**
   * A hash: fields and their values. Few fields are in the order in which they were added.
   *
   * @param bytes about how much memory it takes
   */
  record Hash(Fields fields, long bytes) implements PlainValue {
    /** Key object, two references and two array headers. */
    private static final int BYTES_PER_FIELD = 64;

    static final Hash EMPTY = new Hash(Fields.NONE, 64);

    static Hash of(Map<Bytes, byte[]> fields) {
      long bytes = EMPTY.bytes;
      for (Map.Entry<Bytes, byte[]> field : fields.entrySet()) {
        bytes += bytes(field.getKey(), field.getValue());
      }
      return new Hash(Fields.of(fields), bytes);
    }

    private static long bytes(Bytes field, byte @Nullable [] value) {
      return value == null ? 0 : (long) BYTES_PER_FIELD + field.length() + value.length;
    }

    byte @Nullable [] get(Bytes field) {
      return fields.value(field);
    }

    int size() {
      return fields.size();
    }

    /** This hash after changes. */
    Hash with(Patch patch) {
      long next = bytes;
      for (Map.Entry<Bytes, byte @Nullable []> change : patch.changes().entrySet()) {
        next +=
            bytes(change.getKey(), change.getValue())
                - bytes(change.getKey(), get(change.getKey()));
      }
      return new Hash(fields.with(patch.changes()), next);
    }

    @Override
    public String type() {
      return "hash";
    }
  }

  /**
   * What changes in a hash: laid over one, it makes another. It is what is logged, so that a field
   * costs the same in a large hash as in a small one.
   *
   * @param changes the new value of each field; null: it goes
   */
  record Patch(Map<Bytes, byte @Nullable []> changes) implements PlainValue {
    @Override
    public String type() {
      return "hash";
    }

    @Override
    public long bytes() {
      long bytes = Hash.EMPTY.bytes();
      for (Map.Entry<Bytes, byte @Nullable []> change : changes.entrySet()) {
        bytes += Hash.bytes(change.getKey(), change.getValue());
      }
      return bytes;
    }
  }
}

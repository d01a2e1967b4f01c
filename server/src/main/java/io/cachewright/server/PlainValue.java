// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.store.ValueType;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The value of a plain key. */
sealed interface PlainValue {

  /** As TYPE says it. */
  String type();

  /** About how much memory it takes. The key is counted with it. */
  long bytes();

  /** A string: bytes that do not change. */
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
   * A hash: fields and their values, in the order in which fields were added.
   *
   * <p>It changes in place, so that a field costs the same in a large hash as in a small one. Both
   * readers and writers hold the engine's write lock. After a change it is put into its keyspace
   * again, so that its new weight is known there.
   */
  final class Hash implements PlainValue {
    /** Map node, key object and two array headers. */
    private static final int BYTES_PER_FIELD = 112;

    private final Map<Bytes, byte[]> fields = new LinkedHashMap<>();
    private long bytes = 64;

    byte @Nullable [] get(Bytes field) {
      return fields.get(field);
    }

    /** Whether the field is new. */
    boolean set(Bytes field, byte[] value) {
      byte[] before = fields.put(field, value);
      bytes +=
          before == null
              ? (long) BYTES_PER_FIELD + field.length() + value.length
              : value.length - before.length;
      return before == null;
    }

    boolean remove(Bytes field) {
      byte[] before = fields.remove(field);
      if (before != null) {
        bytes -= (long) BYTES_PER_FIELD + field.length() + before.length;
      }
      return before != null;
    }

    int size() {
      return fields.size();
    }

    Map<Bytes, byte[]> fields() {
      return Collections.unmodifiableMap(fields);
    }

    @Override
    public String type() {
      return "hash";
    }

    @Override
    public long bytes() {
      return bytes;
    }
  }

  /** What the engine must know of them. */
  ValueType<PlainValue> TYPE =
      new ValueType<>() {
        @Override
        public long bytes(PlainValue value) {
          return value.bytes();
        }

        @Override
        public PlainValue over(PlainValue base, PlainValue patch) {
          return patch;
        }

        @Override
        public @Nullable PlainValue difference(PlainValue base, PlainValue next) {
          return Objects.equals(base, next) ? null : next;
        }

        @Override
        public boolean isWhole(PlainValue value) {
          return true;
        }
      };
}

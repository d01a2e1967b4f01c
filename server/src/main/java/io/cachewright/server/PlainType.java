// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.Columns;
import io.cachewright.server.PlainValue.Hash;
import io.cachewright.server.PlainValue.Patch;
import io.cachewright.server.PlainValue.Text;
import io.cachewright.store.ByteSink;
import io.cachewright.store.ByteSource;
import io.cachewright.store.Codec;
import io.cachewright.store.ValueType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the engine must know of plain keys and their values, and how these are written to the
 * journal and to snapshots. The only place that knows it.
 *
 * <pre>
 *   key      its bytes
 *   value    kind u8: 1 string, 2 hash, 3 what changes in a hash
 *            string: its bytes
 *            hash: count of fields; of each: name: bytes, value: bytes
 *            changes: count of fields; of each: name: bytes, kind u8: 0 goes, 1 set; if set,
 *            value: bytes
 *   bytes    count, that many bytes
 * </pre>
 *
 * Example: the change of a hash in which field a becomes 17, and b goes, is
 *
 * <pre>
 *   03  02  01 61  01  02 31 37  01 62  00
 * </pre>
 */
final class PlainType implements ValueType<PlainValue> {
  static final PlainType VALUES = new PlainType();

  static final Codec<Bytes> KEYS =
      new Codec<>() {
        @Override
        public void write(Bytes key, ByteSink out) {
          out.writeBytes(key.array());
        }

        @Override
        public Bytes read(ByteSource in, Function<List<String>, Columns> columns) {
          return new Bytes(in.readBytes());
        }
      };

  private static final int TEXT = 1;
  private static final int HASH = 2;
  private static final int CHANGES = 3;

  private static final int GOES = 0;
  private static final int SET = 1;

  private PlainType() {}

  // ---- what they are ----

  @Override
  public long bytes(PlainValue value) {
    return value.bytes();
  }

  @Override
  public PlainValue over(PlainValue base, PlainValue patch) {
    return patch instanceof Patch changes && base instanceof Hash hash
        ? hash.with(changes)
        : overNothing(patch);
  }

  @Override
  public PlainValue overNothing(PlainValue patch) {
    return patch instanceof Patch changes ? Hash.EMPTY.with(changes) : patch;
  }

  @Override
  public @Nullable PlainValue difference(PlainValue base, PlainValue next) {
    return Objects.equals(base, next) ? null : next;
  }

  @Override
  public boolean isWhole(PlainValue value) {
    return !(value instanceof Patch);
  }

  // ---- their bytes ----

  @Override
  public void write(PlainValue value, ByteSink out) {
    if (value instanceof Text text) {
      out.writeByte(TEXT);
      out.writeBytes(text.value());
    } else if (value instanceof Hash hash) {
      out.writeByte(HASH);
      out.writeCount(hash.size());
      hash.fields()
          .forEach(
              (name, field) -> {
                out.writeBytes(name.array());
                out.writeBytes(field);
              });
    } else if (value instanceof Patch patch) {
      out.writeByte(CHANGES);
      out.writeCount(patch.changes().size());
      patch.changes().forEach((name, field) -> write(name, field, out));
    }
  }

  private static void write(Bytes name, byte @Nullable [] value, ByteSink out) {
    out.writeBytes(name.array());
    out.writeByte(value == null ? GOES : SET);
    if (value != null) {
      out.writeBytes(value);
    }
  }

  @Override
  public PlainValue read(ByteSource in, Function<List<String>, Columns> columns) {
    int kind = in.readByte();
    return switch (kind) {
      case TEXT -> new Text(in.readBytes());
      case HASH -> hash(in);
      case CHANGES -> changes(in);
      default -> throw in.broken("no plain value is of kind " + kind);
    };
  }

  private static Hash hash(ByteSource in) {
    Map<Bytes, byte[]> fields = new LinkedHashMap<>();
    for (int left = in.readSize(); left > 0; left--) {
      fields.put(new Bytes(in.readBytes()), in.readBytes());
    }
    return Hash.of(fields);
  }

  private static Patch changes(ByteSource in) {
    Map<Bytes, byte @Nullable []> changes = new LinkedHashMap<>();
    for (int left = in.readSize(); left > 0; left--) {
      Bytes name = new Bytes(in.readBytes());
      int kind = in.readByte();
      if (kind != GOES && kind != SET) {
        throw in.broken("no change of a field is of kind " + kind);
      }
      changes.put(name, kind == SET ? in.readBytes() : null);
    }
    return new Patch(changes);
  }
}

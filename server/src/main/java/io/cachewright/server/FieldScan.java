// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * HSCAN. A small hash comes at once, as Redis does it. A larger one comes by slices of the fields'
 * hash codes: the cursor is where the next slice begins. So a field that is there from the first
 * call to the last is in exactly one answer, whatever else changes, and nothing is remembered in
 * between.
 */
record FieldScan(long cursor, Glob match, int count) {
  private static final int AT_ONCE_MAX = 512;
  private static final long HASHES = 1L << 32;

  /** The options, from the cursor on. */
  static FieldScan of(Call call, int from) {
    long cursor = cursor(call, from);
    Glob match = Glob.ALL;
    int count = 10;
    for (int i = from + 1; i < call.size(); i += 2) {
      if (i + 1 < call.size() && call.is(i, "MATCH")) {
        match = new Glob(call.bytes(i + 1));
      } else if (i + 1 < call.size() && call.is(i, "COUNT")) {
        count = count(call, i + 1);
      } else {
        throw ErrorReply.syntax();
      }
    }
    return new FieldScan(cursor, match, count);
  }

  static long cursor(Call call, int word) {
    try {
      return Long.parseUnsignedLong(call.text(word));
    } catch (NumberFormatException e) {
      throw new ErrorReply("ERR invalid cursor");
    }
  }

  static int count(Call call, int word) {
    long count = call.integer(word);
    if (count < 1) {
      throw ErrorReply.syntax();
    }
    return (int) Math.min(count, Integer.MAX_VALUE);
  }

  Answer run(Map<Bytes, byte[]> fields) {
    long end = HASHES;
    if (fields.size() > AT_ONCE_MAX && count < fields.size()) {
      end = Math.min(HASHES, cursor + Math.max(1, HASHES / fields.size() * count));
    }
    List<byte[]> found = new ArrayList<>();
    for (Map.Entry<Bytes, byte[]> field : fields.entrySet()) {
      long place = place(field.getKey());
      if (place >= cursor && place < end && match.matches(field.getKey().array())) {
        found.add(field.getKey().array());
        found.add(field.getValue());
      }
    }
    String next = end == HASHES ? "0" : Long.toString(end);
    return out -> {
      out.array(2);
      out.bulk(next);
      out.array(found.size());
      found.forEach(out::bulk);
    };
  }

  /** The hash code, spread evenly over 32 bits. */
  private static long place(Bytes field) {
    return (field.hashCode() * 0x9E3779B9L) & (HASHES - 1);
  }
}

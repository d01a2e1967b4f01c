// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * HRANDFIELD.
 *
 * @param single whether one field is wanted, by itself
 * @param count how many; below zero: with repetitions
 */
record RandomFields(boolean single, long count, boolean withValues) {
  private static final int REPETITIONS_MAX = 1 << 20;

  static RandomFields of(Call call) {
    if (call.size() == 2) {
      return new RandomFields(true, 1, false);
    }
    long count = call.integer(2);
    boolean withValues = call.size() == 4 && call.is(3, "WITHVALUES");
    if (call.size() > 3 && !withValues) {
      throw ErrorReply.syntax();
    }
    if (count < -REPETITIONS_MAX) {
      throw new ErrorReply("ERR value is out of range");
    }
    return new RandomFields(false, count, withValues);
  }

  Answer run(Map<Bytes, byte[]> fields) {
    List<Map.Entry<Bytes, byte[]>> chosen = choose(new ArrayList<>(fields.entrySet()));
    return out -> {
      if (single) {
        HashCommands.bulkOrNil(out, chosen.isEmpty() ? null : chosen.get(0).getKey().array());
        return;
      }
      boolean pairs = withValues && out.version() > 2;
      out.array(withValues && !pairs ? chosen.size() * 2 : chosen.size());
      for (Map.Entry<Bytes, byte[]> each : chosen) {
        if (pairs) {
          out.array(2);
        }
        out.bulk(each.getKey().array());
        if (withValues) {
          out.bulk(each.getValue());
        }
      }
    };
  }

  private List<Map.Entry<Bytes, byte[]>> choose(List<Map.Entry<Bytes, byte[]>> all) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    if (count >= 0) {
      Collections.shuffle(all, random);
      return all.subList(0, (int) Math.min(count, all.size()));
    }
    List<Map.Entry<Bytes, byte[]>> chosen = new ArrayList<>();
    for (long i = 0; i < -count && !all.isEmpty(); i++) {
      chosen.add(all.get(random.nextInt(all.size())));
    }
    return chosen;
  }
}

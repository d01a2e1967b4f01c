// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import io.cachewright.KeyspaceOptions;
import io.cachewright.MirrorOptions;
import io.cachewright.Pattern;
import io.cachewright.WriteBehindOptions;
import java.util.List;

/**
 * A keyspace as it was configured, defaults included.
 *
 * @param where its name stands
 */
public record KeyspaceSettings(String name, Values values, Origin where) {

  public Pattern pattern() {
    return values.get(Settings.PATTERN);
  }

  public Format format() {
    return values.get(Settings.FORMAT);
  }

  /** The table behind. Only of patterns that have one. */
  public String table() {
    return values.get(Settings.TABLE).orElse(name);
  }

  /** Columns that grow by increments. */
  public List<String> additive() {
    return values.get(Settings.ADDITIVE);
  }

  /** Where the table is named. */
  public Origin tableWhere() {
    return values.has(Settings.TABLE) ? values.originOf(Settings.TABLE) : where;
  }

  /** Whether a table shows what it has. */
  public boolean isMirrored() {
    return values.has(Settings.MIRROR_TABLE) || values.has(Settings.MIRROR_EVERY);
  }

  /** The table that shows what it has, if it {@link #isMirrored}. */
  public String mirrorTable() {
    return values.get(Settings.MIRROR_TABLE).orElse(name);
  }

  /** Where it is said that a table shows it. */
  public Origin mirrorWhere() {
    return values.originOf(
        values.has(Settings.MIRROR_TABLE) ? Settings.MIRROR_TABLE : Settings.MIRROR_EVERY);
  }

  public MirrorOptions mirror() {
    return MirrorOptions.every(values.get(Settings.MIRROR_EVERY));
  }

  /** What expires in a record keyspace is gone for good: not before its time. */
  private double jitter() {
    return pattern().isRecord() && !values.has(Settings.JITTER) ? 0 : values.get(Settings.JITTER);
  }

  public KeyspaceOptions options() {
    return KeyspaceOptions.DEFAULT.toBuilder()
        .maximumSize(values.get(Settings.MAX_SIZE))
        .maximumBytes(values.get(Settings.MAX_BYTES))
        .expireAfterWrite(values.get(Settings.TTL).orElse(null))
        .jitter(jitter())
        .negativeTimeToLive(values.get(Settings.NEGATIVE_TTL))
        .refreshAhead(values.get(Settings.REFRESH_AHEAD).orElse(null))
        .loadBatchMax(Math.toIntExact(values.get(Settings.LOAD_BATCH)))
        .writeBehind(
            new WriteBehindOptions(
                values.get(Settings.MAX_DELAY),
                Math.toIntExact(values.get(Settings.MAX_CHANGES)),
                values.get(Settings.MAX_PENDING),
                values.get(Settings.COALESCE)))
        .build();
  }
}

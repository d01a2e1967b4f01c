// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.BadValueException;
import io.cachewright.Cachewright;
import io.cachewright.ConfigurationException;
import io.cachewright.KeyspaceOptions;
import io.cachewright.MirrorOptions;
import io.cachewright.Pattern;
import io.cachewright.Row;
import io.cachewright.engine.Engine;
import io.cachewright.engine.MirrorSpec;
import io.cachewright.engine.Space;
import io.cachewright.engine.SpaceSpec;
import io.cachewright.jdbc.Column;
import io.cachewright.jdbc.JdbcDatabase;
import io.cachewright.jdbc.Table;
import io.cachewright.jdbc.TableStore;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which keyspace a key belongs to: the one named before its first colon if there is such a one,
 * else the plain one; but see {@link #tablesUnknown}. Keyspaces can be added while the server runs.
 *
 * <p>Thread-safe: changes replace the whole map, and looking up neither locks nor allocates.
 */
public final class Catalog {

  /** As what a keyspace's rows are seen. */
  public enum Format {
    /** A Redis hash with a field per column. */
    HASH,
    /** A string that holds a JSON document with a member per column. */
    JSON
  }

  private final Engine engine;
  private final PlainKeyspace plain;
  private volatile Snapshot snapshot = new Snapshot(Map.of(), /* unknown= */ null);

  /**
   * A catalog with nothing but plain keys.
   *
   * @param pattern look-aside or record
   */
  public Catalog(Cachewright cache, Pattern pattern, KeyspaceOptions plain) {
    this.engine = cache.engine();
    this.plain = open("plain", pattern, plain, /* mirror= */ null);
  }

  /** A catalog with nothing but plain keys, look-aside, bounded by these options. */
  public Catalog(Cachewright cache, KeyspaceOptions plain) {
    this(cache, Pattern.LOOK_ASIDE, plain);
  }

  /** A catalog with nothing but plain keys. */
  public Catalog(Cachewright cache) {
    this(cache, KeyspaceOptions.DEFAULT);
  }

  /**
   * What a plain keyspace is mirrored into.
   *
   * @param table made if it is not there
   */
  public record MirrorInto(JdbcDatabase database, String table, MirrorOptions options) {

    /**
     * Looks whether this keyspace can be mirrored so. Changes nothing.
     *
     * @return the table; null if it is not there, and can be made
     * @throws ConfigurationException if it cannot: the message says why and what to do
     */
    public @Nullable Table check(String keyspace) {
      return database.checkMirror(table, new PlainShape(keyspace + ":"));
    }

    private MirrorSpec<Bytes, PlainValue> spec(String keyspace) {
      return new MirrorSpec<>(database.mirror(table, new PlainShape(keyspace + ":")), options);
    }
  }

  private PlainKeyspace open(
      String name, Pattern pattern, KeyspaceOptions options, @Nullable MirrorInto mirror) {
    if (pattern.hasStore()) {
      throw new ConfigurationException(
          "keyspace "
              + name
              + " has no table, so it cannot be "
              + pattern.word()
              + ": choose look-aside or record");
    }
    return new PlainKeyspace(
        engine.open(
            new SpaceSpec<>(
                    name,
                    pattern,
                    options,
                    PlainType.KEYS,
                    PlainType.VALUES,
                    /* store= */ null,
                    /* reclaims= */ true)
                .withMirror(mirror == null ? null : mirror.spec(name))));
  }

  /**
   * Plain keys {@code name:…} with bounds and a time to live of their own.
   *
   * @param pattern look-aside or record
   */
  public void addPlain(String name, Pattern pattern, KeyspaceOptions options) {
    checkName(name);
    add(open(name, pattern, options, /* mirror= */ null));
  }

  /** Plain keys {@code name:…} that are record, and shown by a table. */
  public void addMirrored(String name, KeyspaceOptions options, MirrorInto mirror) {
    checkName(name);
    add(open(name, Pattern.RECORD, options, mirror));
  }

  /**
   * Keys {@code name:<primary key>}: the rows of a keyspace that is open in the cache and has a
   * table behind it. One that was {@link #addUnavailable unavailable} so far is served from now on.
   *
   * @throws ConfigurationException if there is no such keyspace, or no table behind it
   */
  public void addTable(String name, Format format) {
    addTable(name, format, List.of());
  }

  /**
   * As {@link #addTable(String, Format)}, for a table to which others write, too.
   *
   * @param additive columns for which HINCRBY and HINCRBYFLOAT write an {@link
   *     io.cachewright.Increment} and not the sum, so that several writers add up
   * @throws ConfigurationException as well, if a column cannot be additive, or the keyspace writes
   *     no table, or has no HINCRBY
   */
  @SuppressWarnings("unchecked") // a table's keys and values are of these types
  public void addTable(String name, Format format, Collection<String> additive) {
    checkName(name);
    Space<?, ?> space = engine.space(name);
    if (space == null) {
      throw new ConfigurationException("there is no keyspace " + name + "; open it first");
    }
    if (!(space.store() instanceof TableStore store)) {
      throw new ConfigurationException(
          "keyspace " + name + " has no table behind it, so the Redis protocol cannot show it");
    }
    if (!additive.isEmpty() && (format != Format.HASH || !space.pattern().writesStore())) {
      throw new ConfigurationException(
          "keyspace "
              + name
              + " cannot have additive columns: it is "
              + space.pattern().word()
              + (format == Format.HASH ? "" : " and has rows as JSON documents")
              + ", and they need write-through or write-behind and rows as hashes");
    }
    add(
        new TableKeyspace(
            name,
            format,
            (Space<Object, Row>) space,
            store.table(),
            additive(name, store.table(), additive)));
  }

  private static Set<Column> additive(String name, Table table, Collection<String> names) {
    Set<Column> columns = new HashSet<>();
    for (String each : names) {
      try {
        columns.add(table.column(each));
      } catch (BadValueException e) {
        throw new ConfigurationException("keyspace " + name + ": " + e.getMessage(), e);
      }
    }
    for (Column each : columns) {
      String reason = table.notAdditive(each);
      if (reason != null) {
        throw new ConfigurationException("keyspace " + name + ": " + reason);
      }
    }
    return columns;
  }

  /** Keys {@code name:…} that cannot be served yet: commands on them are told why. */
  public void addUnavailable(String name, String reason) {
    checkName(name);
    add(new AwayKeyspace(name, reason, Instant.now()));
  }

  /**
   * Nobody knows yet which tables there are, all of which are to be keyspaces: so keys with a colon
   * are refused, unless their keyspace is known. Taken for plain ones they would be acknowledged,
   * and out of reach as soon as the table is; and a row would seem not to be there.
   */
  public synchronized void tablesUnknown(String reason) {
    snapshot = new Snapshot(snapshot.byName, new AwayKeyspace("?", reason, Instant.now()));
  }

  /** From now on, keys of no keyspace are plain, whether they have a colon or not. */
  public synchronized void tablesKnown() {
    snapshot = new Snapshot(snapshot.byName, /* unknown= */ null);
  }

  private static void checkName(String name) {
    if (name.isEmpty() || name.indexOf(':') >= 0) {
      throw new ConfigurationException(
          "keyspace '" + name + "': a name that keys begin with needs a letter and has no colon");
    }
  }

  private synchronized void add(Target target) {
    Map<String, Target> next = new TreeMap<>(snapshot.byName);
    Target present = next.put(target.name(), target);
    if (present != null && !(present instanceof AwayKeyspace)) {
      throw new ConfigurationException("there is a keyspace " + target.name() + " already");
    }
    snapshot = new Snapshot(next, snapshot.unknown);
  }

  /** The keyspace of all keys that belong to no other. */
  PlainKeyspace plain() {
    return plain;
  }

  Engine engine() {
    return engine;
  }

  /** The named keyspaces, by name. */
  Map<String, Target> named() {
    return snapshot.byName;
  }

  /** The keyspace of this name; null if there is none. */
  @Nullable Target find(String name) {
    return name.equals(plain.name()) ? plain : snapshot.byName.get(name);
  }

  /** All keyspaces that can be served, the plain one last. */
  List<Target> served() {
    List<Target> all = new ArrayList<>(snapshot.byName.values());
    all.removeIf(AwayKeyspace.class::isInstance);
    all.add(plain);
    return all;
  }

  /** The keyspace of a key. */
  Target target(byte[] key) {
    Snapshot now = snapshot;
    Target named = now.find(key);
    if (named == null && now.unknown != null) {
      named = now.unknown.ofKey(key);
    }
    return named == null ? plain : named;
  }

  /** An immutable hash table by prefix, so that no text is made of a key to look it up. */
  private static final class Snapshot {
    private final Map<String, Target> byName;
    private final @Nullable AwayKeyspace unknown;
    private final byte[][] names;
    private final @Nullable Target[] targets;

    /**
     * @param unknown what a keyspace is that is not among these; null: none
     */
    Snapshot(Map<String, Target> byName, @Nullable AwayKeyspace unknown) {
      this.byName = byName;
      this.unknown = unknown;
      int size = Integer.highestOneBit(Math.max(1, byName.size())) * 4;
      this.names = new byte[size][];
      this.targets = new Target[size];
      Arrays.fill(names, new byte[0]);
      byName.forEach(
          (name, target) -> {
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            int at = hash(bytes, bytes.length) & (size - 1);
            while (targets[at] != null) {
              at = (at + 1) & (size - 1);
            }
            names[at] = bytes;
            targets[at] = target;
          });
    }

    private static int hash(byte[] bytes, int length) {
      int hash = 1;
      for (int i = 0; i < length; i++) {
        hash = 31 * hash + bytes[i];
      }
      return hash ^ (hash >>> 16);
    }

    @Nullable Target find(byte[] key) {
      if (byName.isEmpty()) {
        return null;
      }
      int hash = 1;
      for (int i = 0; i < key.length; i++) {
        if (key[i] == ':') {
          return find(key, i, hash ^ (hash >>> 16));
        }
        hash = 31 * hash + key[i];
      }
      return null;
    }

    private @Nullable Target find(byte[] key, int length, int hash) {
      int mask = targets.length - 1;
      for (int at = hash & mask; ; at = (at + 1) & mask) {
        Target target = targets[at];
        if (target == null || Arrays.equals(key, 0, length, names[at], 0, names[at].length)) {
          return target;
        }
      }
    }
  }
}

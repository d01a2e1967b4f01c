// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import io.cachewright.engine.Engine;
import io.cachewright.engine.KeyspaceView;
import io.cachewright.engine.Lens;
import io.cachewright.engine.MirrorSpec;
import io.cachewright.engine.Space;
import io.cachewright.engine.SpaceSpec;
import io.cachewright.store.Codec;
import io.cachewright.store.Database;
import io.cachewright.store.MirrorTarget;
import io.cachewright.store.Store;
import io.cachewright.store.ValueType;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Describes a keyspace. Its pattern is look-aside unless another is chosen; {@link KeyspaceOptions}
 * tells what each number means and its default.
 */
public final class KeyspaceBuilder<K, V> {
  private final Engine engine;
  private final @Nullable Database database;
  private final String name;
  private final Class<K> key;
  private final Class<V> value;
  private final Map<String, String> columns = new LinkedHashMap<>();
  private Pattern pattern = Pattern.LOOK_ASIDE;
  private @Nullable String table;
  private @Nullable Store<K, V> store;
  private @Nullable Codec<K> keys;
  private ValueType<V> values = ValueType.opaque();
  private boolean reclaims;
  private @Nullable String mirrorTable;
  private @Nullable MirrorTarget<K, V> mirror;
  private MirrorOptions mirrorOptions = MirrorOptions.DEFAULT;
  private KeyspaceOptions options = KeyspaceOptions.DEFAULT;

  KeyspaceBuilder(
      Engine engine, @Nullable Database database, String name, Class<K> key, Class<V> value) {
    this.engine = engine;
    this.database = database;
    this.name = name;
    this.key = key;
    this.value = value;
  }

  /**
   * The table behind, as the database knows it: {@code users}, {@code public.users}. One keyspace
   * for a table: two would not see each other's writes, and a second one is refused.
   */
  public KeyspaceBuilder<K, V> table(String next) {
    table = next;
    return this;
  }

  /** A component of the value's record whose column has another name than the rule says. */
  public KeyspaceBuilder<K, V> column(String component, String column) {
    columns.put(component, column);
    return this;
  }

  /** Code of your own that stands behind. */
  public KeyspaceBuilder<K, V> store(Store<K, V> next) {
    store = next;
    values = next.values();
    return this;
  }

  /** What is to be known of the values of a keyspace without a store: how large they are. */
  public KeyspaceBuilder<K, V> values(ValueType<V> next) {
    values = next;
    return this;
  }

  public KeyspaceBuilder<K, V> lookAside() {
    return pattern(Pattern.LOOK_ASIDE);
  }

  public KeyspaceBuilder<K, V> readThrough() {
    return pattern(Pattern.READ_THROUGH);
  }

  public KeyspaceBuilder<K, V> writeThrough() {
    return pattern(Pattern.WRITE_THROUGH);
  }

  /** Needs {@code Cachewright.builder().directory(...)}. */
  public KeyspaceBuilder<K, V> writeBehind() {
    return pattern(Pattern.WRITE_BEHIND);
  }

  public KeyspaceBuilder<K, V> writeBehind(WriteBehindOptions next) {
    return options(options.toBuilder().writeBehind(next).build()).writeBehind();
  }

  /**
   * The cache is the database. Needs {@code Cachewright.builder().directory(...)}; give {@link
   * #values} that can be written.
   */
  public KeyspaceBuilder<K, V> record() {
    return pattern(Pattern.RECORD);
  }

  /** Of a record keyspace: a table shows what it has, at most this old. */
  public KeyspaceBuilder<K, V> mirror(String table, Duration every) {
    return mirror(table, MirrorOptions.every(every));
  }

  /**
   * Of a record keyspace: a table of the database shows what it has. It is made if it is not there:
   * with a column for each component of a value that is a Java record (see {@link #column}), or one
   * {@code value}.
   */
  public KeyspaceBuilder<K, V> mirror(String table, MirrorOptions next) {
    mirrorTable = table;
    mirror = null;
    mirrorOptions = next;
    return this;
  }

  /** As {@link #mirror(String, MirrorOptions)}, with a table whose rows you make yourself. */
  public KeyspaceBuilder<K, V> mirror(MirrorTarget<K, V> target, MirrorOptions next) {
    mirrorTable = null;
    mirror = target;
    mirrorOptions = next;
    return this;
  }

  private @Nullable MirrorSpec<K, V> mirrorSpec() {
    MirrorTarget<K, V> target = mirror;
    if (mirrorTable != null) {
      if (database == null) {
        throw noDatabase("is mirrored into table " + mirrorTable);
      }
      target = database.mirror(mirrorTable, key, value, mirrorOptions.keyColumn(), columns);
    }
    return target == null ? null : new MirrorSpec<>(target, mirrorOptions);
  }

  public KeyspaceBuilder<K, V> pattern(Pattern next) {
    pattern = next;
    return this;
  }

  public KeyspaceBuilder<K, V> maximumSize(long next) {
    return options(options.toBuilder().maximumSize(next).build());
  }

  public KeyspaceBuilder<K, V> maximumBytes(long next) {
    return options(options.toBuilder().maximumBytes(next).build());
  }

  public KeyspaceBuilder<K, V> expireAfterWrite(Duration next) {
    return options(options.toBuilder().expireAfterWrite(next).build());
  }

  public KeyspaceBuilder<K, V> jitter(double next) {
    return options(options.toBuilder().jitter(next).build());
  }

  public KeyspaceBuilder<K, V> negativeTimeToLive(Duration next) {
    return options(options.toBuilder().negativeTimeToLive(next).build());
  }

  /** Needs {@link #expireAfterWrite}, which is set before. */
  public KeyspaceBuilder<K, V> refreshAhead(double part) {
    return options(options.toBuilder().refreshAhead(part).build());
  }

  /** All of them at once. */
  public KeyspaceBuilder<K, V> options(KeyspaceOptions next) {
    options = next;
    return this;
  }

  /**
   * Takes the memory of expired entries back at once rather than when they are read or evicted. On
   * by itself with {@link #expireAfterWrite}; for keyspaces where many entries get a time of their
   * own.
   */
  public KeyspaceBuilder<K, V> reclaimExpired() {
    reclaims = true;
    return this;
  }

  /** How keys are written to the journal, if they are of a class of your own. */
  public KeyspaceBuilder<K, V> keys(Codec<K> next) {
    keys = next;
    return this;
  }

  private Codec<K> keyCodec() {
    Codec<K> codec = keys != null ? keys : Codec.of(key);
    if (codec != null) {
      return codec;
    } else if (pattern.isLogged()) {
      throw new ConfigurationException(
          "keyspace "
              + name
              + ": how keys of "
              + key.getName()
              + " are written to the journal is not known: say it with keys(Codec)");
    }
    return Codec.plain();
  }

  /**
   * Opens it.
   *
   * @throws ConfigurationException if something does not fit: the message says what and what to do
   * @throws StoreAwayException if the table is to be read and the database cannot be reached
   */
  public Keyspace<K, V> open() {
    if (table == null) {
      Space<K, V> space =
          engine.open(
              new SpaceSpec<>(name, pattern, options, keyCodec(), values, store, reclaims)
                  .withMirror(mirrorSpec()));
      return new KeyspaceView<>(space, Lens.identity());
    }
    if (store != null) {
      throw new ConfigurationException(
          "keyspace " + name + " has a table (" + table + ") and a store; it can have one of them");
    }
    if (database == null) {
      throw noDatabase("has table " + table);
    }
    MirrorSpec<K, V> mirrored = mirrorSpec();
    if (mirrored != null) {
      throw new ConfigurationException(
          "keyspace " + name + " has a table (" + table + ") behind it and needs no mirror");
    }
    Store<Object, Row> rows = database.table(table);
    Lens<K, V, Object, Row> lens = Lens.rows(database.mapping(rows, key, value, columns));
    Space<Object, Row> space =
        engine.open(
            new SpaceSpec<>(name, pattern, options, Codec.plain(), rows.values(), rows, reclaims));
    return new KeyspaceView<>(space, lens);
  }

  private ConfigurationException noDatabase(String has) {
    return new ConfigurationException(
        "keyspace "
            + name
            + " "
            + has
            + ", but no database was given: Cachewright.builder().database(...)");
  }
}

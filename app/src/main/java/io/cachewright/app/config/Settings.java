// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import static io.cachewright.app.config.Setting.Scope.DEFAULTS;
import static io.cachewright.app.config.Setting.Scope.KEYSPACE;
import static io.cachewright.app.config.Setting.Scope.PLAIN;
import static io.cachewright.app.config.Setting.Scope.TOP;

import io.cachewright.KeyspaceOptions;
import io.cachewright.MirrorOptions;
import io.cachewright.Pattern;
import io.cachewright.WriteBehindOptions;
import io.cachewright.journal.Durability;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Every setting there is, one row each. The reader, {@code check}, {@code init} and {@code
 * docs/configuration.md} are made from these rows: a setting is added here and nowhere else.
 */
public final class Settings {
  private static final KeyspaceOptions STANDARD = KeyspaceOptions.DEFAULT;
  private static final WriteBehindOptions BEHIND = WriteBehindOptions.DEFAULT;
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration LONGEST = Duration.ofDays(36_500);
  private static final Set<Setting.Scope> CACHED = Set.of(DEFAULTS, KEYSPACE, PLAIN);
  private static final Set<Setting.Scope> LOADED = Set.of(DEFAULTS, KEYSPACE);

  // ---- the outermost keys ----

  public static final Setting<Optional<DatabaseUrl>> DATABASE =
      new Setting<>(
          "database",
          Set.of(TOP),
          SettingTypes.optional(SettingTypes.database()),
          Optional.empty(),
          "The database: `postgresql://user:password@host:port/database`, `sqlite:FILE`, or a JDBC"
              + " URL of either.");

  public static final Setting<Optional<String>> USER =
      new Setting<>(
          "user",
          Set.of(TOP),
          SettingTypes.optional(SettingTypes.text("text")),
          Optional.empty(),
          "The database user. Goes before the one in the URL.");

  public static final Setting<Optional<String>> PASSWORD =
      new Setting<>(
          "password",
          Set.of(TOP),
          SettingTypes.optional(SettingTypes.secret()),
          Optional.empty(),
          "The database user's password. Goes before the one in the URL.");

  public static final Setting<Optional<String>> PASSWORD_FILE =
      new Setting<>(
          "password-file",
          Set.of(TOP),
          SettingTypes.optional(SettingTypes.text("file")),
          Optional.empty(),
          "A file whose first line is that password. A relative name is looked up where"
              + " `cachewright` is started.");

  public static final Setting<Listen> LISTEN =
      new Setting<>(
          "listen",
          Set.of(TOP),
          SettingTypes.listen(),
          new Listen("127.0.0.1", 6380),
          "Where Redis clients connect. Port 0 takes a free one. `0.0.0.0` lets other machines"
              + " in: then set `client-password`.");

  public static final Setting<Optional<String>> CLIENT_PASSWORD =
      new Setting<>(
          "client-password",
          Set.of(TOP),
          SettingTypes.optional(SettingTypes.secret()),
          Optional.empty(),
          "What Redis clients must send with AUTH, as user `default`.");

  public static final Setting<Long> POOL_SIZE =
      new Setting<>(
          "pool-size",
          Set.of(TOP),
          SettingTypes.integer(2, 1_000),
          8L,
          "Most connections to the database. Loads and writes are batched, so that few are needed;"
              + " more take memory in the database.");

  public static final Setting<Duration> CONNECT_TIMEOUT =
      new Setting<>(
          "connect-timeout",
          Set.of(TOP),
          SettingTypes.duration(Duration.ofMillis(250), Duration.ofMinutes(5)),
          Duration.ofSeconds(2),
          "How long a statement waits for a connection before the database counts as away. Longer:"
              + " short interruptions go unnoticed, and clients wait longer for an error.");

  public static final Setting<Duration> STATEMENT_TIMEOUT =
      new Setting<>(
          "statement-timeout",
          Set.of(TOP),
          SettingTypes.duration(Duration.ofSeconds(1), DAY),
          Duration.ofSeconds(30),
          "How long a statement may take before it is cancelled, in whole seconds. SQLite has none:"
              + " there it is how long a write waits for another process's.");

  public static final Setting<String> DATA =
      new Setting<>(
          "data",
          Set.of(TOP),
          SettingTypes.text("directory"),
          "./cachewright-data",
          "Where the journal, snapshots and parked changes of write-behind and record keyspaces"
              + " are. It is made if it is missing, and used by one process at a time.");

  public static final Setting<Durability> DURABILITY =
      new Setting<>(
          "durability",
          Set.of(TOP),
          SettingTypes.choice(Durability.class, each -> each.name().toLowerCase(Locale.ROOT)),
          Durability.FSYNC,
          "What an acknowledged write of a write-behind or record keyspace survives: `fsync` a"
              + " power cut, `interval` a power cut but for the last second, `os` the end of the"
              + " process only.");

  public static final Setting<Duration> DRAIN =
      new Setting<>(
          "drain",
          Set.of(TOP),
          SettingTypes.duration(Duration.ZERO, DAY),
          Duration.ofSeconds(10),
          "How long a stop flushes what waits. What is left then stays in the journal, and is"
              + " flushed after the next start. `0s`: not at all.");

  // ---- keyspaces ----

  public static final Setting<Optional<String>> TABLE =
      new Setting<>(
          "table",
          Set.of(KEYSPACE),
          SettingTypes.optional(SettingTypes.text("text")),
          Optional.empty(),
          "The table, with its schema if need be: `public.users`. If not given, the table of the"
              + " keyspace's name.");

  public static final Setting<Pattern> PATTERN =
      new Setting<>(
          "pattern",
          Set.of(KEYSPACE, PLAIN),
          SettingTypes.choice(Pattern.class, Pattern::word),
          Pattern.READ_THROUGH,
          "How cache and table work together. `look-aside` and `record` have no table: their keys"
              + " are plain Redis keys, in memory only, or durable in the journal. `plain` can be"
              + " one of these two, and is look-aside if not given.");

  public static final Setting<Format> FORMAT =
      new Setting<>(
          "format",
          LOADED,
          SettingTypes.choice(Format.class, Format::word),
          Format.HASH,
          "How a row is seen: `hash` is a Redis hash with a field per column, `json` a string with"
              + " one JSON document.");

  public static final Setting<List<String>> COLUMNS =
      new Setting<>(
          "columns",
          Set.of(KEYSPACE),
          SettingTypes.names("all"),
          List.of(),
          "Columns that clients count on. If the table lacks one, `serve` does not start. All"
              + " columns are served whatever stands here.");

  public static final Setting<List<String>> ADDITIVE =
      new Setting<>(
          "additive",
          Set.of(KEYSPACE),
          SettingTypes.names(SettingTypes.NONE),
          List.of(),
          "Integer and numeric columns to which others add, too. HINCRBY and HINCRBYFLOAT of such a"
              + " column are made by the database, `col = col + n`, so that all of them count; HSET"
              + " still sets it. Under write-through and write-behind, with `format: hash`.");

  public static final Setting<Optional<Duration>> TTL =
      new Setting<>(
          "ttl",
          CACHED,
          SettingTypes.optional(SettingTypes.duration(Duration.ofMillis(1), LONGEST)),
          Optional.ofNullable(STANDARD.expireAfterWrite()),
          "How long an entry stays after it was loaded or written. Longer: fewer loads, and"
              + " changes that others make in the table are seen later. The table's row is never"
              + " touched. Of a record keyspace the entry is gone for good, so that it takes no"
              + " `ttl` from `defaults`.");

  public static final Setting<Long> MAX_SIZE =
      new Setting<>(
          "max-size",
          CACHED,
          SettingTypes.integer(1, 10_000_000_000L),
          STANDARD.maximumSize(),
          "Most entries in memory; beyond it the least useful are dropped. A record keyspace drops"
              + " nothing: there writes that would go beyond it are refused with `CWLIMIT`.");

  public static final Setting<Long> MAX_BYTES =
      new Setting<>(
          "max-bytes",
          CACHED,
          SettingTypes.size(1 << 10),
          STANDARD.maximumBytes(),
          "Most memory for the entries of one keyspace; beyond it the least useful are dropped, or,"
              + " of a record keyspace, writes refused.");

  public static final Setting<Double> JITTER =
      new Setting<>(
          "jitter",
          CACHED,
          SettingTypes.percent(0, 50),
          STANDARD.jitter(),
          "By how much of itself each entry's ttl is shortened at random, so that entries that came"
              + " together do not leave together.");

  public static final Setting<Duration> NEGATIVE_TTL =
      new Setting<>(
          "negative-ttl",
          LOADED,
          SettingTypes.duration(Duration.ZERO, LONGEST),
          STANDARD.negativeTimeToLive(),
          "How long \"no such row\" is remembered. `0s`: not at all.");

  public static final Setting<Optional<Double>> REFRESH_AHEAD =
      new Setting<>(
          "refresh-ahead",
          LOADED,
          SettingTypes.optional(SettingTypes.percent(1, 99)),
          Optional.ofNullable(STANDARD.refreshAhead()),
          "After which part of its ttl an entry that is read is loaded again in the background, so"
              + " that hot entries never miss. Needs `ttl`.");

  public static final Setting<Long> LOAD_BATCH =
      new Setting<>(
          "load-batch",
          LOADED,
          SettingTypes.integer(1, STANDARD.waitingMax()),
          (long) STANDARD.loadBatchMax(),
          "Most rows in one SELECT. More: fewer statements, each slower.");

  public static final Setting<Duration> MAX_DELAY =
      new Setting<>(
          "write-behind.max-delay",
          LOADED,
          SettingTypes.duration(Duration.ZERO, DAY),
          BEHIND.maxDelay(),
          "How old a change gets before it is flushed to the database. Longer: more changes of a"
              + " row become one, and more is behind.");

  public static final Setting<Long> MAX_CHANGES =
      new Setting<>(
          "write-behind.max-changes",
          LOADED,
          SettingTypes.integer(1, 1_000_000),
          (long) BEHIND.maxChanges(),
          "Rows to write at which a flush begins whatever their age. While one runs, up to ten"
              + " times as many gather for the next. More: larger transactions.");

  public static final Setting<Long> MAX_PENDING =
      new Setting<>(
          "write-behind.max-pending",
          LOADED,
          SettingTypes.size(1 << 10),
          BEHIND.maxPending(),
          "Most memory for changes that wait. At this bound writes wait, then are refused with"
              + " `CWLIMIT`.");

  public static final Setting<Boolean> COALESCE =
      new Setting<>(
          "write-behind.coalesce",
          LOADED,
          SettingTypes.flag(),
          BEHIND.coalesce(),
          "Whether several changes of a row become one. `false`: each is applied, in order, for"
              + " tables whose triggers keep a history.");

  public static final Setting<Optional<String>> MIRROR_TABLE =
      new Setting<>(
          "mirror.table",
          Set.of(KEYSPACE),
          SettingTypes.optional(SettingTypes.text("text")),
          Optional.empty(),
          "Of a record keyspace: the table of the database that shows what it has. It is made if"
              + " it is not there. If only `mirror.every` is given, it has the keyspace's name.");

  public static final Setting<Duration> MIRROR_EVERY =
      new Setting<>(
          "mirror.every",
          Set.of(KEYSPACE),
          SettingTypes.duration(Duration.ZERO, DAY),
          MirrorOptions.DEFAULT.every(),
          "How old a change gets before that table has it.");

  /** In the order of the reference. */
  public static final List<Setting<?>> ALL =
      List.of(
          DATABASE,
          USER,
          PASSWORD,
          PASSWORD_FILE,
          LISTEN,
          CLIENT_PASSWORD,
          POOL_SIZE,
          CONNECT_TIMEOUT,
          STATEMENT_TIMEOUT,
          DATA,
          DURABILITY,
          DRAIN,
          TABLE,
          PATTERN,
          FORMAT,
          COLUMNS,
          ADDITIVE,
          TTL,
          MAX_SIZE,
          MAX_BYTES,
          JITTER,
          NEGATIVE_TTL,
          REFRESH_AHEAD,
          LOAD_BATCH,
          MAX_DELAY,
          MAX_CHANGES,
          MAX_PENDING,
          COALESCE,
          MIRROR_TABLE,
          MIRROR_EVERY);

  /** Keys that hold other keys. */
  public static final String DEFAULTS_KEY = "defaults";

  public static final String KEYSPACES_KEY = "keyspaces";
  public static final String PLAIN_KEY = "plain";

  /** The group of what record keyspaces may have. */
  public static final String MIRROR_GROUP = "mirror";

  /** The group of what write-behind keyspaces have. */
  public static final String WRITE_BEHIND_GROUP = "write-behind";

  /** What a later release will understand, so that nobody looks for a typing error. */
  static final Map<Setting.Scope, Set<String>> LATER =
      Map.of(
          TOP, Set.of("admin"),
          DEFAULTS, Set.of(),
          KEYSPACE, Set.of(),
          PLAIN, Set.of());

  private Settings() {}

  static List<Setting<?>> in(Setting.Scope scope) {
    return ALL.stream().filter(setting -> setting.isIn(scope)).toList();
  }
}

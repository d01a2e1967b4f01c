// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.KeyspaceStats;
import io.cachewright.WriteBehindStatus;
import io.cachewright.engine.Log;
import io.cachewright.engine.SnapshotStatus;
import io.cachewright.engine.Space;
import io.cachewright.journal.JournalStats;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** What INFO says: the fields that tools look for, under Redis' names, and a section of our own. */
final class ServerInfo {
  /** The Redis whose commands these are: clients decide by it what they may send. */
  static final String REDIS_VERSION = "7.0.15";

  private final Service service;

  ServerInfo(Service service) {
    this.service = service;
  }

  /** The sections of these names; all of them if there are none, or one is not a name of these. */
  String text(Collection<String> wanted) {
    Map<String, Map<String, Object>> sections = sections();
    boolean all = wanted.isEmpty() || wanted.stream().anyMatch(each -> !sections.containsKey(each));
    boolean known = wanted.stream().anyMatch(sections::containsKey);
    StringBuilder text = new StringBuilder();
    sections.forEach(
        (name, fields) -> {
          if (wanted.contains(name) || (all && !known)) {
            text.append(text.length() == 0 ? "" : "\r\n")
                .append("# ")
                .append(Character.toUpperCase(name.charAt(0)))
                .append(name.substring(1))
                .append("\r\n");
            fields.forEach(
                (field, value) -> text.append(field).append(':').append(value).append("\r\n"));
          }
        });
    return text.toString();
  }

  private Map<String, Map<String, Object>> sections() {
    Map<String, Map<String, Object>> sections = new LinkedHashMap<>();
    sections.put("server", server());
    sections.put("clients", clients());
    sections.put("memory", memory());
    sections.put("stats", stats());
    sections.put("keyspace", keyspace());
    sections.put("persistence", persistence());
    sections.put("cachewright", cachewright());
    return sections;
  }

  private Map<String, Object> server() {
    long seconds = (service.clock().millis() - service.beganMillis()) / 1000;
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("redis_version", REDIS_VERSION);
    fields.put("redis_mode", "standalone");
    fields.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    fields.put("arch_bits", 64);
    fields.put("process_id", ProcessHandle.current().pid());
    fields.put("tcp_port", service.port());
    fields.put("uptime_in_seconds", seconds);
    fields.put("uptime_in_days", seconds / 86_400);
    return fields;
  }

  private Map<String, Object> clients() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("connected_clients", service.connections());
    fields.put("maxclients", service.limits().maxConnections());
    return fields;
  }

  private Map<String, Object> memory() {
    Runtime runtime = Runtime.getRuntime();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("used_memory", runtime.totalMemory() - runtime.freeMemory());
    fields.put("total_system_memory", runtime.maxMemory());
    fields.put("maxmemory", service.catalog().plain().space().options().maximumBytes());
    fields.put("maxmemory_policy", "allkeys-lfu");
    return fields;
  }

  private Map<String, Object> stats() {
    long hits = 0;
    long misses = 0;
    long evictions = 0;
    for (Target target : service.catalog().served()) {
      KeyspaceStats stats = KeyspaceCommands.spaceOf(target).stats();
      hits += stats.hits();
      misses += stats.misses();
      evictions += stats.evictions();
    }
    long commands = 0;
    long errors = 0;
    for (CommandTable.Counted each : service.commands().all()) {
      commands += each.calls().sum();
      errors += each.errors().sum();
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("total_connections_received", service.connectionsReceived.sum());
    fields.put("rejected_connections", service.connectionsRefused.sum());
    fields.put("total_commands_processed", commands);
    fields.put("total_error_replies", errors);
    fields.put("total_net_input_bytes", service.bytesIn.sum());
    fields.put("total_net_output_bytes", service.bytesOut.sum());
    fields.put("keyspace_hits", hits);
    fields.put("keyspace_misses", misses);
    fields.put("evicted_keys", evictions);
    return fields;
  }

  private Map<String, Object> keyspace() {
    long keys = 0;
    for (Target target : service.catalog().served()) {
      keys += KeyspaceCommands.spaceOf(target).size();
    }
    return keys == 0 ? Map.of() : Map.of("db0", "keys=" + keys + ",expires=0,avg_ttl=0");
  }

  /** The names are Redis' where it has one. */
  private Map<String, Object> persistence() {
    Map<String, Object> fields = new LinkedHashMap<>();
    Log log = service.engine().log();
    fields.put("loading", 0);
    fields.put("aof_enabled", log == null ? 0 : 1);
    if (log == null) {
      return fields;
    }
    JournalStats journal = log.journalStats();
    fields.put("aof_current_size", journal.bytes());
    SnapshotStatus snapshots = log.snapshotStatus();
    Instant last = snapshots.last();
    fields.put("rdb_bgsave_in_progress", snapshots.running() ? 1 : 0);
    fields.put(
        "rdb_last_save_time", last == null ? service.beganMillis() / 1_000 : last.getEpochSecond());
    fields.put("rdb_last_bgsave_status", snapshots.failure() == null ? "ok" : "err");
    fields.put("journal_records", journal.appended());
    fields.put("journal_fsyncs", journal.fsyncs());
    fields.put("parked", log.parked().size());
    int number = 0;
    for (WriteBehindStatus status : log.status()) {
      fields.put("write_behind" + number++, describe(status));
    }
    return fields;
  }

  private static String describe(WriteBehindStatus status) {
    return "log="
        + status.log()
        + ",position="
        + status.position()
        + ",logged="
        + status.logged()
        + ",lag_ms="
        + status.lag().toMillis()
        + ",lag_changes="
        + status.changes()
        + ",lag_bytes="
        + status.bytes()
        + ",flushes="
        + status.flushes()
        + ",flushed_rows="
        + status.flushedRows()
        + ",retries="
        + status.retries()
        + ",state="
        + (status.stopped() ? "stopped" : status.failing() == null ? "ok" : "failing");
  }

  private Map<String, Object> cachewright() {
    Map<String, Object> fields = new LinkedHashMap<>();
    String version = ServerInfo.class.getPackage().getImplementationVersion();
    fields.put("cachewright_version", version == null ? "development" : version);
    service
        .catalog()
        .named()
        .values()
        .forEach(each -> fields.put("keyspace_" + each.name(), describe(each)));
    fields.put("keyspace_plain", describe(service.catalog().plain()));
    return fields;
  }

  private static String describe(Target target) {
    if (target instanceof AwayKeyspace away) {
      return "unavailable,since=" + away.since();
    }
    Space<?, ?> space = KeyspaceCommands.spaceOf(target);
    KeyspaceStats stats = space.stats();
    return "pattern="
        + space.pattern().word()
        + ",entries="
        + space.size()
        + ",hits="
        + stats.hits()
        + ",misses="
        + stats.misses()
        + ",loads="
        + stats.loads()
        + ",writes="
        + stats.writes()
        + ",write_errors="
        + stats.writeErrors();
  }
}

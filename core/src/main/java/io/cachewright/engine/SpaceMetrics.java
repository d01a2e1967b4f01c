// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.KeyspaceStats;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a keyspace counts. Nothing is looked up meanwhile: the registry reads the counters when it
 * is asked.
 */
final class SpaceMetrics {
  final Tally hits = new Tally();
  final LongAdder misses = new LongAdder();
  final LongAdder loadErrors = new LongAdder();
  final LongAdder writes = new LongAdder();
  final LongAdder writeErrors = new LongAdder();
  private final LongAdder loads = new LongAdder();
  private final LongAdder loadedKeys = new LongAdder();
  private final Timer loadTime;
  private final Timer writeTime;
  private final DistributionSummary loadBatch;
  private final DistributionSummary writeBatch;
  private final EntryTable<?, ?> table;
  private final Meters meters;

  SpaceMetrics(String keyspace, EntryTable<?, ?> table, MeterRegistry registry) {
    this.table = table;
    this.meters = new Meters(registry);
    Tags tags = Tags.of("keyspace", keyspace);
    meters.add(
        FunctionCounter.builder("cachewright.hits", hits, Tally::sum)
                .description("reads answered by the cache")
                .tags(tags)
            ::register);
    meters.count("cachewright.misses", "reads not answered by the cache", misses, tags);
    meters.count("cachewright.load.errors", "keys whose load failed", loadErrors, tags);
    meters.count("cachewright.writes", "changes accepted", writes, tags);
    meters.count("cachewright.write.errors", "changes refused or failed", writeErrors, tags);
    meters.add(
        FunctionCounter.builder("cachewright.evictions", table, EntryTable::evictions)
                .description("entries dropped because a bound was reached")
                .tags(tags)
            ::register);
    meters.add(
        Gauge.builder("cachewright.entries", table, EntryTable::size)
                .description("entries in the cache")
                .tags(tags)
            ::register);
    loadTime = meters.add(Timer.builder("cachewright.load.time").tags(tags)::register);
    writeTime = meters.add(Timer.builder("cachewright.write.time").tags(tags)::register);
    loadBatch =
        meters.add(DistributionSummary.builder("cachewright.load.batch").tags(tags)::register);
    writeBatch =
        meters.add(DistributionSummary.builder("cachewright.write.batch").tags(tags)::register);
  }

  /** Nothing is shown any more; what has been counted stays. */
  void close() {
    meters.close();
  }

  void loaded(int keys, long nanos) {
    loads.increment();
    loadedKeys.add(keys);
    loadBatch.record(keys);
    loadTime.record(nanos, TimeUnit.NANOSECONDS);
  }

  void written(int changes, long nanos) {
    writeBatch.record(changes);
    writeTime.record(nanos, TimeUnit.NANOSECONDS);
  }

  KeyspaceStats stats() {
    return new KeyspaceStats(
        hits.sum(),
        misses.sum(),
        loads.sum(),
        loadedKeys.sum(),
        loadErrors.sum(),
        writes.sum(),
        writeErrors.sum(),
        table.evictions());
  }
}

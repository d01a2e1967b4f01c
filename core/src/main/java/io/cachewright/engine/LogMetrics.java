// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.WriteBehindStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.TimeGauge;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/**
 * What the log and write-behind count, of all databases together. Nothing is counted for it on a
 * write's way: the registry asks when it is asked.
 */
final class LogMetrics {

  private LogMetrics() {}

  static void add(Log log, Meters meters) {
    meters.add(
        TimeGauge.builder(
                    "cachewright.lag.age", log, TimeUnit.MILLISECONDS, LogMetrics::oldestMillis)
                .description("age of the oldest change not yet flushed")
            ::register);
    meters.add(
        gauge("cachewright.lag.changes", "changes not yet flushed", WriteBehindStatus::changes, log)
            ::register);
    meters.add(
        gauge("cachewright.lag.bytes", "memory they take, in bytes", WriteBehindStatus::bytes, log)
            ::register);
    meters.add(
        gauge(
                "cachewright.flush.generations",
                "generations not yet flushed",
                WriteBehindStatus::generations,
                log)
            ::register);
    meters.add(
        FunctionTimer.builder(
                    "cachewright.flush.time",
                    log,
                    of -> sum(of, WriteBehindStatus::flushes),
                    of -> sum(of, status -> status.flushTime().toNanos()),
                    TimeUnit.NANOSECONDS)
                .description("flushes, each one transaction of the database")
            ::register);
    meters.add(
        counter("cachewright.flush.rows", "changes flushed", WriteBehindStatus::flushedRows, log)
            ::register);
    meters.add(
        counter(
                "cachewright.flush.retries",
                "flushes that failed for a passing reason",
                WriteBehindStatus::retries,
                log)
            ::register);
    meters.add(
        Gauge.builder("cachewright.waiting", log, Log::waiting)
                .description("writes that wait for room in max-pending or in the journal")
            ::register);
    meters.add(
        Gauge.builder("cachewright.parked", log, of -> of.parked().size())
                .description("keys with changes that the database refused")
            ::register);
    addJournal(log, meters);
  }

  private static void addJournal(Log log, Meters meters) {
    meters.add(
        Gauge.builder("cachewright.journal.bytes", log, of -> of.journalStats().bytes())
                .description("size of the journal on disk, with what is allocated ahead")
            ::register);
    meters.add(
        FunctionCounter.builder(
                    "cachewright.journal.records", log, of -> of.journalStats().appended())
                .description("transactions logged")
            ::register);
    meters.add(
        FunctionTimer.builder(
                    "cachewright.journal.fsync.time",
                    log,
                    of -> of.journalStats().fsyncs(),
                    of -> of.journalStats().fsyncNanosTotal(),
                    TimeUnit.NANOSECONDS)
                .description("fsyncs of the journal")
            ::register);
  }

  private static Gauge.Builder<Log> gauge(
      String name, String description, ToLongFunction<WriteBehindStatus> value, Log log) {
    return Gauge.builder(name, log, of -> sum(of, value)).description(description);
  }

  private static FunctionCounter.Builder<Log> counter(
      String name, String description, ToLongFunction<WriteBehindStatus> value, Log log) {
    return FunctionCounter.builder(name, log, of -> sum(of, value)).description(description);
  }

  private static long sum(Log log, ToLongFunction<WriteBehindStatus> value) {
    return log.status().stream().mapToLong(value).sum();
  }

  private static double oldestMillis(Log log) {
    return log.status().stream().mapToLong(status -> status.lag().toMillis()).max().orElse(0);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;

/**
 * Lets a warning or an error through once in 30 s: a database that is away for an hour is one
 * event, not a million. Two are the same if logger and format are; what is filled in may differ.
 */
public final class RepeatFilter extends TurboFilter {
  private static final long QUIET_NANOS = 30_000_000_000L;

  /** Formats are written in code, so that there are few; this is for those that are not. */
  private static final int FORMATS_MAX = 1_000;

  private final LongSupplier clock;
  private final ConcurrentMap<String, Long> lastPassed = new ConcurrentHashMap<>();

  /** Made by logback. */
  public RepeatFilter() {
    this(System::nanoTime);
  }

  RepeatFilter(LongSupplier clock) {
    this.clock = clock;
  }

  @Override
  @SuppressWarnings("checkstyle:ParameterNumber") // logback's signature
  public FilterReply decide(
      @Nullable Marker marker,
      Logger logger,
      Level level,
      @Nullable String format,
      Object @Nullable [] parameters,
      @Nullable Throwable error) {
    if (!level.isGreaterOrEqual(Level.WARN) || format == null) {
      return FilterReply.NEUTRAL;
    }
    long now = clock.getAsLong();
    if (lastPassed.size() > FORMATS_MAX) {
      lastPassed.clear();
    }
    String what = logger.getName() + ' ' + format;
    Long passed = lastPassed.putIfAbsent(what, now);
    if (passed == null) {
      return FilterReply.NEUTRAL;
    }
    boolean due = now - passed >= QUIET_NANOS && lastPassed.replace(what, passed, now);
    return due ? FilterReply.NEUTRAL : FilterReply.DENY;
  }
}

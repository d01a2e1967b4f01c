// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.core.spi.FilterReply;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class RepeatFilterTest {
  private final AtomicLong clock = new AtomicLong(-5);
  private final RepeatFilter filter = new RepeatFilter(clock::get);
  private final Logger logger = new LoggerContext().getLogger("a");

  @Test
  void aRepeatedWarningPassesOnceInThirtySeconds() {
    assertThat(passes(Level.WARN, "away {}")).isTrue();
    assertThat(passes(Level.WARN, "away {}")).isFalse();
    assertThat(passes(Level.ERROR, "other")).isTrue();
    clock.addAndGet(Duration.ofSeconds(29).toNanos());
    assertThat(passes(Level.WARN, "away {}")).isFalse();
    clock.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(passes(Level.WARN, "away {}")).isTrue();
    assertThat(passes(Level.WARN, "away {}")).isFalse();
  }

  @Test
  void whatIsNoWarningPassesAlways() {
    assertThat(passes(Level.INFO, "back")).isTrue();
    assertThat(passes(Level.INFO, "back")).isTrue();
  }

  private boolean passes(Level level, String format) {
    return filter.decide(null, logger, level, format, null, null) != FilterReply.DENY;
  }
}

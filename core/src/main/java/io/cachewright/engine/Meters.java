// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/**
 * The meters that something has in a registry, so that they leave with it. A registry keeps the
 * first meter of a name: one that stayed would go on to show what is gone, and whoever has the name
 * next would not be shown at all.
 *
 * <p>For one thread at a time.
 */
public final class Meters implements AutoCloseable {
  private final MeterRegistry registry;
  private final List<Meter> all = new ArrayList<>();

  public Meters(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * Adds one.
   *
   * @param register of the builder of a meter
   */
  public <M extends Meter> M add(Function<MeterRegistry, M> register) {
    M meter = register.apply(registry);
    all.add(meter);
    return meter;
  }

  /** Adds one that shows what is counted elsewhere. */
  public void count(String name, String description, LongAdder adder, Tags tags) {
    add(
        FunctionCounter.builder(name, adder, LongAdder::sum).description(description).tags(tags)
            ::register);
  }

  @Override
  public void close() {
    all.forEach(registry::remove);
    all.clear();
  }
}

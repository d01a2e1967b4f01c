// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.redis;

import java.io.IOException;
import java.util.Locale;

/** Which load generator. */
enum Generator {
  AUTO,
  REDIS_BENCHMARK,
  BUILT_IN;

  Load load() throws IOException, InterruptedException {
    if (this == BUILT_IN) {
      return new BuiltInLoad();
    }
    RedisBenchmark installed = RedisBenchmark.find();
    if (installed == null && this == REDIS_BENCHMARK) {
      throw new IOException("no redis-benchmark on the PATH (Debian: redis-tools)");
    }
    return installed == null ? new BuiltInLoad() : installed;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks;

import java.util.Arrays;

/** What was measured in each round, in the order of the rounds. */
public final class Samples {
  private final double[] values;

  public Samples(double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("no round was measured");
    }
    this.values = values.clone();
  }

  public double median() {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  public double min() {
    return Arrays.stream(values).min().orElseThrow();
  }

  public double max() {
    return Arrays.stream(values).max().orElseThrow();
  }

  /** Round by round, so that a drift of the machine, which both suffer alike, cancels out. */
  public Samples over(Samples other) {
    double[] ratios = new double[values.length];
    Arrays.setAll(ratios, i -> values[i] / other.values[i]);
    return new Samples(ratios);
  }

  /** The better of the two, in each round. */
  public Samples orBetter(Samples other) {
    double[] better = new double[values.length];
    Arrays.setAll(better, i -> Math.max(values[i], other.values[i]));
    return new Samples(better);
  }
}

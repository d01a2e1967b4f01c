// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks;

import java.util.ArrayList;
import java.util.List;

/**
 * Lets several subjects take turns, so that a machine that gets slower or faster meanwhile does so
 * for all of them: A B C, C B A, A B C …
 */
public final class Rounds {

  /** One measurement. The larger, the better. */
  @FunctionalInterface
  public interface Subject {
    double measure() throws Exception;
  }

  private Rounds() {}

  /**
   * @param warmUps rounds that are run first and not counted
   * @return of each subject, what it measured in each round
   */
  public static List<Samples> run(int warmUps, int rounds, List<Subject> subjects)
      throws Exception {
    double[][] measured = new double[subjects.size()][rounds];
    for (int round = -warmUps; round < rounds; round++) {
      for (int turn = 0; turn < subjects.size(); turn++) {
        int subject = round % 2 == 0 ? turn : subjects.size() - 1 - turn;
        double result = subjects.get(subject).measure();
        if (round >= 0) {
          measured[subject][round] = result;
        }
      }
    }
    List<Samples> samples = new ArrayList<>();
    for (double[] each : measured) {
      samples.add(new Samples(each));
    }
    return samples;
  }
}

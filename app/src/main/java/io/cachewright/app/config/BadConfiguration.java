// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration that cannot be used. Has every problem that was found, not only the first. */
public final class BadConfiguration extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  public BadConfiguration(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** In the order of the file. */
  public List<Problem> problems() {
    return problems;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

/** Where a value was given: what an error names, and what {@code check} prints beside the value. */
public sealed interface Origin {
  Origin STANDARD = new Standard();

  /** Of two sources the one of higher rank counts. */
  int rank();

  /** A place in a file; line and column count from 1. */
  record InFile(String file, int line, int column) implements Origin {
    @Override
    public int rank() {
      return 1;
    }

    @Override
    public String toString() {
      return file + ":" + line + ":" + column;
    }
  }

  /** An environment variable. */
  record Variable(String name) implements Origin {
    @Override
    public int rank() {
      return 2;
    }

    @Override
    public String toString() {
      return "variable " + name;
    }
  }

  /** An option of the command line. */
  record Option(String name) implements Origin {
    @Override
    public int rank() {
      return 3;
    }

    @Override
    public String toString() {
      return "option " + name;
    }
  }

  /** Nowhere: it is the default. */
  record Standard() implements Origin {
    @Override
    public int rank() {
      return 0;
    }

    @Override
    public String toString() {
      return "default";
    }
  }
}

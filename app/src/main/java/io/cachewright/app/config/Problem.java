// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

/** Something that cannot be as it is written: where, and what to do about it. */
public record Problem(Origin where, String message) {
  @Override
  public String toString() {
    return where instanceof Origin.Standard ? message : where + ": " + message;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import java.util.List;

/** How a setting is written: read from text, shown again as text, described in the reference. */
public interface SettingType<T> {

  /**
   * The value that this text means.
   *
   * @throws BadText if it means none
   */
  T read(String text);

  /** The text that {@link #read} would take; of a secret, stars. */
  String show(T value);

  /** What the reference says may be written: {@code duration from 1ms}. */
  String described();

  /** Whether a list may be written instead of one text; {@link #readAll} then reads it. */
  default boolean isList() {
    return false;
  }

  /** The value that this list means. Only if {@link #isList}. */
  default T readAll(List<String> texts) {
    throw new UnsupportedOperationException(described() + " is no list");
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

/** A text that a {@link SettingType} cannot read. The message says why and what is expected. */
final class BadText extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BadText(String message) {
    super(message, null, false, false);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

/** What an acknowledged record survives. */
public enum Durability {
  /** The end of the process and a power cut: acknowledged after an fsync. */
  FSYNC,
  /** The end of the process; a power cut may take back the last second: an fsync each second. */
  INTERVAL,
  /** The end of the process. The operating system writes to the disk when it likes. */
  OS
}

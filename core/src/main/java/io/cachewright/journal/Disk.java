// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/**
 * One directory, as the journal needs it. A seam: in tests the power fails, disks are full, and an
 * fsync reports an error.
 */
public interface Disk {
  /** For messages. */
  String directory();

  /** Names of the files. */
  List<String> list() throws IOException;

  /** Opens a file that is there, to read and, unless {@code readOnly}, to write. */
  DiskFile open(String name, boolean readOnly) throws IOException;

  /** Makes an empty file, in place of one of that name. */
  DiskFile create(String name) throws IOException;

  /** Atomically; a file named {@code to} is replaced. Safe after {@link #syncDirectory}. */
  void rename(String from, String to) throws IOException;

  /** Safe after {@link #syncDirectory}. */
  void delete(String name) throws IOException;

  /** Makes what was created, renamed and deleted survive a power cut. */
  void syncDirectory() throws IOException;

  /** How many bytes are free, for messages. */
  long freeBytes() throws IOException;

  /**
   * Takes the directory for this process and this journal, until the result is closed.
   *
   * @throws io.cachewright.ConfigurationException if another has it, or it cannot be used
   */
  Closeable lock() throws IOException;
}

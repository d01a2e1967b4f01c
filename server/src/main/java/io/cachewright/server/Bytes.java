// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A binary-safe key or field: bytes that do not change, with their hash. Comparable, so that keys
 * that were chosen to collide are found in a tree and not in a list where none may be let go.
 */
final class Bytes implements Comparable<Bytes> {
  private final byte[] bytes;
  private final int hash;

  /** The array belongs to this object from now on. */
  Bytes(byte[] bytes) {
    this.bytes = bytes;
    this.hash = Arrays.hashCode(bytes);
  }

  static Bytes of(String text) {
    return new Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Not to be changed. */
  byte[] array() {
    return bytes;
  }

  int length() {
    return bytes.length;
  }

  @Override
  public int compareTo(Bytes other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes that && hash == that.hash && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Bytes. Raw in the binary forms; as text {@code \x} and hexadecimal digits. */
public record BytesType(String sqlName) implements ColumnType {

  @Override
  public Kind kind() {
    return Kind.BYTES;
  }

  @Override
  public Object check(Object value) {
    if (value instanceof byte[]) {
      return value;
    }
    throw Values.wrongType(value, this, "a byte[]");
  }

  @Override
  public Object parse(String text) {
    if (text.startsWith("\\x")) {
      try {
        return HexFormat.of().parseHex(text, 2, text.length());
      } catch (IllegalArgumentException e) {
        // Refused below.
      }
    }
    throw Values.misfit(text, this, "bytes, as text such as \\x00ff");
  }

  @Override
  public String print(Object value) {
    return value instanceof byte[] bytes
        ? "\\x" + HexFormat.of().formatHex(bytes)
        : value.toString();
  }

  @Override
  public Object parse(byte[] raw) {
    return raw;
  }

  @Override
  public byte[] printBytes(Object value) {
    return value instanceof byte[] bytes
        ? bytes
        : value.toString().getBytes(StandardCharsets.UTF_8);
  }
}

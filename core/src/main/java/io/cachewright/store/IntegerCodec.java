// SPDX-License-Identifier: Apache-2.0
package io.cachewright.store;

import io.cachewright.Columns;
import java.util.List;
import java.util.function.Function;

/** Integers, which rows do not have, written as the numbers that they do. */
enum IntegerCodec implements Codec<Integer> {
  IT;

  @Override
  public void write(Integer value, ByteSink out) {
    ValueFormat.write((long) value, out);
  }

  @Override
  public Integer read(ByteSource in, Function<List<String>, Columns> columns) {
    if (ValueFormat.read(in, columns) instanceof Long number && number == number.intValue()) {
      return number.intValue();
    }
    throw in.broken("no Integer");
  }
}

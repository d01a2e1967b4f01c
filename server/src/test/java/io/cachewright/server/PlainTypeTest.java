// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.BadValueException;
import io.cachewright.Columns;
import io.cachewright.server.PlainValue.Hash;
import io.cachewright.server.PlainValue.Patch;
import io.cachewright.server.PlainValue.Text;
import io.cachewright.store.ByteSink;
import io.cachewright.store.ByteSource;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** How plain keys and values are written to the journal: these bytes must never change. */
class PlainTypeTest {

  private static byte[] bytes(PlainValue value) {
    ByteSink out = new ByteSink(1 << 20);
    PlainType.VALUES.write(value, out);
    return out.toByteArray();
  }

  private static String hex(PlainValue value) {
    return HexFormat.ofDelimiter(" ").formatHex(bytes(value));
  }

  private static PlainValue read(byte[] bytes) {
    return PlainType.VALUES.read(new ByteSource(ByteBuffer.wrap(bytes)), Columns::of);
  }

  private static Patch changes() {
    Map<Bytes, byte[]> changes = new LinkedHashMap<>();
    changes.put(Bytes.of("a"), Bytes.of("17").array());
    changes.put(Bytes.of("b"), null);
    return new Patch(changes);
  }

  private static Hash hash() {
    return Hash.EMPTY.with(
        new Patch(Map.of(Bytes.of("a"), Bytes.of("1").array(), Bytes.of("bc"), new byte[0])));
  }

  @Test
  void theBytesAreThese() {
    assertThat(hex(changes())).isEqualTo("03 02 01 61 01 02 31 37 01 62 00");
    assertThat(hex(new Text(Bytes.of("Ann").array()))).isEqualTo("01 03 41 6e 6e");
    assertThat(hex(Hash.EMPTY.with(new Patch(Map.of(Bytes.of("a"), Bytes.of("1").array())))))
        .isEqualTo("02 01 01 61 01 31");
    ByteSink key = new ByteSink(100);
    PlainType.KEYS.write(Bytes.of("k:1"), key);
    assertThat(HexFormat.of().formatHex(key.toByteArray())).isEqualTo("036b3a31");
  }

  @Test
  void whatIsWrittenIsRead() {
    for (PlainValue value : List.of(changes(), hash(), new Text(new byte[300]))) {
      PlainValue again = read(bytes(value));
      assertThat(bytes(again)).isEqualTo(bytes(value));
      assertThat(again.bytes()).isEqualTo(value.bytes());
    }
  }

  @Test
  void bytesThatAreCutOrChangedAreAnError() {
    for (PlainValue value : List.of(changes(), hash(), new Text(Bytes.of("Ann").array()))) {
      byte[] whole = bytes(value);
      for (int length = 0; length < whole.length; length++) {
        byte[] cut = Arrays.copyOf(whole, length);
        assertThatThrownBy(() -> read(cut)).isInstanceOf(BadValueException.class);
      }
    }
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      byte[] any = new byte[random.nextInt(20)];
      random.nextBytes(any);
      try {
        read(any);
      } catch (BadValueException e) {
        assertThat(e.getMessage()).contains("byte");
      }
    }
  }

  @Test
  void aChangeIsLaidOverWhatIsThere() {
    PlainValue after = PlainType.VALUES.over(hash(), changes());
    assertThat(bytes(after))
        .isEqualTo(
            bytes(
                Hash.EMPTY.with(
                    new Patch(
                        new LinkedHashMap<>(
                            Map.of(
                                Bytes.of("bc"),
                                new byte[0],
                                Bytes.of("a"),
                                Bytes.of("17").array()))))));
    assertThat(PlainType.VALUES.over(new Text(new byte[1]), changes()).bytes())
        .isEqualTo(PlainType.VALUES.overNothing(changes()).bytes());
  }
}

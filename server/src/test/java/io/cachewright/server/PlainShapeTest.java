// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.BadValueException;
import io.cachewright.Row;
import io.cachewright.server.PlainValue.Hash;
import io.cachewright.server.PlainValue.Text;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlainShapeTest {
  private static final PlainShape SHAPE = new PlainShape("carts:");
  private static final byte[] NO_TEXT = {(byte) 0xff, 0};

  private static Row row(PlainValue value) {
    return SHAPE.row(Bytes.of("carts:17"), value);
  }

  @Test
  void theKeyIsWhatFollowsTheName() {
    assertThat(SHAPE.key(Bytes.of("carts:17:a"))).isEqualTo("17:a");
    assertThat(new PlainShape("").key(Bytes.of("a:b"))).isEqualTo("a:b");
    assertThatThrownBy(() -> new PlainShape("").key(new Bytes(NO_TEXT)))
        .isInstanceOf(BadValueException.class)
        .hasMessageContaining("no text");
  }

  @Test
  void aStringIsTextOrBytes() {
    assertThat(row(new Text(Bytes.of("Ünn").array())).get("value")).isEqualTo("Ünn");
    Row bytes = row(new Text(NO_TEXT));
    assertThat(bytes.get("value")).isNull();
    assertThat(bytes.get("bytes")).isEqualTo(NO_TEXT);
    assertThat(row(new Text(new byte[] {'a', 0})).get("bytes")).isNotNull();
  }

  @Test
  void aHashIsAnObject() {
    Map<Bytes, byte[]> fields = new LinkedHashMap<>();
    fields.put(Bytes.of("a"), Bytes.of("1").array());
    fields.put(Bytes.of("b\"\\"), Bytes.of("x\ny").array());
    assertThat(row(Hash.of(fields)).get("fields"))
        .isEqualTo("{\"a\":\"1\",\"b\\\"\\\\\":\"x\\u000ay\"}");
    Hash none = Hash.of(Map.of(Bytes.of("a"), NO_TEXT));
    assertThatThrownBy(() -> row(none))
        .isInstanceOf(BadValueException.class)
        .hasMessageContaining("field a of hash carts:17");
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.BadValueException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class IntegerTypeTest {
  private static final IntegerType BIG = new IntegerType("bigint", Long.MIN_VALUE, Long.MAX_VALUE);
  private static final IntegerType SMALL =
      new IntegerType("smallint", Short.MIN_VALUE, Short.MAX_VALUE);

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void bytesMeanWhatTheTextMeans() {
    for (String text :
        List.of(
            "0",
            "7",
            "-7",
            "-0",
            "007",
            "+7",
            "999999999999999999",
            "-999999999999999999",
            "1000000000000000000",
            "9223372036854775807",
            "-9223372036854775808")) {
      assertThat(BIG.parse(bytes(text))).as(text).isEqualTo(BIG.parse(text));
      Long quick = BIG.quick(bytes("users:" + text), "users:".length());
      assertThat(quick).as(text).isIn(null, BIG.parse(text));
    }
    assertThat(BIG.quick(bytes("users:42"), 6)).isEqualTo(42L);
    assertThat(BIG.quick(bytes("users:-42"), 6)).isEqualTo(-42L);
  }

  @Test
  void whatIsNoNumberOfTheColumnIsRefused() {
    for (String text : List.of("", "-", "1-", "1.0", "1e3", " 1", "9223372036854775808", "1:2")) {
      assertThat(BIG.quick(bytes("users:" + text), 6)).as(text).isNull();
      assertThatThrownBy(() -> BIG.parse(bytes(text)))
          .as(text)
          .isInstanceOf(BadValueException.class);
    }
    assertThat(SMALL.quick(bytes("32767"), 0)).isEqualTo(32767L);
    assertThat(SMALL.quick(bytes("32768"), 0)).isNull();
    assertThatThrownBy(() -> SMALL.parse(bytes("-32769")))
        .isInstanceOf(BadValueException.class)
        .hasMessageContaining("32767");
  }
}

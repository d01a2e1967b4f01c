// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.BadValueException;
import io.cachewright.ConfigurationException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesAndKeysTest {

  @Test
  void partsOfAKeyKeepTheirColons() {
    List<String> parts = List.of("a:b", "50%", "", "ä%3A");
    String text = KeyText.join(parts);
    assertThat(text).isEqualTo("a%3Ab:50%25::ä%253A");
    assertThat(KeyText.split(text, 4)).isEqualTo(parts);
  }

  @Test
  void aKeyOfOneColumnMayHoldBareColons() {
    assertThat(KeyText.split("a:b:c", 1)).containsExactly("a:b:c");
    assertThat(KeyText.split("", 1)).containsExactly("");
  }

  @Test
  void otherBytesMayBeEncodedToo() {
    assertThat(KeyText.split("%C3%A4", 1)).containsExactly("ä");
  }

  @ParameterizedTest
  @ValueSource(strings = {"50%", "%4", "%zz", "%ff"})
  void aKeyThatIsNotEncodedRightIsRefused(String text) {
    assertThatThrownBy(() -> KeyText.split(text, 1)).isInstanceOf(BadValueException.class);
  }

  @Test
  void tableNamesAreTakenApart() {
    TableName plain = TableName.parse("users");
    assertThat(plain.schema()).isNull();
    assertThat(plain.table()).isEqualTo(new TableName.Part("users", false));
    TableName quoted = TableName.parse("public.\"Order \"\"Lines.x\"\"\"");
    assertThat(quoted.schema()).isEqualTo(new TableName.Part("public", false));
    assertThat(quoted.table()).isEqualTo(new TableName.Part("Order \"Lines.x\"", true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".", "a.", ".a", "a.b.c", "\"", "\"\"", "\"a", "\"a\"b", "a\"b\"", "\"a\"."})
  void whatIsNoTableNameIsRefused(String name) {
    assertThatThrownBy(() -> TableName.parse(name)).isInstanceOf(ConfigurationException.class);
  }
}

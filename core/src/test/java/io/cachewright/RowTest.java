// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class RowTest {
  private static final Columns COLUMNS = Columns.of("id", "name", "price");

  @Test
  void absentIsNotNull() {
    Row row = Row.empty(COLUMNS).with("name", null);
    assertThat(row.has("name")).isTrue();
    assertThat(row.get("name")).isNull();
    assertThat(row.has("id")).isFalse();
    assertThat(row.get("id")).isNull();
    assertThat(row.isWhole()).isFalse();
    assertThat(row.toMap()).containsOnlyKeys("name");
    assertThat(row).isNotEqualTo(Row.empty(COLUMNS));
    assertThat(row).hasToString("{name=null}");
  }

  @Test
  void aPartialRowIsLaidOverAWholeOne() {
    Row base = Row.ofAll(COLUMNS, 1L, "tea", new BigDecimal("2.50"));
    assertThat(Row.empty(COLUMNS).with("price", null).over(base))
        .isEqualTo(Row.ofAll(COLUMNS, 1L, "tea", null));
    assertThat(base.over(Row.empty(COLUMNS))).isSameAs(base);
  }

  @Test
  void theDifferenceIsWhatHasToBeWritten() {
    Row base = Row.ofAll(COLUMNS, 1L, "tea", new BigDecimal("2.50"));
    assertThat(base.with("price", new BigDecimal("2.5")).differenceFrom(base)).isNull();
    assertThat(base.with("name", null).differenceFrom(base))
        .isEqualTo(Row.empty(COLUMNS).with("name", null));
  }

  @Test
  void equalNumbersAndArraysAreEqual() {
    Columns two = Columns.of("a", "b");
    Row one = Row.ofAll(two, new BigDecimal("1.0"), new byte[] {1, 2});
    Row other = Row.ofAll(two, new BigDecimal("1.00"), new byte[] {1, 2});
    assertThat(one).isEqualTo(other).hasSameHashCodeAs(other);
  }

  @Test
  void anUnknownColumnIsNamedWithTheKnownOnes() {
    assertThatThrownBy(() -> Row.empty(COLUMNS).with("nmae", "x"))
        .isInstanceOf(BadValueException.class)
        .hasMessage("no column nmae; there are [id, name, price]");
    assertThatThrownBy(() -> Row.ofAll(COLUMNS, 1L)).hasMessageContaining("1 values for 3 columns");
  }
}

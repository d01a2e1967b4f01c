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
  void aPartialRowThatSaysAllTheOtherDidReplacesIt() {
    Row ann = Row.empty(COLUMNS).with("id", 1L).with("name", "Ann");
    Row eve = Row.empty(COLUMNS).with("id", 1L).with("name", "Eve").with("price", null);
    assertThat(eve.over(ann)).isSameAs(eve);
    assertThat(ann.over(eve))
        .isEqualTo(Row.empty(COLUMNS).with("id", 1L).with("name", "Ann").with("price", null));
    Row more = Row.empty(COLUMNS).with("id", Increment.of(1)).with("name", "Ada");
    assertThat(more.over(ann)).isEqualTo(ann.with("id", 2L).with("name", "Ada"));
    assertThatThrownBy(() -> ann.over(Row.empty(Columns.of("id"))))
        .hasMessageContaining("do not mix");
  }

  @Test
  void aRowIsBuiltOnceAndSaysWhatWasSet() {
    Row.Builder builder = Row.builder(COLUMNS).set(1, "tea").set(2, null);
    Row tea = builder.build();
    assertThat(tea).isEqualTo(Row.empty(COLUMNS).with("name", "tea").with("price", null));
    assertThatThrownBy(() -> builder.set(0, 1L)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(builder::build).isInstanceOf(IllegalStateException.class);
    assertThat(tea.has("id")).isFalse();
    Row.Builder other = Row.builder(COLUMNS);
    assertThatThrownBy(() -> other.set(3, "x")).isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(other.set(0, Increment.of(1)).build().hasIncrements()).isTrue();
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
  void anIncrementIsAddedToWhatIsThere() {
    Row tea = Row.ofAll(COLUMNS, 1L, "tea", new BigDecimal("2.50"));
    Row dearer = Row.empty(COLUMNS).with("price", Increment.of(new BigDecimal("0.25")));
    assertThat(dearer.over(tea)).isEqualTo(tea.with("price", new BigDecimal("2.75")));
    assertThat(dearer.over(tea).hasIncrements()).isFalse();
    assertThat(dearer.over(tea.with("price", null)).get("price")).isEqualTo(new BigDecimal("0.25"));
    assertThat(Row.empty(COLUMNS).with("id", Increment.of(-3)).over(tea).get("id")).isEqualTo(-2L);
    assertThat(Row.ofAll(COLUMNS, Increment.of(1), "tea", null).over(tea))
        .isEqualTo(Row.ofAll(COLUMNS, 2L, "tea", null));
  }

  @Test
  void incrementsAddUpUntilThereIsSomethingToAddThemTo() {
    Row one = Row.empty(COLUMNS).with("id", Increment.of(1));
    Row two = one.over(one.with("name", "tea"));
    assertThat(two).isEqualTo(Row.empty(COLUMNS).with("id", Increment.of(2)).with("name", "tea"));
    assertThat(one.over(Row.empty(COLUMNS))).isEqualTo(one).hasSameHashCodeAs(one);
    assertThat(two.hasIncrements()).isTrue();
    assertThat(two.with("id", 7L).hasIncrements()).isFalse();
    assertThat(two.overNothing()).isEqualTo(Row.empty(COLUMNS).with("id", 2L).with("name", "tea"));
    assertThat(Row.empty(COLUMNS).with("id", 7L).over(two).get("id")).isEqualTo(7L);
    assertThat(two).hasToString("{id=+2, name=tea}");
  }

  @Test
  void whatCannotBeAddedIsRefusedByColumn() {
    Row base = Row.ofAll(COLUMNS, Long.MAX_VALUE, "tea", new BigDecimal("2.50"));
    for (String column : COLUMNS.names()) {
      Row more =
          Row.empty(COLUMNS)
              .with(
                  column,
                  column.equals("id") ? Increment.of(1) : Increment.of(new BigDecimal("0.5")));
      if (column.equals("price")) {
        assertThat(more.over(base).get("price")).isEqualTo(new BigDecimal("3.00"));
      } else {
        assertThatThrownBy(() -> more.over(base))
            .isInstanceOf(BadValueException.class)
            .hasMessageStartingWith("column " + column + ": ");
      }
    }
    assertThatThrownBy(() -> Increment.of(BigDecimal.ONE).over(1L))
        .hasMessageContaining("whole number");
  }

  @Test
  void anUnknownColumnIsNamedWithTheKnownOnes() {
    assertThatThrownBy(() -> Row.empty(COLUMNS).with("nmae", "x"))
        .isInstanceOf(BadValueException.class)
        .hasMessage("no column nmae; there are [id, name, price]");
    assertThatThrownBy(() -> Row.ofAll(COLUMNS, 1L)).hasMessageContaining("1 values for 3 columns");
  }
}

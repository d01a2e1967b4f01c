// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** A keyspace that has another pattern after a restart. */
class OtherPatternTest extends WriteBehindFixture {

  private KeyspaceBuilder<Integer, String> builder(String name) {
    return cache.keyspace(name, Integer.class, String.class);
  }

  /** Or they would not be seen, and come later, over what is newer. */
  @Test
  void p1_whatWaitsOfAKeyspaceIsNotPassedOverByOneThatIsNotLogged() {
    notes.put(1, "a");
    builder("others").record().open().put(1, "b");
    crash();
    KeyspaceBuilder<Integer, String> through = builder("notes").store(table).writeThrough();
    assertThatThrownBy(through::open)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("notes");
    notes = notes(LATE);
    assertThat(builder("others").record().open().get(1)).isEqualTo("b");
    cache.flush();
    crash();
    notes = builder("notes").store(table).writeThrough().open();
    assertThat(notes.get(1)).isEqualTo("a");
  }

  @Test
  void p1_whatWaitsForAStoreIsNotTakenForARecord() {
    notes.put(1, "a");
    crash();
    KeyspaceBuilder<Integer, String> record = builder("notes").record();
    assertThatThrownBy(record::open).isInstanceOf(ConfigurationException.class);
    notes = notes(LATE);
    notes.flush();
    assertThat(table.select(1)).isEqualTo("a");
    crash();
    assertThat(builder("notes").record().open().get(1)).isNull();
  }

  @Test
  void p1_aRecordIsNotFlushedToAStore() {
    builder("others").record().open().put(1, "b");
    crash();
    KeyspaceBuilder<Integer, String> behind =
        builder("others").store(database.<String>table()).writeBehind(LATE);
    assertThatThrownBy(behind::open).isInstanceOf(ConfigurationException.class);
    assertThat(builder("others").record().open().get(1)).isEqualTo("b");
  }
}

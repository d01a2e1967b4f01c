// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.BadValueException;
import io.cachewright.NotAllowedException;
import io.cachewright.Pattern;
import io.cachewright.Row;
import io.cachewright.jdbc.Column;
import io.cachewright.jdbc.Table;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a command says of a row, column by column. A key column may only say what the key says. */
final class RowPatch {
  private final TableKeyspace keyspace;
  private final Table table;
  private final Object key;
  private final Row.Builder row;

  RowPatch(TableKeyspace keyspace, Object key) {
    this.keyspace = keyspace;
    this.table = keyspace.table();
    this.key = key;
    this.row = Row.builder(table.rowColumns());
    for (int part = 0; part < table.keyColumns().size(); part++) {
      row.set(place(table.keyColumns().get(part)), keyPart(part));
    }
  }

  private int place(Column column) {
    return table.rowColumns().indexOf(column.name());
  }

  private Object keyPart(int part) {
    return table.keyColumns().size() == 1 ? key : ((List<?>) key).get(part);
  }

  /**
   * Says one column more; nothing of one that the database alone writes: what is cached of it stays
   * what the database has made of it.
   *
   * @param value one that the column can hold; null is NULL
   * @throws BadValueException if the column is part of the key and that says otherwise
   */
  void set(Column column, @Nullable Object value) {
    int part = table.keyColumns().indexOf(column);
    if (part < 0) {
      if (table.isWritable(column)) {
        row.set(place(column), value);
      }
    } else if (value == null || !column.print(value).equals(column.print(keyPart(part)))) {
      throw new BadValueException(
          column
              + " is part of the key and stays "
              + column.print(keyPart(part))
              + " in "
              + keyspace.redisKey(key));
    }
  }

  /**
   * All of it, to be written. Nothing can be said afterwards.
   *
   * @throws NotAllowedException if the keyspace writes nothing; as the space would say it, which
   *     does not know how clients write a key
   */
  Row row() {
    if (keyspace.space().pattern() == Pattern.READ_THROUGH) {
      throw new NotAllowedException(
          "keyspace "
              + keyspace.name()
              + " is read-through: write "
              + keyspace.redisKey(key)
              + " to the database, then evict or refresh it here; or make the keyspace"
              + " write-through");
    }
    return row.build();
  }
}

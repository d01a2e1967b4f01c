// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.Increment;
import io.cachewright.Row;
import io.cachewright.engine.Entry;
import io.cachewright.engine.Write;
import io.cachewright.jdbc.Column;
import io.cachewright.jdbc.type.Kind;
import io.cachewright.server.Catalog.Format;
import io.cachewright.server.Plan.Spot;
import io.cachewright.server.Plan.Step;
import io.cachewright.store.Change;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Rows of tables, seen as Redis hashes: a column is a field, NULL is a field that is not there. A
 * field that is no column is an error, because it is a mistake.
 */
final class RowCommands {
  private RowCommands() {}

  private static Answer number(long number) {
    return out -> out.integer(number);
  }

  /** Reads the row of the first key. */
  private static Plan read(Call call, BiFunction<TableKeyspace, @Nullable Row, Answer> answer) {
    TableKeyspace table = call.table(1, Format.HASH);
    return Plan.read(table.spot(call.bytes(1)), row -> answer.apply(table, (Row) row));
  }

  /** Reads the row of the first key for one of its columns, which is the third word. */
  private static Plan readField(Call call, Function<byte @Nullable [], Answer> answer) {
    Column column = call.table(1, Format.HASH).column(call.bytes(2));
    return read(
        call, (table, row) -> answer.apply(row == null ? null : TableKeyspace.print(row, column)));
  }

  static Plan hget(Call call) {
    return readField(call, value -> out -> HashCommands.bulkOrNil(out, value));
  }

  static Plan hexists(Call call) {
    return readField(call, value -> number(value == null ? 0 : 1));
  }

  static Plan hstrlen(Call call) {
    return readField(call, value -> number(value == null ? 0 : value.length));
  }

  static Plan hmget(Call call) {
    TableKeyspace table = call.table(1, Format.HASH);
    List<Column> columns = new ArrayList<>();
    for (int i = 2; i < call.size(); i++) {
      columns.add(table.column(call.bytes(i)));
    }
    return read(
        call,
        (same, row) ->
            out -> {
              out.array(columns.size());
              for (Column column : columns) {
                HashCommands.bulkOrNil(out, row == null ? null : TableKeyspace.print(row, column));
              }
            });
  }

  static Plan hgetall(Call call) {
    return read(
        call,
        (table, row) ->
            out -> {
              if (row == null) {
                out.map(0);
                return;
              }
              out.map(TableKeyspace.size(row));
              List<Column> columns = table.table().columns();
              for (int i = 0; i < columns.size(); i++) {
                Object value = row.get(i);
                if (value != null) {
                  out.bulk(columns.get(i).name());
                  out.bulk(columns.get(i).printBytes(value));
                }
              }
            });
  }

  /** What is not NULL, as the plain commands know fields. */
  private static Map<Bytes, byte[]> fields(TableKeyspace table, @Nullable Row row) {
    Map<Bytes, byte[]> fields = new LinkedHashMap<>();
    for (Column column : table.table().columns()) {
      byte[] value = row == null ? null : TableKeyspace.print(row, column);
      if (value != null) {
        fields.put(Bytes.of(column.name()), value);
      }
    }
    return fields;
  }

  static Plan hlen(Call call) {
    return read(call, (table, row) -> number(row == null ? 0 : TableKeyspace.size(row)));
  }

  static Plan hkeys(Call call) {
    return read(
        call,
        (table, row) -> {
          Map<Bytes, byte[]> fields = fields(table, row);
          return out -> {
            out.array(fields.size());
            fields.keySet().forEach(field -> out.bulk(field.array()));
          };
        });
  }

  static Plan hvals(Call call) {
    return read(
        call,
        (table, row) -> {
          Map<Bytes, byte[]> fields = fields(table, row);
          return out -> {
            out.array(fields.size());
            fields.values().forEach(out::bulk);
          };
        });
  }

  static Plan hscan(Call call) {
    FieldScan scan = FieldScan.of(call, 2);
    return read(call, (table, row) -> scan.run(fields(table, row)));
  }

  static Plan hrandfield(Call call) {
    RandomFields random = RandomFields.of(call);
    return read(call, (table, row) -> random.run(fields(table, row)));
  }

  // ---- writes ----

  /**
   * Writes without reading first. How many fields are new is known of a row that was not there, or
   * was in the cache; of others none is counted. Under write-behind the database is not asked, so
   * whether a row was there is known of rows in the cache only.
   */
  static Plan hset(Call call) {
    boolean answersOk = call.bytes(0).length == "HMSET".length();
    if (call.size() % 2 != 0) {
      throw ErrorReply.wrongArity(call.commandName());
    }
    TableKeyspace table = call.table(1, Format.HASH);
    Object key = table.rowKey(call.bytes(1));
    Entry<Row> cached = table.space().peek(key);
    Row before = cached == null ? null : cached.value();
    RowPatch patch = table.patch(key);
    BitSet named = new BitSet(); // by place: a field that is said twice counts once
    for (int i = 2; i < call.size(); i += 2) {
      Column column = table.writable(call.bytes(i));
      patch.set(column, column.parse(call.bytes(i + 1)));
      named.set(table.table().rowColumns().indexOf(column.name()));
    }
    long wereNull =
        before == null ? 0 : named.stream().filter(place -> before.get(place) == null).count();
    return Plan.write(
        Step.write(
            new Write<>(table.space(), new Change.Put<>(key, patch.row())),
            written ->
                out -> {
                  if (answersOk) {
                    out.ok();
                  } else {
                    out.integer(written.existed() ? wereNull : named.cardinality());
                  }
                }));
  }

  /** What becomes of a column. */
  private interface Next {
    /**
     * @param before what it holds; null: NULL, or there is no row
     * @return null if there is nothing to do
     */
    @Nullable Made of(TableKeyspace table, Column column, @Nullable Object before);

    /**
     * @param after what the column holds then, as far as the cache knows
     * @param put what is put for it: the same, or an increment
     */
    record Made(Object after, Object put) {
      static Made set(Object value) {
        return new Made(value, value);
      }
    }
  }

  /** Reads the row and perhaps sets one of its columns. */
  private static Plan change(Call call, Next next, Answers answers) {
    TableKeyspace table = call.table(1, Format.HASH);
    byte[] name = call.bytes(1);
    Object key = table.rowKey(name);
    Column column = table.writable(call.bytes(2));
    return Plan.change(
        new Spot(table.space(), key),
        value -> {
          Row row = (Row) value;
          Object before = row == null ? null : row.get(column.name());
          Next.Made made = next.of(table, column, before);
          if (made == null) {
            return Step.answer(answers.unchanged());
          }
          RowPatch patch = table.patch(key);
          patch.set(column, made.put());
          return Step.write(
              new Write<>(table.space(), new Change.Put<>(key, patch.row())),
              written ->
                  answers.changed(columnOf((Row) written.value(), column, made.after()), column));
        });
  }

  /** What the database made of it. */
  private static Object columnOf(@Nullable Row row, Column column, Object sent) {
    Object stored = row == null ? null : row.get(column.name());
    return stored == null ? sent : stored;
  }

  /** The replies of a change, if it was made and if there was nothing to do. */
  private interface Answers {
    Answer changed(Object value, Column column);

    default Answer unchanged() {
      return number(0);
    }
  }

  static Plan hsetnx(Call call) {
    byte[] text = call.bytes(3);
    return change(
        call,
        (table, column, before) -> before == null ? Next.Made.set(column.parse(text)) : null,
        (value, column) -> number(1));
  }

  static Plan hincrby(Call call) {
    long more = call.integer(3);
    return change(
        call,
        (table, column, before) -> {
          if (column.type().kind() != Kind.INTEGER) {
            throw new ErrorReply(
                "ERR hash value is not an integer: " + column + " is " + column.type().sqlName());
          }
          long sum = StringCommands.sum(before == null ? 0 : (Long) before, more);
          Object after = column.parse(Long.toString(sum));
          return table.isAdditive(column)
              ? new Next.Made(after, increment(column, BigDecimal.valueOf(more)))
              : Next.Made.set(after);
        },
        (value, column) -> out -> out.integer((Long) value));
  }

  static Plan hincrbyfloat(Call call) {
    BigDecimal more = HashCommands.increment(call);
    return change(
        call,
        (table, column, before) -> {
          if (table.isAdditive(column)) { // what is added is rounded, and not the sum
            Increment increment = increment(column, more);
            return new Next.Made(sum(column, before, increment), increment);
          }
          String text = before == null ? "0" : column.print(before);
          BigDecimal number = HashCommands.addend(Bytes.of(text).array());
          return Next.Made.set(column.parse(number.add(more).toPlainString()));
        },
        (value, column) -> out -> out.bulk(column.printBytes(value)));
  }

  /** An increment that the column can hold. */
  private static Increment increment(Column column, BigDecimal more) {
    Object by = column.parse(more.toPlainString());
    return by instanceof Long whole ? Increment.of(whole) : Increment.of((BigDecimal) by);
  }

  private static Object sum(Column column, @Nullable Object before, Increment increment) {
    return Objects.requireNonNull(column.check(increment.over(before)));
  }

  /**
   * Sets columns NULL that are not. Reads first, under write-behind too: a row that is not there
   * must not come into being by it.
   */
  static Plan hdel(Call call) {
    TableKeyspace table = call.table(1, Format.HASH);
    Object key = table.rowKey(call.bytes(1));
    Set<Column> columns = new LinkedHashSet<>();
    for (int i = 2; i < call.size(); i++) {
      columns.add(table.writable(call.bytes(i)));
    }
    return Plan.change(
        new Spot(table.space(), key),
        value -> {
          Row row = (Row) value;
          RowPatch patch = table.patch(key);
          int removed = 0;
          for (Column column : columns) {
            if (row != null && row.get(column.name()) != null) {
              patch.set(column, column.check(null));
              removed++;
            }
          }
          int count = removed;
          return count == 0
              ? Step.answer(number(0))
              : Step.write(
                  new Write<>(table.space(), new Change.Put<>(key, patch.row())),
                  written -> number(count));
        });
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

import io.cachewright.BadValueException;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Arrays: unmodifiable {@code List}s of the element's values, NULL as null; lists of lists for more
 * dimensions. As text Postgres's own form, <code>{1,2,NULL}</code>.
 */
public record ArrayType(String sqlName, ColumnType element) implements ColumnType {

  @Override
  public Kind kind() {
    return Kind.ARRAY;
  }

  @Override
  public Object check(Object value) {
    List<?> given = asList(value);
    if (given == null) {
      throw Values.wrongType(value, this, "a List or a Java array");
    }
    List<@Nullable Object> elements = new ArrayList<>(given.size());
    boolean nested = false;
    boolean flat = false;
    for (Object each : given) {
      if (each == null) {
        elements.add(null);
        flat = true;
      } else if (element.kind() != Kind.BYTES && asList(each) != null || each instanceof List) {
        elements.add(check(each));
        nested = true;
      } else {
        elements.add(element.check(each));
        flat = true;
      }
    }
    if (nested && (flat || !sameSizes(elements))) {
      throw new BadValueException("lists in a value of " + sqlName + " must be of one size");
    }
    return Collections.unmodifiableList(elements);
  }

  @Override
  public Object parse(String text) {
    return new ArrayText(text, this).parse();
  }

  @Override
  public String print(Object value) {
    return value instanceof List<?> list ? ArrayText.print(list, element) : value.toString();
  }

  /** A list, or a Java array as one; null if it is neither. */
  private static @Nullable List<?> asList(Object value) {
    if (value instanceof List<?> list) {
      return list;
    } else if (!value.getClass().isArray()) {
      return null;
    }
    List<@Nullable Object> elements = new ArrayList<>();
    for (int i = 0; i < Array.getLength(value); i++) {
      elements.add(Array.get(value, i));
    }
    return elements;
  }

  private static boolean sameSizes(List<@Nullable Object> lists) {
    return lists.stream().map(list -> list instanceof List<?> l ? l.size() : 0).distinct().count()
        == 1;
  }
}

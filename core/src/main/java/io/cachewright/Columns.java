// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The names of a row's columns, in order. Immutable; one instance serves all rows of a table. */
public final class Columns {
  private final List<String> names;
  private final Map<String, Integer> indexes;

  private Columns(List<String> names) {
    this.names = List.copyOf(names);
    this.indexes = new HashMap<>(names.size() * 2);
    for (int i = 0; i < names.size(); i++) {
      if (indexes.put(names.get(i), i) != null) {
        throw new ConfigurationException("column " + names.get(i) + " is named twice");
      }
    }
  }

  public static Columns of(List<String> names) {
    return new Columns(names);
  }

  public static Columns of(String... names) {
    return new Columns(List.of(names));
  }

  public List<String> names() {
    return names;
  }

  public int size() {
    return names.size();
  }

  public String name(int index) {
    return names.get(index);
  }

  /** The column's place, or -1 if there is none of that name. Names are compared to the letter. */
  public int indexOf(String name) {
    Integer index = indexes.get(name);
    return index == null ? -1 : index;
  }

  @Override
  public boolean equals(Object other) {
    return this == other || (other instanceof Columns columns && names.equals(columns.names));
  }

  @Override
  public int hashCode() {
    return names.hashCode();
  }

  @Override
  public String toString() {
    return names.toString();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import java.util.List;

/**
 * Columns whose values must be those of a row in another table.
 *
 * @param columns in this table
 * @param parentSchema where the other table is
 * @param parent the other table
 * @param parentColumns in the other table, one for each of ours
 */
public record ForeignKey(
    List<String> columns, String parentSchema, String parent, List<String> parentColumns) {

  public ForeignKey {
    columns = List.copyOf(columns);
    parentColumns = List.copyOf(parentColumns);
  }
}

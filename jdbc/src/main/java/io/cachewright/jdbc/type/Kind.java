// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.List;

/**
 * What a column holds, and the one Java type that stands for it in a {@link io.cachewright.Row}.
 */
public enum Kind {
  INTEGER(Long.class),
  DECIMAL(BigDecimal.class),
  FLOAT(Float.class),
  DOUBLE(Double.class),
  BOOLEAN(Boolean.class),
  TEXT(String.class),
  ENUM(String.class),
  JSON(String.class),
  DATE(LocalDate.class),
  TIME(LocalTime.class),
  TIMESTAMP(LocalDateTime.class),
  TIMESTAMPTZ(OffsetDateTime.class),
  UUID(java.util.UUID.class),
  BYTES(byte[].class),
  ARRAY(List.class),
  /** A type that has no better one: its text, as the database prints it. */
  OTHER(String.class);

  private final Class<?> javaType;

  Kind(Class<?> javaType) {
    this.javaType = javaType;
  }

  public Class<?> javaType() {
    return javaType;
  }
}

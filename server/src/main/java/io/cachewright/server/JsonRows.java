// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.BadValueException;
import io.cachewright.Row;
import io.cachewright.jdbc.Column;
import io.cachewright.jdbc.type.ArrayType;
import io.cachewright.jdbc.type.ColumnType;
import io.cachewright.jdbc.type.Kind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Rows as JSON documents: a member per column. Numbers are numbers and decimals exact, NULL is
 * null, columns of JSON are embedded, bytes are base64, arrays are arrays of such values, the rest
 * is text as the hash format has it. Only elements that are JSON are text, for an array in an array
 * of JSON could be a value or a further dimension.
 *
 * <p>A document that is written says something of the columns it names and of no others (P9).
 */
final class JsonRows {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
          .build();

  /** From here on Jackson, too, refuses to write numbers without an exponent. */
  private static final int PLAIN_SCALE_MAX = 9_999;

  private final TableKeyspace keyspace;

  JsonRows(TableKeyspace keyspace) {
    this.keyspace = keyspace;
  }

  // ---- row to document ----

  byte[] print(Row row) {
    ObjectNode document = MAPPER.createObjectNode();
    for (Column column : keyspace.table().columns()) {
      Object value = row.get(column.name());
      document.set(column.name(), node(column.type(), value));
    }
    return MAPPER.writeValueAsBytes(document);
  }

  private static JsonNode node(ColumnType type, @Nullable Object value) {
    if (value instanceof List<?> list && type instanceof ArrayType array) {
      ArrayNode nodes = MAPPER.createArrayNode();
      list.forEach(each -> nodes.add(element(array, each)));
      return nodes;
    } else if (type.kind() == Kind.JSON && value instanceof String json) {
      return embedded(json);
    }
    return scalar(type, value);
  }

  private static JsonNode element(ArrayType array, @Nullable Object value) {
    return value instanceof List ? node(array, value) : scalar(array.element(), value);
  }

  private static JsonNode scalar(ColumnType type, @Nullable Object value) {
    JsonNodeFactory nodes = MAPPER.getNodeFactory();
    if (value == null) {
      return nodes.nullNode();
    } else if (value instanceof Long number) {
      return nodes.numberNode(number);
    } else if (value instanceof BigDecimal number) {
      return nodes.numberNode(number);
    } else if (value instanceof Double number && Double.isFinite(number)) {
      return nodes.numberNode(number);
    } else if (value instanceof Float number && Float.isFinite(number)) {
      return nodes.numberNode(number);
    } else if (value instanceof Boolean truth) {
      return nodes.booleanNode(truth);
    } else if (value instanceof byte[] bytes) {
      return nodes.stringNode(Base64.getEncoder().encodeToString(bytes));
    }
    return nodes.stringNode(value instanceof String text ? text : type.print(value));
  }

  private static JsonNode embedded(String json) {
    try {
      return MAPPER.readTree(json);
    } catch (JacksonException e) {
      return MAPPER.getNodeFactory().stringNode(json); // SQLite checks no JSON
    }
  }

  // ---- document to row ----

  /**
   * @throws BadValueException if it is no document, or one that the table cannot hold
   */
  Row parse(Object key, byte[] text) {
    JsonNode document;
    try {
      document = MAPPER.readTree(text);
    } catch (JacksonException e) {
      throw new BadValueException(keyspace.redisKey(key) + ": not a JSON document: " + wrong(e), e);
    }
    if (!(document instanceof ObjectNode object)) {
      throw new BadValueException(
          keyspace.redisKey(key)
              + ": a row is a JSON object such as {\""
              + keyspace.table().columns().get(0).name()
              + "\": …}");
    }
    RowPatch patch = keyspace.patch(key);
    for (Map.Entry<String, JsonNode> member : object.properties()) {
      Column column = keyspace.table().column(member.getKey());
      patch.set(column, value(column, member.getValue()));
    }
    return patch.row();
  }

  /** What the parser says, without its own names for things. */
  private static String wrong(JacksonException error) {
    TokenStreamLocation at = error.getLocation();
    String where = at == null ? "" : ", line " + at.getLineNr() + ", column " + at.getColumnNr();
    if (!(error instanceof StreamReadException)) {
      return "something follows its end" + where;
    }
    String reason = String.valueOf(error.getOriginalMessage()).lines().findFirst().orElse("");
    return reason.replaceAll("\\s*\\(start marker at .*", "") + where;
  }

  private static @Nullable Object value(Column column, JsonNode node) {
    if (node.isNull()) {
      return column.check(null);
    } else if (column.type().kind() == Kind.JSON) {
      return column.parse(json(column, node));
    } else if (column.type().kind() == Kind.BYTES && node.isString()) {
      return bytes(column, node.stringValue());
    } else if (node.isString()) {
      return column.parse(node.stringValue());
    } else if (node.isNumber()) {
      BigDecimal number = node.decimalValue();
      // A few characters may stand for gigabytes of zeros: then the column is to refuse them.
      boolean isLong = Math.abs((long) number.scale()) > PLAIN_SCALE_MAX;
      return column.parse(isLong ? number.toString() : number.toPlainString());
    } else if (node.isBoolean()) {
      return column.check(node.booleanValue());
    } else if (node instanceof ArrayNode nodes && column.type() instanceof ArrayType array) {
      return column.check(list(elementOf(column, array), nodes));
    }
    throw new BadValueException(
        column
            + " ("
            + column.type().sqlName()
            + ") cannot hold a JSON "
            + (node.isArray() ? "array" : "object"));
  }

  private static String json(Column column, JsonNode node) {
    try {
      return MAPPER.writeValueAsString(node);
    } catch (JacksonException e) { // see PLAIN_SCALE_MAX
      throw new BadValueException(column + ": a number in it has too large an exponent", e);
    }
  }

  private static Object bytes(Column column, String text) {
    try {
      return column.parse(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException e) {
      throw new BadValueException(column + ": bytes are base64 in JSON: " + e.getMessage(), e);
    }
  }

  /** An element as if it were a column: so errors name the column. */
  private static Column elementOf(Column column, ArrayType array) {
    return new Column(column.table(), column.name(), array.element(), true, false, false, false);
  }

  private static List<@Nullable Object> list(Column element, ArrayNode nodes) {
    List<@Nullable Object> values = new ArrayList<>();
    for (JsonNode each : nodes) {
      if (each instanceof ArrayNode inner) {
        values.add(list(element, inner));
      } else if (each.isString() && element.type().kind() == Kind.JSON) {
        values.add(element.parse(each.stringValue()));
      } else {
        values.add(value(element, each));
      }
    }
    return values;
  }
}

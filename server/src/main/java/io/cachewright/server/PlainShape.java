// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.BadValueException;
import io.cachewright.Columns;
import io.cachewright.Row;
import io.cachewright.jdbc.MirrorColumn;
import io.cachewright.jdbc.MirrorShape;
import io.cachewright.jdbc.type.Kind;
import io.cachewright.server.PlainValue.Hash;
import io.cachewright.server.PlainValue.Text;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Plain keys as rows of the table that their keyspace is mirrored into.
 *
 * <pre>
 *   key     the key, without the keyspace's name and the colon after it
 *   value   a string, if it is text; else NULL
 *   bytes   a string, if it is no text; else NULL
 *   fields  a hash, as a JSON object; else NULL
 * </pre>
 *
 * @param prefix the keyspace's name and the colon; empty for keys of no named keyspace
 */
record PlainShape(String prefix) implements MirrorShape<Bytes, PlainValue> {
  private static final List<MirrorColumn> COLUMNS =
      List.of(
          MirrorColumn.key("key", Kind.TEXT),
          MirrorColumn.of("value", Kind.TEXT),
          MirrorColumn.of("bytes", Kind.BYTES),
          MirrorColumn.of("fields", Kind.JSON));

  private static final Row EMPTY =
      Row.empty(Columns.of("key", "value", "bytes", "fields"))
          .with("value", null)
          .with("bytes", null)
          .with("fields", null);

  @Override
  public List<MirrorColumn> columns() {
    return COLUMNS;
  }

  @Override
  public Object key(Bytes key) {
    String text = text(key.array());
    if (text == null) {
      throw new BadValueException(
          "key " + key + " is no text in UTF-8, so that it cannot be in the table of a mirror");
    }
    return text.substring(prefix.length());
  }

  @Override
  public Row row(Bytes key, PlainValue value) {
    if (value instanceof Text string) {
      String text = text(string.value());
      return text == null ? EMPTY.with("bytes", string.value()) : EMPTY.with("value", text);
    }
    return EMPTY.with("fields", json(key, ((Hash) value).fields()));
  }

  /** Null if it is none that a database takes. */
  private static @Nullable String text(byte[] bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.indexOf('\0') < 0 ? text : null;
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private static String json(Bytes key, Fields fields) {
    StringBuilder json = new StringBuilder("{");
    for (Map.Entry<Bytes, byte[]> field : fields.entrySet()) {
      String name = text(field.getKey().array());
      String value = text(field.getValue());
      if (name == null || value == null) {
        throw new BadValueException(
            "field "
                + field.getKey()
                + " of hash "
                + key
                + " is no text, so that it cannot be JSON");
      }
      json.append(json.length() > 1 ? "," : "");
      quote(name, json);
      json.append(':');
      quote(value, json);
    }
    return json.append('}').toString();
  }

  private static void quote(String text, StringBuilder json) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }
}

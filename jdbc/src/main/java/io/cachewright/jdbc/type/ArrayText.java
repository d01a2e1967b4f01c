// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

import io.cachewright.BadValueException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Arrays in Postgres's text form: <code>{1,NULL,"a \"quoted\" word"}</code>. */
final class ArrayText {
  private static final int DEPTH_MAX = 6; // Postgres has no more dimensions

  private final String text;
  private final ArrayType type;
  private int at;

  ArrayText(String text, ArrayType type) {
    this.text = text;
    this.type = type;
  }

  List<@Nullable Object> parse() {
    // Arrays that do not start at 1 say so: [0:1]={1,2}. A list cannot, and it does not matter to
    // it.
    at = text.startsWith("[") ? text.indexOf('=') + 1 : 0;
    List<@Nullable Object> list = list(1);
    if (at != text.length()) {
      throw malformed();
    }
    return list;
  }

  private List<@Nullable Object> list(int depth) {
    expect('{');
    List<@Nullable Object> elements = new ArrayList<>();
    if (depth <= DEPTH_MAX && peek() != '}') {
      elements.add(element(depth));
      while (peek() == ',') {
        at++;
        elements.add(element(depth));
      }
    }
    expect('}');
    return Collections.unmodifiableList(elements);
  }

  private @Nullable Object element(int depth) {
    while (peek() == ' ') {
      at++;
    }
    if (peek() == '{') {
      return list(depth + 1);
    } else if (peek() == '"') {
      return type.element().parse(quoted());
    }
    int start = at;
    while (peek() != 0 && peek() != ',' && peek() != '}' && peek() != '{' && peek() != '"') {
      at += peek() == '\\' ? 2 : 1;
    }
    String word = text.substring(start, Math.min(at, text.length())).strip();
    if (word.isEmpty() || word.indexOf('\\') >= 0) {
      throw malformed();
    }
    return word.toUpperCase(Locale.ROOT).equals("NULL") ? null : type.element().parse(word);
  }

  private String quoted() {
    StringBuilder word = new StringBuilder();
    for (at++; at < text.length() && peek() != '"'; at++) {
      if (peek() == '\\') {
        at++;
      }
      if (at < text.length()) {
        word.append(text.charAt(at));
      }
    }
    expect('"');
    return word.toString();
  }

  private char peek() {
    return at < text.length() ? text.charAt(at) : 0;
  }

  private void expect(char c) {
    if (peek() != c) {
      throw malformed();
    }
    at++;
  }

  private BadValueException malformed() {
    return Values.misfit(text, type, "arrays such as {1,2,NULL}");
  }

  static String print(List<?> list, ColumnType element) {
    StringBuilder text = new StringBuilder("{");
    for (Object each : list) {
      if (text.length() > 1) {
        text.append(',');
      }
      if (each == null) {
        text.append("NULL");
      } else if (each instanceof List<?> inner) {
        text.append(print(inner, element));
      } else {
        appendElement(text, element.print(each));
      }
    }
    return text.append('}').toString();
  }

  private static void appendElement(StringBuilder text, String word) {
    boolean plain = !word.isEmpty() && !word.equalsIgnoreCase("NULL");
    for (int i = 0; plain && i < word.length(); i++) {
      char c = word.charAt(i);
      plain = c > ' ' && "{},\"\\".indexOf(c) < 0;
    }
    if (plain) {
      text.append(word);
      return;
    }
    text.append('"');
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\');
      }
      text.append(c);
    }
    text.append('"');
  }
}

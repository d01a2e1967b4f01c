// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

/**
 * Whether a text is a JSON document (RFC 8259). Only that: nothing is built. Nesting is bounded, so
 * that a hostile text cannot overflow the stack.
 */
final class JsonText {
  private static final int DEPTH_MAX = 512;

  private final String text;
  private int at;
  private int depth;

  JsonText(String text) {
    this.text = text;
  }

  /** Where the text stops to be JSON; -1 if it is JSON to the end. */
  int firstWrong() {
    boolean good = value();
    skipBlanks();
    return good && at == text.length() ? -1 : at;
  }

  private boolean value() {
    skipBlanks();
    return switch (peek()) {
      case '{' -> nested('}', true);
      case '[' -> nested(']', false);
      case '"' -> string();
      case 't' -> word("true");
      case 'f' -> word("false");
      case 'n' -> word("null");
      default -> number();
    };
  }

  /** Members or elements up to the closing bracket. */
  private boolean nested(char close, boolean named) {
    if (++depth > DEPTH_MAX) {
      return false;
    }
    at++;
    skipBlanks();
    if (take(close)) {
      depth--;
      return true;
    }
    do {
      skipBlanks();
      if (named && !(string() && colon())) {
        return false;
      }
      if (!value()) {
        return false;
      }
      skipBlanks();
    } while (take(','));
    depth--;
    return take(close);
  }

  private boolean colon() {
    skipBlanks();
    return take(':');
  }

  private boolean string() {
    if (!take('"')) {
      return false;
    }
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"') {
        at++;
        return true;
      } else if (c < ' ' || (c == '\\' && !escape())) {
        return false;
      }
      at++;
    }
    return false;
  }

  /** At a backslash; leaves on the last character of the escape. */
  private boolean escape() {
    at++;
    char c = peek();
    if (c == 'u') {
      for (int i = 0; i < 4; i++) {
        at++;
        if (Character.digit(peek(), 16) < 0 || peek() > 'f') {
          return false;
        }
      }
      return true;
    }
    return c != 0 && "\"\\/bfnrt".indexOf(c) >= 0;
  }

  private boolean number() {
    take('-');
    if (!take('0') && !digits()) {
      return false;
    }
    if (take('.') && !digits()) {
      return false;
    }
    if (take('e') || take('E')) {
      if (!take('+')) {
        take('-');
      }
      return digits();
    }
    return true;
  }

  private boolean digits() {
    int start = at;
    while (peek() >= '0' && peek() <= '9') {
      at++;
    }
    return at > start;
  }

  private boolean word(String word) {
    if (!text.startsWith(word, at)) {
      return false;
    }
    at += word.length();
    return true;
  }

  private boolean take(char c) {
    if (peek() != c) {
      return false;
    }
    at++;
    return true;
  }

  private char peek() {
    return at < text.length() ? text.charAt(at) : 0;
  }

  private void skipBlanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') {
      at++;
    }
  }
}

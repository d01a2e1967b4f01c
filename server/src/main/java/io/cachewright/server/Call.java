// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.engine.Draft;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A command that is being run: its words, who sent it and where its reply goes.
 *
 * <p>There is one per connection, and the next command changes it: handlers do not keep it.
 */
final class Call {
  private final Service service;
  private final Session session;
  private final RespWriter out;
  private byte[][] words = new byte[0][];
  private PlainKeyspace plain;
  private @Nullable Draft draft;

  Call(Service service, Session session, RespWriter out) {
    this.service = service;
    this.session = session;
    this.out = out;
    this.plain = service.catalog().plain();
  }

  /**
   * Turns to the next command.
   *
   * @param keyspace of its first key, or any if it has none
   * @param drafts where its changes are gathered that are to be logged; null if none are
   */
  void turnTo(byte[][] next, PlainKeyspace keyspace, @Nullable Draft drafts) {
    words = next;
    plain = keyspace;
    draft = drafts;
  }

  /** Where its changes are gathered that are to be logged; null if none are. */
  @Nullable Draft draft() {
    return draft;
  }

  Service service() {
    return service;
  }

  Session session() {
    return session;
  }

  RespWriter out() {
    return out;
  }

  /** As errors write it. */
  String commandName() {
    return text(0).toLowerCase(Locale.ROOT);
  }

  /** How many words, the name included. */
  int size() {
    return words.length;
  }

  /** A word's bytes, which are not to be changed. The name is word 0. */
  byte[] bytes(int word) {
    return words[word];
  }

  byte[][] words() {
    return words;
  }

  Bytes key(int word) {
    return new Bytes(words[word]);
  }

  String text(int word) {
    return new String(words[word], StandardCharsets.UTF_8);
  }

  long integer(int word) {
    return Numbers.integer(words[word]);
  }

  /** Whether a word is this one, in any case. */
  boolean is(int word, String upper) {
    byte[] bytes = words[word];
    if (bytes.length != upper.length()) {
      return false;
    }
    for (int i = 0; i < bytes.length; i++) {
      int c = bytes[i];
      if ((c >= 'a' && c <= 'z' ? c - 32 : c) != upper.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** The keys of the first key's keyspace, which is a plain one. */
  PlainKeys plain() {
    return keys(plain);
  }

  /** The keys of this key's keyspace, which is a plain one. */
  PlainKeys plain(int word) {
    return keys(keyspace(word));
  }

  private PlainKeys keys(PlainKeyspace keyspace) {
    return draft == null ? keyspace : new DraftedKeys(keyspace, draft);
  }

  /** The keyspace of this key, which is a plain one. */
  PlainKeyspace keyspace(int word) {
    return word == 1 ? plain : (PlainKeyspace) service.catalog().target(words[word]);
  }

  /**
   * The keyspace of this key, of any kind that can be served.
   *
   * @throws ErrorReply if it cannot be served now
   */
  Target target(int word) {
    Target target = service.catalog().target(words[word]);
    if (target instanceof AwayKeyspace away) {
      throw away.error();
    }
    return target;
  }

  /**
   * The keyspace of this key, which must be over a table.
   *
   * @throws ErrorReply if it is plain, or of the other format
   */
  TableKeyspace table(int word, Catalog.Format format) {
    if (target(word) instanceof TableKeyspace table) {
      if (table.format() != format) {
        throw table.wrongFormat(commandName());
      }
      return table;
    }
    throw ErrorReply.wrongType();
  }

  /** The first of the keys that is a plain one, or that is a row; there must be such a one. */
  String firstKey(Command.Keys keys, boolean plain) {
    int word = keys.first();
    while (target(word) instanceof PlainKeyspace != plain) {
      word += keys.step();
    }
    return text(word);
  }

  /** The places of all words after the name. */
  List<Plan.Spot> spots() {
    List<Plan.Spot> spots = new ArrayList<>(words.length - 1);
    for (int i = 1; i < words.length; i++) {
      spots.add(spot(i));
    }
    return spots;
  }

  /** The place of this key, in a keyspace of any kind. */
  Plan.Spot spot(int word) {
    Target target = target(word);
    return target instanceof TableKeyspace table
        ? table.spot(words[word])
        : new Plan.Spot(((PlainKeyspace) target).space(), key(word));
  }
}

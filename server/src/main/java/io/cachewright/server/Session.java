// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is to be known of a client besides its bytes. Belongs to its event loop; the fields that
 * CLIENT LIST shows are volatile, because others read them.
 */
final class Session {

  /** What CLIENT REPLY chose. */
  enum ReplyMode {
    ON,
    OFF,
    /** Off for one command, beginning after this one. */
    SKIP_NEXT,
    SKIP
  }

  private final long id;
  private final String address;
  private final String localAddress;
  private final long beganMillis;
  private final Transaction transaction = new Transaction();

  private volatile String name = "";
  private volatile String libraryName = "";
  private volatile String libraryVersion = "";
  private volatile String lastCommand = "NULL";
  private volatile long lastMillis;
  private volatile int version = 2;
  private ReplyMode replyMode = ReplyMode.ON;
  private boolean loggedIn;
  private boolean closing;

  Session(long id, String address, String localAddress, long nowMillis) {
    this.id = id;
    this.address = address;
    this.localAddress = localAddress;
    this.beganMillis = nowMillis;
    this.lastMillis = nowMillis;
  }

  long id() {
    return id;
  }

  /** What it has gathered since MULTI, and what it watches. */
  Transaction transaction() {
    return transaction;
  }

  String name() {
    return name;
  }

  void name(String next) {
    name = next;
  }

  void library(@Nullable String nextName, @Nullable String nextVersion) {
    libraryName = nextName == null ? libraryName : nextName;
    libraryVersion = nextVersion == null ? libraryVersion : nextVersion;
  }

  void used(String command, long nowMillis) {
    lastCommand = command;
    lastMillis = nowMillis;
  }

  void version(int next) {
    version = next;
  }

  ReplyMode replyMode() {
    return replyMode;
  }

  void replyMode(ReplyMode next) {
    replyMode = next;
  }

  boolean isLoggedIn() {
    return loggedIn;
  }

  void loggedIn(boolean next) {
    loggedIn = next;
  }

  /** Whether the connection ends when what it has asked for is answered. */
  boolean isClosing() {
    return closing;
  }

  void close() {
    closing = true;
  }

  /** As after connecting, but for the login. */
  void reset() {
    transaction.end();
    name = "";
    version = 2;
    replyMode = ReplyMode.ON;
  }

  /** Its line of CLIENT LIST. */
  String describe(long nowMillis) {
    return String.format(
        "id=%d addr=%s laddr=%s fd=0 name=%s age=%d idle=%d flags=%s db=0 sub=0 psub=0 ssub=0"
            + " multi=%d cmd=%s user=default redir=-1 resp=%d lib-name=%s lib-ver=%s",
        id,
        address,
        localAddress,
        name,
        (nowMillis - beganMillis) / 1000,
        (nowMillis - lastMillis) / 1000,
        transaction.isOpen() ? "x" : "N",
        transaction.isOpen() ? transaction.size() : -1,
        lastCommand.toLowerCase(Locale.ROOT),
        version,
        libraryName,
        libraryVersion);
  }
}

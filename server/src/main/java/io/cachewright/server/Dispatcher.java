// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.server.Command.Flag;
import io.cachewright.server.Command.Keys;
import io.cachewright.server.CommandTable.Counted;
import io.cachewright.server.Session.ReplyMode;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what becomes of a command: refused, queued for EXEC, or run, on plain keys or on rows. On
 * its connection's event loop.
 */
final class Dispatcher {
  private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

  /** How much of a wrong command is quoted. */
  private static final int QUOTED_MAX = 128;

  private final Service service;
  private final Session session;
  private final Replies replies;
  private final RespWriter out;
  private final Call call;

  Dispatcher(Service service, Session session, Replies replies, Runnable answered) {
    this.service = service;
    this.session = session;
    this.replies = replies;
    this.out = replies.writer();
    this.call = new Call(service, session, out);
  }

  /** Runs a command, or leaves a slot for its reply. Never throws for the command's sake. */
  void dispatch(byte[][] words) {
    replies.next();
    int from = out.buffer().writerIndex();
    Counted counted = service.commands().find(words[0]);
    try {
      if (counted == null) {
        throw unknown(words);
      }
      counted.calls().increment();
      admit(counted, words);
    } catch (ErrorReply e) {
      session.transaction().spoil();
      error(from, String.valueOf(e.getMessage()), counted);
    } catch (RuntimeException e) {
      log.error("{} failed", counted == null ? "?" : counted.command().name(), e);
      error(from, "ERR internal error: " + e + " (the server's log tells more)", counted);
    }
    if (session.replyMode() != ReplyMode.ON) {
      skip(from);
    }
    replies.written(from);
  }

  private void error(int from, String line, @org.jspecify.annotations.Nullable Counted counted) {
    out.buffer().writerIndex(from); // whatever the handler had begun to write
    out.error(line);
    if (counted != null) {
      counted.errors().increment();
    }
  }

  /** CLIENT REPLY. */
  private void skip(int from) {
    ReplyMode mode = session.replyMode();
    out.buffer().writerIndex(from);
    session.replyMode(
        switch (mode) {
          case SKIP_NEXT -> ReplyMode.SKIP;
          case SKIP -> ReplyMode.ON;
          default -> mode;
        });
  }

  /** Answers what is not a command at all. */
  void refuse(String line) {
    replies.next();
    int from = out.buffer().writerIndex();
    out.error(line);
    replies.written(from);
  }

  private void admit(Counted counted, byte[][] words) {
    Command command = counted.command();
    if (!command.accepts(words.length)) {
      throw ErrorReply.wrongArity(command.lowerName());
    }
    if (!session.isLoggedIn() && !command.is(Flag.BEFORE_LOGIN)) {
      throw new ErrorReply("NOAUTH Authentication required.");
    }
    session.used(command.lowerName(), service.clock().millis());
    if (session.transaction().isOpen() && !command.is(Flag.NOT_QUEUED)) {
      queue(counted, words);
    } else {
      run(command, words);
    }
  }

  private void queue(Counted counted, byte[][] words) {
    Transaction transaction = session.transaction();
    if (transaction.bytes() > service.limits().maxRequest()) {
      throw new ErrorReply(
          "ERR transaction of more than " + service.limits().maxRequest() + " bytes");
    }
    transaction.add(new Transaction.Queued(counted, words));
    out.queued();
  }

  private void run(Command command, byte[][] words) {
    Keys keys = command.keys();
    PlainKeyspace plain = service.catalog().plain();
    if (keys.first() > 0 && keys.first() < words.length) {
      Target target = service.catalog().target(words[keys.first()]);
      if (!(target instanceof PlainKeyspace found)) {
        throw new ErrorReply("ERR not yet");
      }
      plain = found;
    }
    call.turnTo(words, plain);
    if (command.is(Flag.WRITES) || command.is(Flag.LOCKED)) {
      service.engine().lock();
      try {
        command.plain().run(call);
      } finally {
        service.engine().unlock();
      }
    } else {
      command.plain().run(call);
    }
  }

  /** Starts the loads that the commands since the last call have gathered. */
  void startLoads() {}

  private static ErrorReply unknown(byte[][] words) {
    StringBuilder args = new StringBuilder();
    for (int i = 1; i < words.length && args.length() < QUOTED_MAX; i++) {
      args.append('\'').append(quoted(words[i], QUOTED_MAX - args.length())).append("' ");
    }
    return new ErrorReply(
        "ERR unknown command '"
            + quoted(words[0], QUOTED_MAX)
            + "', with args beginning with: "
            + args);
  }

  private static String quoted(byte[] word, int max) {
    return new String(word, 0, Math.min(word.length, max), StandardCharsets.ISO_8859_1);
  }
}

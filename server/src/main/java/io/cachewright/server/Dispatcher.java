// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.NotAllowedException;
import io.cachewright.engine.Draft;
import io.cachewright.engine.Log;
import io.cachewright.engine.Space;
import io.cachewright.engine.Watch;
import io.cachewright.server.Command.Flag;
import io.cachewright.server.Command.Keys;
import io.cachewright.server.Command.TableHandler;
import io.cachewright.server.CommandTable.Counted;
import io.cachewright.server.ExecWork.Part;
import io.cachewright.server.ExecWork.Plains;
import io.cachewright.server.Session.ReplyMode;
import io.cachewright.server.Transaction.Queued;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of a command: refused, queued for EXEC, or run, on plain keys at once or on
 * rows as work that may have to wait. On its connection's event loop.
 */
final class Dispatcher {
  /** How much of a wrong command is quoted. */
  private static final int QUOTED_MAX = 128;

  private final Service service;
  private final Session session;
  private final Replies replies;
  private final RespWriter out;
  private final WorkQueue work;
  private final Gate gate;
  private final Call call;
  private final @Nullable Log log;

  /** Of commands on plain keys that are logged. */
  private final @Nullable Draft draft;

  /** Whether the last {@link #route} led to keys that are logged. */
  private boolean logged;

  /** Whether the last {@link #route} led to rows, and to what is looked at without waiting. */
  private boolean mixed;

  /**
   * Of work on plain keys that takes time. These run at once, so none may before it is done (P3).
   */
  private Replies.@Nullable Slot awaited;

  /** Whose loads have gathered since {@link #startLoads}. */
  private final Set<Space<?, ?>> gathering = new LinkedHashSet<>();

  Dispatcher(Service service, Session session, Replies replies, WorkQueue work, Gate gate) {
    this.service = service;
    this.session = session;
    this.replies = replies;
    this.out = replies.writer();
    this.work = work;
    this.gate = gate;
    this.log = service.engine().log();
    this.draft = log == null ? null : new Draft(log);
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
      if (admit(counted, words)) {
        run(counted, words);
      } else {
        queue(counted, words);
      }
    } catch (RuntimeException e) {
      if (counted != null) {
        counted.errors().increment();
      }
      out.buffer().writerIndex(from); // whatever the handler had begun to write
      out.error(Errors.line(e));
    }
    if (session.replyMode() != ReplyMode.ON) {
      skip(from);
    }
    replies.written(from);
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

  /** Starts the loads that the commands since the last call have gathered. */
  void startLoads() {
    if (!gathering.isEmpty()) {
      gathering.forEach(Space::startLoads);
      gathering.clear();
    }
  }

  // ---- before it runs ----

  /** Whether it runs now; else it is queued. A refusal spoils an open transaction. */
  private boolean admit(Counted counted, byte[][] words) {
    Command command = counted.command();
    Transaction transaction = session.transaction();
    ErrorReply wrong = command.wrong(words);
    if (wrong != null && transaction.isOpen() && command.name().equals(TransactionCommands.EXEC)) {
      transaction.end(); // as in Redis
      throw new ErrorReply(
          String.valueOf(wrong.getMessage())
              .replaceFirst("ERR", "EXECABORT Transaction discarded because of:"));
    } else if (wrong != null) {
      transaction.spoil();
      throw wrong;
    }
    if (!session.isLoggedIn() && !command.is(Flag.BEFORE_LOGIN)) {
      transaction.spoil();
      throw new ErrorReply("NOAUTH Authentication required.");
    }
    session.used(command.name(), service.clock().millis());
    if (!transaction.isOpen()) {
      return true;
    }
    if (command.is(Flag.NOT_IN_MULTI)) {
      if (command.is(Flag.NOT_QUEUED)) { // in Redis, WATCH is an error that spoils nothing
        throw new ErrorReply("ERR " + command.name() + " inside MULTI is not allowed");
      }
      transaction.spoil();
      throw new ErrorReply("ERR Command not allowed inside a transaction");
    }
    return command.is(Flag.NOT_QUEUED);
  }

  private ErrorReply unknown(byte[][] words) {
    session.transaction().spoil();
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

  private void queue(Counted counted, byte[][] words) {
    Transaction transaction = session.transaction();
    if (transaction.bytes() > service.limits().maxRequest()) {
      transaction.spoil();
      throw new ErrorReply(
          "ERR transaction of more than " + service.limits().maxRequest() + " bytes");
    }
    transaction.add(new Queued(counted, words));
    out.queued();
  }

  // ---- one command ----

  private void run(Counted counted, byte[][] words) {
    Command command = counted.command();
    if (command.name().equals(TransactionCommands.EXEC) && session.transaction().isOpen()) {
      exec();
      return;
    }
    PlainKeyspace plain = route(command, words);
    if (looksAtAll(command)) {
      submit(look(new Queued(counted, words)), /* pauses= */ true);
    } else if (plain != null) {
      call.turnTo(words, plain, logged ? draft : null);
      runPlain(counted, words);
    } else {
      call.turnTo(words, service.catalog().plain(), null);
      Work next = new PlanWork(service.engine(), plan(command, call), gathering::add, this::tell);
      submit(next, /* pauses= */ mixed);
    }
  }

  /** Whether it is about all keys, of rows too, and changes none. */
  private static boolean looksAtAll(Command command) {
    return command.is(Flag.READS) && command.keys().first() == 0;
  }

  /** Looks at all keys after the writes of rows before it (P3). */
  private Work look(Queued queued) {
    Plains plains = plains(/* drafts= */ false);
    Runnable plain = Objects.requireNonNull(part(queued, plains).plain());
    Plan plan =
        Plan.task(
            () -> {
              ByteBuf reply = plains.run(plain);
              return CompletableFuture.completedFuture(out -> out.buffer().writeBytes(reply));
            });
    return new PlanWork(service.engine(), plan, gathering::add, this::tell);
  }

  /** Whether a command must be answered before the next one is run. */
  boolean isPaused() {
    return awaited != null && !awaited.isFilled();
  }

  private void submit(Work next, boolean pauses) {
    boolean silent = session.replyMode() == ReplyMode.OFF || session.replyMode() == ReplyMode.SKIP;
    Answer answer = work.submit(next, () -> reserve(silent, pauses));
    if (answer != null) {
      answer.write(out);
    }
  }

  private Replies.Slot reserve(boolean silent, boolean pauses) {
    Replies.Slot slot = replies.reserve(silent);
    awaited = pauses ? slot : awaited;
    return slot;
  }

  private void runPlain(Counted counted, byte[][] words) {
    Command command = counted.command();
    Draft changes = call.draft();
    if (changes != null) {
      int from = out.buffer().writerIndex();
      if (!runLogged(command, changes)) {
        out.buffer().writerIndex(from);
        Plains plains = plains(/* drafts= */ true);
        Part part = part(new Queued(counted, words), plains);
        submit(ExecWork.alone(service.engine(), part, plains), /* pauses= */ true);
      }
    } else if (command.is(Flag.WRITES)) {
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

  /** Answers false if there was no room in the journal: then nothing was done. */
  private boolean runLogged(Command command, Draft changes) {
    changes.begin();
    try {
      if (!command.is(Flag.WRITES)) {
        command.plain().run(call);
        return true;
      }
      service.engine().lock();
      try {
        command.plain().run(call);
        return changes.commit();
      } finally {
        service.engine().unlock();
      }
    } finally {
      tell(changes.newest());
    }
  }

  /**
   * What was seen or done up to this record is told to the client now, unless it is never going to
   * be known.
   */
  private void tell(long newest) {
    if (log != null) {
      log.checkReached(newest);
    }
    gate.raise(newest);
  }

  private static Plan plan(Command command, Call with) {
    TableHandler handler = command.table();
    if (handler == null) {
      throw new ErrorReply(
          "WRONGTYPE "
              + command.name()
              + " is for plain keys, and "
              + with.firstKey(command.keys(), /* plain= */ false)
              + " is a row of a table");
    }
    return handler.plan(with);
  }

  /**
   * The keyspace of the first key, or the plain one if there are no keys; null if rows are
   * concerned. Says in {@link #logged} whether any of them is logged, and in {@link #mixed} whether
   * besides rows plain keys are concerned, or the transaction.
   */
  private @Nullable PlainKeyspace route(Command command, byte[][] words) {
    Keys keys = command.keys();
    Catalog catalog = service.catalog();
    logged = false;
    mixed = false;
    if (keys.first() == 0) {
      mixed = command.is(Flag.WRITES); // of all keys, if it is about rows, too
      return command.table() != null ? null : catalog.plain();
    }
    int last = Math.min(keys.lastOf(words.length), words.length - 1);
    if (last < keys.first()) {
      return catalog.plain();
    }
    PlainKeyspace first = null;
    boolean rows = false;
    for (int i = keys.first(); i <= last; i += keys.step()) {
      Target target = catalog.target(words[i]);
      if (target instanceof AwayKeyspace away) {
        throw away.error();
      } else if (target instanceof PlainKeyspace plain) {
        logged |= plain.isLogged();
        first = first == null ? plain : first;
      } else {
        rows = true;
      }
    }
    mixed = rows && (first != null || command.is(Flag.NOT_QUEUED)); // WATCH
    return rows ? null : first;
  }

  // ---- EXEC ----

  private void exec() {
    Transaction transaction = session.transaction();
    boolean faulty = transaction.isFaulty();
    List<Queued> queue = transaction.queue();
    boolean rows = transaction.watchesRows();
    List<Watch> watches = transaction.takeWatches();
    transaction.end();
    if (faulty) {
      watches.forEach(Watch::close);
      throw new ErrorReply("EXECABORT Transaction discarded because of previous errors.");
    }
    boolean plain = false;
    boolean anyLogged = false;
    try {
      for (Queued queued : queue) {
        Command command = queued.command().command();
        boolean isPlain = route(command, queued.words()) != null;
        rows |= !isPlain || looksAtAll(command);
        plain |= isPlain || mixed;
        anyLogged |= logged;
      }
      if (rows) {
        submit(later(queue, watches, anyLogged), /* pauses= */ plain);
      } else if (!execPlain(queue, watches, anyLogged ? draft : null)) {
        submit(later(queue, watches, /* anyLogged= */ true), /* pauses= */ true);
      }
    } catch (RuntimeException e) {
      watches.forEach(Watch::close);
      throw new ErrorReply("EXECABORT Transaction discarded because of: " + Errors.line(e));
    }
  }

  private Work later(List<Queued> queue, List<Watch> watches, boolean anyLogged) {
    Plains plains = plains(anyLogged);
    List<Part> parts = new ArrayList<>(queue.size());
    for (Queued queued : queue) {
      parts.add(part(queued, plains));
    }
    return new ExecWork(service.engine(), parts, watches, plains);
  }

  private Plains plains(boolean drafts) {
    RespWriter plainOut = new RespWriter(Unpooled.EMPTY_BUFFER);
    plainOut.version(out.version());
    return new Plains(plainOut, drafts && log != null ? new Draft(log) : null);
  }

  private Part part(Queued queued, Plains plains) {
    Command command = queued.command().command();
    PlainKeyspace plain = route(command, queued.words());
    if (plain == null) {
      call.turnTo(queued.words(), service.catalog().plain(), null);
      Part part = new Part(plan(command, call), null);
      if (mixed && command.keys().first() > 0) {
        throw mixes(command, call);
      }
      return part;
    }
    Call own = new Call(service, session, plains.out());
    own.turnTo(queued.words(), plain, plains.draft());
    return new Part(null, () -> runQueued(queued, own));
  }

  /**
   * Rows change before the commands on plain keys run, and what a plan has of plain keys with them:
   * it would be done before what the client has sent before it.
   */
  private static NotAllowedException mixes(Command command, Call with) {
    return new NotAllowedException(
        command.name()
            + " of rows and plain keys together is not for MULTI: "
            + with.firstKey(command.keys(), /* plain= */ false)
            + " is a row, "
            + with.firstKey(command.keys(), /* plain= */ true)
            + " is not. Send two commands, which EXEC makes together all the same");
  }

  /**
   * A command's own error is its reply, and the others run all the same, as in Redis. Under the
   * write lock, or, if it is drafted and rows are concerned, watched.
   */
  private static void runQueued(Queued queued, Call with) {
    RespWriter writer = with.out();
    int from = writer.buffer().writerIndex();
    Draft changes = with.draft();
    int size = changes == null ? 0 : changes.size();
    try {
      queued.command().command().plain().run(with);
    } catch (RuntimeException e) {
      queued.command().errors().increment();
      writer.buffer().writerIndex(from);
      writer.error(Errors.line(e));
      if (changes != null) {
        changes.rollBack(size);
      }
    }
  }

  /**
   * All under one hold of the write lock, and what is logged as one record. Answers false if there
   * was no room for it in the journal: then nothing was done, and the watches are still open.
   */
  private boolean execPlain(List<Queued> queue, List<Watch> watches, @Nullable Draft changes) {
    int from = out.buffer().writerIndex();
    service.engine().lock();
    try {
      if (changes != null) {
        changes.begin();
      }
      if (watches.stream().anyMatch(Watch::isTouched)) {
        out.nilArray();
      } else if (!runAll(queue, changes)) {
        out.buffer().writerIndex(from);
        return false;
      }
    } finally {
      service.engine().unlock();
    }
    watches.forEach(Watch::close);
    return true;
  }

  private boolean runAll(List<Queued> queue, @Nullable Draft changes) {
    out.array(queue.size());
    for (Queued queued : queue) {
      PlainKeyspace plain = route(queued.command().command(), queued.words());
      PlainKeyspace first = plain == null ? service.catalog().plain() : plain;
      call.turnTo(queued.words(), first, changes);
      runQueued(queued, call);
    }
    boolean made = changes == null || changes.commit();
    if (made && changes != null) {
      tell(changes.newest());
    }
    return made;
  }
}

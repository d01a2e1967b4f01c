// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static io.cachewright.server.Command.Flag.FAST;
import static io.cachewright.server.Command.Flag.NOT_IN_MULTI;
import static io.cachewright.server.Command.Flag.NOT_QUEUED;
import static io.cachewright.server.Command.both;
import static io.cachewright.server.Command.plain;

import io.cachewright.server.Command.Keys;
import java.util.EnumSet;
import java.util.List;

/** Several commands as one. EXEC itself is {@link Dispatcher}'s and {@link ExecWork}'s. */
final class TransactionCommands {
  static final String EXEC = "EXEC";

  static final Family FAMILY =
      new Family(
          "Transactions",
          List.of(
              new Command(
                  "MULTI",
                  1,
                  EnumSet.of(FAST, NOT_QUEUED),
                  Keys.NONE,
                  plain(TransactionCommands::multi),
                  "Queues the commands that follow"),
              new Command(
                  EXEC,
                  1,
                  EnumSet.of(NOT_QUEUED),
                  Keys.NONE,
                  plain(TransactionCommands::withoutMulti),
                  "Runs them all, with rows in one transaction of the database, or none"),
              new Command(
                  "DISCARD",
                  1,
                  EnumSet.of(FAST, NOT_QUEUED),
                  Keys.NONE,
                  plain(TransactionCommands::discard),
                  "Forgets them, and the watches"),
              new Command(
                  "WATCH",
                  -2,
                  EnumSet.of(FAST, NOT_QUEUED, NOT_IN_MULTI),
                  Keys.ALL,
                  both(TransactionCommands::watch, TransactionCommands::watchRows),
                  "EXEC answers nil if one of these keys is written before it"),
              new Command(
                  "UNWATCH",
                  1,
                  EnumSet.of(FAST),
                  Keys.NONE,
                  plain(TransactionCommands::unwatch),
                  "Forgets all watches")));

  private TransactionCommands() {}

  private static void multi(Call call) {
    if (call.session().transaction().isOpen()) {
      throw new ErrorReply("ERR MULTI calls can not be nested");
    }
    call.session().transaction().begin();
    call.out().ok();
  }

  private static void withoutMulti(Call call) {
    throw new ErrorReply("ERR EXEC without MULTI");
  }

  private static void discard(Call call) {
    if (!call.session().transaction().isOpen()) {
      throw new ErrorReply("ERR DISCARD without MULTI");
    }
    call.session().transaction().end();
    call.out().ok();
  }

  private static void watch(Call call) {
    call.spots().forEach(call.session().transaction()::watch);
    call.out().ok();
  }

  /** After the writes before it, which are not to be noticed. */
  private static Plan watchRows(Call call) {
    Transaction transaction = call.session().transaction();
    List<Plan.Spot> spots = call.spots();
    return Plan.effect(() -> spots.forEach(transaction::watch), () -> RespWriter::ok);
  }

  private static void unwatch(Call call) {
    call.session().transaction().unwatch();
    call.out().ok();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static io.cachewright.server.Command.Flag.BEFORE_LOGIN;
import static io.cachewright.server.Command.Flag.FAST;
import static io.cachewright.server.Command.Flag.NOT_QUEUED;
import static io.cachewright.server.Command.Flag.SUBCOMMANDS;

import io.cachewright.server.Command.Flag;
import io.cachewright.server.Command.Keys;
import io.cachewright.server.Session.ReplyMode;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The connection: who is there, in which version of the protocol. */
final class ConnectionCommands {
  static final Family FAMILY =
      new Family(
          "Connection",
          List.of(
              row("PING", -1, EnumSet.of(FAST), ConnectionCommands::ping, "PONG, or its argument"),
              row("ECHO", 2, EnumSet.of(FAST), ConnectionCommands::echo, "Its argument"),
              row(
                  "AUTH",
                  -2,
                  EnumSet.of(FAST, BEFORE_LOGIN),
                  ConnectionCommands::auth,
                  "Logs in with a password"),
              row(
                  "HELLO",
                  -1,
                  EnumSet.of(FAST, BEFORE_LOGIN),
                  ConnectionCommands::hello,
                  "Chooses RESP2 or RESP3; may log in and set a name"),
              row(
                  "CLIENT",
                  -2,
                  EnumSet.of(SUBCOMMANDS),
                  ConnectionCommands::client,
                  "SETINFO, SETNAME, GETNAME, ID, LIST, INFO, NO-EVICT, NO-TOUCH, REPLY"),
              row("SELECT", 2, EnumSet.of(FAST), ConnectionCommands::select, "Only database 0"),
              row(
                  "RESET",
                  1,
                  EnumSet.of(FAST, BEFORE_LOGIN, NOT_QUEUED),
                  ConnectionCommands::reset,
                  "The connection as it was after connecting"),
              row(
                  "QUIT",
                  -1,
                  EnumSet.of(FAST, BEFORE_LOGIN, NOT_QUEUED),
                  ConnectionCommands::quit,
                  "Closes the connection when all is answered")));

  private ConnectionCommands() {}

  private static Command row(
      String name, int arity, Set<Flag> flags, Command.PlainHandler handler, String summary) {
    return new Command(name, arity, flags, Keys.NONE, Command.plain(handler), summary);
  }

  private static void ping(Call call) {
    if (call.size() > 2) {
      throw ErrorReply.wrongArity("ping");
    } else if (call.size() == 2) {
      call.out().bulk(call.bytes(1));
    } else {
      call.out().simple("PONG");
    }
  }

  private static void echo(Call call) {
    call.out().bulk(call.bytes(1));
  }

  private static void quit(Call call) {
    call.session().close();
    call.out().ok();
  }

  private static void select(Call call) {
    if (call.integer(1) != 0) {
      throw new ErrorReply(
          "ERR DB index is out of range: Cachewright has one database, 0. Use keyspaces instead");
    }
    call.out().ok();
  }

  private static void reset(Call call) {
    call.session().reset();
    call.session().loggedIn(!call.service().needsLogin());
    call.out().version(2);
    call.out().simple("RESET");
  }

  // ---- login and version ----

  private static void auth(Call call) {
    if (call.size() > 3) {
      throw ErrorReply.syntax();
    }
    if (call.size() == 2 && !call.service().needsLogin()) {
      throw new ErrorReply(
          "ERR AUTH <password> called without any password configured for the default user."
              + " Are you sure your configuration is correct?");
    }
    login(call, call.size() == 3 ? call.text(1) : "default", call.bytes(call.size() - 1));
    call.out().ok();
  }

  private static void login(Call call, String user, byte[] password) {
    boolean good =
        user.equals("default")
            && (!call.service().needsLogin() || call.service().isPassword(password));
    if (!good) {
      throw new ErrorReply("WRONGPASS invalid username-password pair or user is disabled.");
    }
    call.session().loggedIn(true);
  }

  private static void hello(Call call) {
    int version = call.out().version();
    if (call.size() > 1) {
      if (!Numbers.isInteger(call.bytes(1))) {
        throw new ErrorReply("ERR Protocol version is not an integer or out of range");
      }
      long wanted = call.integer(1);
      if (wanted != 2 && wanted != 3) {
        throw new ErrorReply("NOPROTO unsupported protocol version");
      }
      version = (int) wanted;
    }
    String name = null;
    for (int i = 2; i < call.size(); i++) {
      if (call.is(i, "AUTH") && i + 2 < call.size()) {
        login(call, call.text(i + 1), call.bytes(i + 2));
        i += 2;
      } else if (call.is(i, "SETNAME") && i + 1 < call.size()) {
        name = checkedName(call.bytes(i + 1), "Client names");
        i++;
      } else {
        throw new ErrorReply("ERR Syntax error in HELLO option '" + call.text(i) + "'");
      }
    }
    if (!call.session().isLoggedIn()) {
      throw new ErrorReply(
          "NOAUTH HELLO must be called with the client already authenticated, otherwise the"
              + " HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client"
              + " and select the RESP protocol version at the same time");
    }
    if (name != null) {
      call.session().name(name);
    }
    call.out().version(version);
    call.session().version(version);
    describeServer(call, version);
  }

  private static void describeServer(Call call, int version) {
    RespWriter out = call.out();
    out.map(7);
    out.bulk("server");
    out.bulk("redis");
    out.bulk("version");
    out.bulk(ServerInfo.REDIS_VERSION);
    out.bulk("proto");
    out.integer(version);
    out.bulk("id");
    out.integer(call.session().id());
    out.bulk("mode");
    out.bulk("standalone");
    out.bulk("role");
    out.bulk("master");
    out.bulk("modules");
    out.array(0);
  }

  // ---- CLIENT ----

  private static void client(Call call) {
    Session session = call.session();
    RespWriter out = call.out();
    String what = call.text(1).toUpperCase(Locale.ROOT);
    switch (what) {
      case "HELP" -> Subcommands.help(call);
      case "ID" -> out.integer(session.id());
      case "GETNAME" -> getName(call);
      case "INFO" -> out.text(session.describe(call.service().clock().millis()) + "\n");
      case "LIST" -> out.text(list(call));
      case "SETNAME" -> {
        session.name(checkedName(call.bytes(2), "Client names"));
        out.ok();
      }
      case "SETINFO" -> setInfo(call);
      case "REPLY" -> reply(call);
      default -> onOrOff(call);
    }
  }

  private static void getName(Call call) {
    String name = call.session().name();
    if (name.isEmpty()) {
      call.out().nil();
    } else {
      call.out().bulk(name);
    }
  }

  private static String list(Call call) {
    List<Session> chosen = call.service().sessions();
    if (call.size() == 4 && call.is(2, "TYPE")) {
      switch (call.text(3).toUpperCase(Locale.ROOT)) {
        case "NORMAL" -> {}
        case "MASTER", "REPLICA", "SLAVE", "PUBSUB" -> chosen.clear();
        default -> throw new ErrorReply("ERR Unknown client type '" + call.text(3) + "'");
      }
    } else if (call.size() > 3 && call.is(2, "ID")) {
      Set<Long> ids = new HashSet<>();
      for (int i = 3; i < call.size(); i++) {
        if (!Numbers.isInteger(call.bytes(i))) {
          throw new ErrorReply("ERR Invalid client ID");
        }
        ids.add(call.integer(i));
      }
      chosen.removeIf(each -> !ids.contains(each.id()));
    } else if (call.size() > 2) {
      throw ErrorReply.syntax();
    }
    long now = call.service().clock().millis();
    StringBuilder lines = new StringBuilder();
    chosen.forEach(each -> lines.append(each.describe(now)).append('\n'));
    return lines.toString();
  }

  private static String checkedName(byte[] name, String what) {
    for (byte b : name) {
      if (b < '!' || b > '~') {
        throw new ErrorReply(
            "ERR " + what + " cannot contain spaces, newlines or special characters.");
      }
    }
    return new String(name, StandardCharsets.US_ASCII);
  }

  private static void setInfo(Call call) {
    if (call.is(2, "LIB-NAME")) {
      call.session().library(checkedName(call.bytes(3), "lib-name"), null);
    } else if (call.is(2, "LIB-VER")) {
      call.session().library(null, checkedName(call.bytes(3), "lib-ver"));
    } else {
      throw new ErrorReply("ERR Unrecognized option '" + call.text(2) + "'");
    }
    call.out().ok();
  }

  private static void reply(Call call) {
    switch (call.text(2).toUpperCase(Locale.ROOT)) {
      case "ON" -> {
        call.session().replyMode(ReplyMode.ON);
        call.out().ok();
      }
      case "OFF" -> call.session().replyMode(ReplyMode.OFF);
      case "SKIP" -> call.session().replyMode(ReplyMode.SKIP_NEXT);
      default -> throw ErrorReply.syntax();
    }
  }

  /** What this cache has no use for: it is accepted, because clients send it on connecting. */
  private static void onOrOff(Call call) {
    if (!call.is(2, "ON") && !call.is(2, "OFF")) {
      throw ErrorReply.syntax();
    }
    call.out().ok();
  }
}

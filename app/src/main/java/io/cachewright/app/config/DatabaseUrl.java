// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a database is. Written as
 *
 * <pre>
 *   postgresql://user:password@host:5432/shop?sslmode=require    (or postgres://)
 *   sqlite:shop.db     or a path that ends in .db, .sqlite or .sqlite3
 *   jdbc:postgresql:…  jdbc:sqlite:…
 * </pre>
 *
 * In user and password {@code @}, {@code :}, {@code /}, {@code ?} and {@code %} are
 * percent-encoded.
 *
 * @param jdbc for the driver, without user and password
 * @param user from the URL, if it has one
 * @param password from the URL, if it has one
 */
public record DatabaseUrl(
    Kind kind, String jdbc, Optional<String> user, Optional<String> password) {

  /** Which database it is. */
  public enum Kind {
    POSTGRESQL,
    SQLITE
  }

  private static final String FORMS =
      "write postgresql://user:password@host/database, sqlite:FILE, or a JDBC URL of either";
  private static final String POSTGRESQL = "jdbc:postgresql:";
  private static final String SQLITE = "jdbc:sqlite:";
  private static final List<String> ENDINGS = List.of(".db", ".sqlite", ".sqlite3");
  private static final Pattern AUTHORITY = Pattern.compile("//(?:([^@/?]*)@)?(.*)", Pattern.DOTALL);
  private static final String PARAMETER = "[^@=&]*(?:=[^&]*)?";

  /** No @, or none but in values of parameters, which are the driver's to read. */
  private static final Pattern WITHOUT_LOGIN =
      Pattern.compile(
          "[^@]*|"
              + POSTGRESQL
              + "(?://[^@/?]*/)?[^@/?]*\\?"
              + PARAMETER
              + "(?:&"
              + PARAMETER
              + ")*");

  static DatabaseUrl parse(String text) {
    String given = text.strip();
    String lower = given.toLowerCase(Locale.ROOT);
    if (lower.startsWith(POSTGRESQL)) {
      return postgresql(given.substring(POSTGRESQL.length()));
    } else if (lower.startsWith("postgresql:") || lower.startsWith("postgres:")) {
      String rest = given.substring(given.indexOf(':') + 1);
      if (!rest.startsWith("//")) {
        throw new BadText("\"" + masked(given) + "\" lacks // after its scheme; " + FORMS);
      }
      return postgresql(rest);
    } else if (lower.startsWith(SQLITE)) {
      return sqlite(given.substring(SQLITE.length()));
    } else if (lower.startsWith("sqlite:")) {
      String path = given.substring("sqlite:".length());
      return sqlite(path.startsWith("//") ? path.substring(2) : path);
    } else if (ENDINGS.stream().anyMatch(lower::endsWith) && !lower.contains("://")) {
      return sqlite(given);
    }
    throw new BadText(
        "\""
            + masked(given)
            + "\" is no database this release knows (PostgreSQL, SQLite); "
            + FORMS);
  }

  private static DatabaseUrl postgresql(String rest) {
    Matcher matcher = AUTHORITY.matcher(rest);
    if (!matcher.matches() || matcher.group(1) == null) {
      return checked(withoutLogin(POSTGRESQL + rest, none(), none()));
    }
    String[] login = matcher.group(1).split(":", 2);
    Optional<String> password =
        login.length == 2 ? Optional.of(decoded(login[1])) : Optional.empty();
    return checked(
        withoutLogin(
            POSTGRESQL + "//" + matcher.group(2),
            Optional.of(decoded(login[0])).filter(user -> !user.isEmpty()),
            password));
  }

  /**
   * Takes user and password out of the parameters, where the driver would put them before those of
   * the configuration, and into its errors.
   */
  private static DatabaseUrl withoutLogin(
      String jdbc, Optional<String> user, Optional<String> password) {
    int query = jdbc.indexOf('?');
    if (query < 0) {
      return new DatabaseUrl(Kind.POSTGRESQL, jdbc, user, password);
    }
    Optional<String> itsUser = user;
    Optional<String> itsPassword = password;
    List<String> rest = new ArrayList<>();
    for (String each : jdbc.substring(query + 1).split("&")) {
      if (each.startsWith("user=")) {
        itsUser = Optional.of(parameter(each));
      } else if (each.startsWith("password=")) {
        itsPassword = Optional.of(parameter(each));
      } else {
        rest.add(each);
      }
    }
    String parameters = rest.isEmpty() ? "" : "?" + String.join("&", rest);
    return new DatabaseUrl(
        Kind.POSTGRESQL, jdbc.substring(0, query) + parameters, itsUser, itsPassword);
  }

  /** What the driver would read: there a + is a space. */
  private static String parameter(String text) {
    return decoded(text.substring(text.indexOf('=') + 1).replace("+", "%20"));
  }

  private static DatabaseUrl checked(DatabaseUrl url) {
    if (!WITHOUT_LOGIN.matcher(url.jdbc).matches()) {
      throw new BadText(
          "the URL has an @ too many; in user and password write @ as %40, / as %2F, ? as %3F");
    }
    return url;
  }

  private static DatabaseUrl sqlite(String path) {
    if (path.isBlank() || path.startsWith(":memory:") || path.contains("mode=memory")) {
      throw new BadText("SQLite needs a file: a database in memory is gone with its connection");
    }
    return new DatabaseUrl(Kind.SQLITE, SQLITE + path, none(), none());
  }

  private static Optional<String> none() {
    return Optional.empty();
  }

  private static String decoded(String part) {
    try {
      return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new BadText("in user and password of the URL a % must be written %25");
    }
  }

  /** The file, of SQLite. */
  public String file() {
    String path = jdbc.substring(SQLITE.length());
    int query = path.indexOf('?');
    String file = query < 0 ? path : path.substring(0, query);
    return file.startsWith("file:") ? file.substring("file:".length()) : file;
  }

  /** For a configuration: the short form, with all but user and password. */
  public String written() {
    return kind == Kind.SQLITE ? jdbc.substring("jdbc:".length()) : shown();
  }

  /** For people: as the short form is written, and without a password. */
  public String shown() {
    return kind == Kind.SQLITE ? "sqlite:" + file() : masked(jdbc.substring("jdbc:".length()));
  }

  /** Also of what is no URL: whatever may be a password there. */
  private static String masked(String url) {
    return url.replaceAll("(?i)(password=)[^&]*", "$1****").replaceAll("(?s):(?!//).*@", ":****@");
  }

  /** As {@link #shown}: a log must not have the password. */
  @Override
  public String toString() {
    return shown();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import io.cachewright.Pattern;
import io.cachewright.app.config.Setting.Scope;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads a configuration: the file, over it environment variables, over them options. Goes on after
 * a problem, so that one run tells all of them.
 */
public final class ConfigurationReader {
  private final Map<String, String> environment;
  private final Map<Setting<?>, String> options;
  private final List<Problem> problems = new ArrayList<>();

  private ConfigurationReader(Map<String, String> environment, Map<Setting<?>, String> options) {
    this.environment = environment;
    this.options = options;
  }

  /**
   * Reads it.
   *
   * @param file null if there is none
   * @param options outermost settings from the command line, as they were written
   * @throws BadConfiguration with every problem found
   */
  public static Configuration read(
      @Nullable Path file, Map<String, String> environment, Map<Setting<?>, String> options) {
    return read(file, new Origin.Option("--config"), environment, options);
  }

  /**
   * As {@link #read(Path, Map, Map)}.
   *
   * @param named where the file was named
   */
  public static Configuration read(
      @Nullable Path file,
      Origin named,
      Map<String, String> environment,
      Map<Setting<?>, String> options) {
    Yaml root =
        file == null
            ? new Yaml.Empty(Origin.STANDARD)
            : Yaml.parse(textOf(file, named), file.toString());
    return new ConfigurationReader(environment, options).read(root);
  }

  /** Reads a text instead of a file, with neither variables nor options. */
  public static Configuration readText(String text, String name) {
    return new ConfigurationReader(Map.of(), Map.of()).read(Yaml.parse(text, name));
  }

  /** Reads a text instead of a file, overridden by options. */
  public static Configuration readText(String text, String name, Map<Setting<?>, String> options) {
    return new ConfigurationReader(Map.of(), options).read(Yaml.parse(text, name));
  }

  private static String textOf(Path file, Origin named) {
    String problem;
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      problem = "there is no such file; `cachewright init --output " + file + "` writes one";
    } catch (MalformedInputException e) {
      problem = "this is not text in UTF-8";
    } catch (AccessDeniedException e) {
      problem = "may not be read by this user; see to its permissions";
    } catch (IOException e) {
      problem =
          Files.isDirectory(file)
              ? "this is a directory; name the file in it"
              : "cannot be read: " + e.getMessage();
    }
    throw new BadConfiguration(List.of(new Problem(named, file + ": " + problem)));
  }

  // ---- the file, from the outermost keys inwards ----

  private Configuration read(Yaml root) {
    Values.Builder top = new Values.Builder();
    Map<String, Yaml> parts = settings(root, Scope.TOP, top, Set.copyOf(partNames()));
    override(top);
    Values.Builder defaults = new Values.Builder();
    settings(partOf(parts, Settings.DEFAULTS_KEY), Scope.DEFAULTS, defaults, Set.of());
    Values common = defaults.build();
    List<KeyspaceSettings> keyspaces = keyspaces(partOf(parts, Settings.KEYSPACES_KEY), common);
    Configuration configuration =
        new Configuration(
            top.build(),
            keyspaces,
            !parts.containsKey(Settings.KEYSPACES_KEY),
            common,
            plain(partOf(parts, Settings.PLAIN_KEY)));
    problems.addAll(Contradictions.in(configuration));
    if (!problems.isEmpty()) {
      problems.sort(Comparator.comparing(Problem::where, ConfigurationReader::inOrder));
      throw new BadConfiguration(problems);
    }
    return configuration;
  }

  private static List<String> partNames() {
    return List.of(Settings.DEFAULTS_KEY, Settings.KEYSPACES_KEY, Settings.PLAIN_KEY);
  }

  private static Yaml partOf(Map<String, Yaml> parts, String name) {
    Yaml found = parts.get(name);
    return found == null ? new Yaml.Empty(Origin.STANDARD) : found;
  }

  private List<KeyspaceSettings> keyspaces(Yaml part, Values common) {
    List<KeyspaceSettings> keyspaces = new ArrayList<>();
    for (Yaml.Entry entry : entries(part, Settings.KEYSPACES_KEY)) {
      Values.Builder own = new Values.Builder();
      settings(entry.value(), Scope.KEYSPACE, own, Set.of());
      if (entry.key().isBlank() || entry.key().matches(".*[:\\s].*")) {
        report(
            entry.where(),
            "a keyspace's name is what keys begin with, up to the first colon: it cannot be empty"
                + " or hold a colon or a space; name the table by `table`");
      }
      Values all = withoutUseless(own.build(), common);
      keyspaces.add(new KeyspaceSettings(entry.key(), all, entry.where()));
    }
    return keyspaces;
  }

  /** Takes nothing from the defaults: a plain key that no client gave an end has none. */
  private KeyspaceSettings plain(Yaml part) {
    Values.Builder own = new Values.Builder();
    own.read(Settings.PATTERN, Values.Source.of("look-aside", Origin.STANDARD));
    settings(part, Scope.PLAIN, own, Set.of());
    return new KeyspaceSettings(Settings.PLAIN_KEY, own.build(), part.where());
  }

  /**
   * A keyspace takes from the defaults only what means something under its pattern, and does no
   * harm.
   */
  private static Values withoutUseless(Values own, Values common) {
    Pattern pattern = own.get(Settings.PATTERN);
    if (pattern.isRecord()) { // what expires there is lost: nobody gets that by default
      return own;
    }
    Values useful = pattern.isLogged() ? common : common.without(Settings.WRITE_BEHIND_GROUP);
    return own.orElse(useful, pattern.hasStore() ? Scope.KEYSPACE : Scope.PLAIN);
  }

  /**
   * Reads the settings of a part.
   *
   * @param parts names of keys that are parts of their own
   * @return those parts
   */
  private Map<String, Yaml> settings(
      Yaml part, Scope scope, Values.Builder into, Set<String> parts) {
    Map<String, Setting<?>> known = known(scope, "");
    Set<String> groups = new TreeSet<>(parts);
    Settings.in(scope).forEach(setting -> groups.add(setting.group()));
    groups.remove("");
    Map<String, Yaml> found = new HashMap<>();
    for (Yaml.Entry entry : entries(part, "here")) {
      Setting<?> setting = known.get(entry.key());
      if (setting != null) {
        read(setting, entry, into);
      } else if (parts.contains(entry.key())) {
        found.put(entry.key(), entry.value());
      } else if (groups.contains(entry.key())) {
        group(entry, scope, into);
      } else {
        reportUnknown(entry, scope, known.keySet(), groups);
      }
    }
    return found;
  }

  private void group(Yaml.Entry group, Scope scope, Values.Builder into) {
    Map<String, Setting<?>> known = known(scope, group.key());
    List<Yaml.Entry> entries = entries(group.value(), group.key());
    boolean empty = entries.isEmpty() && !(group.value() instanceof Yaml.Scalar);
    if (empty && group.key().equals(Settings.MIRROR_GROUP)) { // there would be none, and no word
      report(
          group.where(),
          "mirror is empty; give one of "
              + String.join(", ", known.keySet())
              + ", or leave it out");
    }
    for (Yaml.Entry entry : entries) {
      Setting<?> setting = known.get(entry.key());
      if (setting != null) {
        read(setting, entry, into);
      } else {
        reportUnknown(entry, scope, known.keySet(), Set.of());
      }
    }
  }

  /** The settings of a group, by their keys in it; with an empty name those outside of any. */
  private static Map<String, Setting<?>> known(Scope scope, String group) {
    Map<String, Setting<?>> known = new LinkedHashMap<>();
    Settings.in(scope).stream()
        .filter(setting -> setting.group().equals(group))
        .forEach(setting -> known.put(setting.key(), setting));
    return known;
  }

  private void read(Setting<?> setting, Yaml.Entry entry, Values.Builder into) {
    Yaml value = entry.value();
    if (value instanceof Yaml.Scalar scalar) {
      read(setting, Values.Source.of(scalar.text(), scalar.where()), into);
    } else if (value instanceof Yaml.Items items
        && setting.type().isList()
        && items.items().stream().allMatch(Yaml.Scalar.class::isInstance)) {
      List<String> texts = items.items().stream().map(item -> ((Yaml.Scalar) item).text()).toList();
      read(setting, new Values.Source("", texts, items.where()), into);
    } else {
      report(value.where(), setting + " wants " + wanted(setting) + "; here is " + value.kind());
    }
  }

  private static String wanted(Setting<?> setting) {
    String described = setting.type().described().replace("\\|", "|");
    return (described.startsWith("text") ? "a " : described.contains("|") ? "one of " : "a ")
        + described;
  }

  private void read(Setting<?> setting, Values.Source source, Values.Builder into) {
    try {
      into.read(setting, source);
    } catch (BadText e) {
      report(source.where(), setting + ": " + e.getMessage());
    }
  }

  /** The entries of a part, without those that are there twice. */
  private List<Yaml.Entry> entries(Yaml part, String name) {
    if (part instanceof Yaml.Empty) {
      return List.of();
    }
    if (!(part instanceof Yaml.Entries group)) {
      report(part.where(), name + " must be settings, as in `ttl: 10m`, not " + part.kind());
      return List.of();
    }
    Map<String, Yaml.Entry> first = new LinkedHashMap<>();
    for (Yaml.Entry entry : group.entries()) {
      Yaml.Entry before = first.putIfAbsent(entry.key(), entry);
      if (before != null) {
        report(entry.where(), entry.key() + " is there twice, first at " + before.where());
      }
    }
    return List.copyOf(first.values());
  }

  private void reportUnknown(Yaml.Entry entry, Scope scope, Set<String> known, Set<String> parts) {
    String key = entry.key();
    if (Settings.LATER.getOrDefault(scope, Set.of()).contains(key)) {
      report(entry.where(), key + " comes with a later release; leave it out");
      return;
    }
    Set<String> all = new TreeSet<>(known);
    all.addAll(parts);
    String question = Nearest.asQuestion(key, all);
    String here = question.isEmpty() ? "; there are " + String.join(", ", all) : question;
    report(entry.where(), "no setting " + key + " here" + here);
  }

  // ---- what overrides the file ----

  private void override(Values.Builder top) {
    for (Setting<?> setting : Settings.in(Scope.TOP)) {
      String option = options.get(setting);
      String variable = environment.get(setting.variable());
      if (option != null) {
        Origin where = new Origin.Option("--" + setting.name());
        read(setting, Values.Source.of(option, where), top);
      } else if (variable != null) {
        read(setting, Values.Source.of(variable, new Origin.Variable(setting.variable())), top);
      }
    }
  }

  // ---- problems ----

  private void report(Origin where, String message) {
    problems.add(new Problem(where, message));
  }

  private static int inOrder(Origin a, Origin b) {
    if (a instanceof Origin.InFile x && b instanceof Origin.InFile y) {
      int lines = Integer.compare(x.line(), y.line());
      return lines != 0 ? lines : Integer.compare(x.column(), y.column());
    }
    return Boolean.compare(!(a instanceof Origin.InFile), !(b instanceof Origin.InFile));
  }
}

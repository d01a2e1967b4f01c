// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * YAML as a tree whose every part knows its place. Scalars stay the text that was written: what it
 * means is for the setting's type to say, so that {@code 010} or {@code no} hold no surprise.
 */
sealed interface Yaml {
  Origin where();

  /** A file that is nested deeper is taken for one with an alias of itself in it. */
  int DEPTH_MAX = 50;

  /** In words, for errors. */
  String kind();

  /** Nothing was written: {@code ttl:}. */
  record Empty(Origin where) implements Yaml {
    @Override
    public String kind() {
      return "nothing";
    }
  }

  /** One value. */
  record Scalar(String text, Origin where) implements Yaml {
    @Override
    public String kind() {
      return "a single value";
    }
  }

  /** A list. */
  record Items(List<Yaml> items, Origin where) implements Yaml {
    @Override
    public String kind() {
      return "a list";
    }
  }

  /** Keys with values, in the order of the file. A key may be there twice. */
  record Entries(List<Entry> entries, Origin where) implements Yaml {
    @Override
    public String kind() {
      return "a group of settings";
    }
  }

  /** A key with its value. */
  record Entry(String key, Origin where, Yaml value) {}

  /**
   * Reads the text of a file.
   *
   * @throws BadConfiguration if it is not YAML
   */
  static Yaml parse(String text, String file) {
    LoadSettings settings =
        LoadSettings.builder().setLabel(file).setUseMarks(true).setAllowDuplicateKeys(true).build();
    try {
      Optional<Node> root = new Compose(settings).composeString(text);
      return root.map(node -> of(node, file, /* depth= */ 1))
          .orElseGet(() -> new Empty(new Origin.InFile(file, 1, 1)));
    } catch (MarkedYamlEngineException e) {
      String problem = String.join(", ", parts(e));
      throw notYaml(place(e.getProblemMark(), file), problem);
    } catch (YamlEngineException e) {
      throw notYaml(new Origin.InFile(file, 1, 1), String.valueOf(e.getMessage()));
    }
  }

  private static List<String> parts(MarkedYamlEngineException error) {
    List<String> parts = new ArrayList<>();
    if (error.getContext() != null) {
      parts.add(error.getContext());
    }
    if (error.getProblem() != null) {
      parts.add(error.getProblem());
    }
    return parts;
  }

  private static BadConfiguration notYaml(Origin where, String problem) {
    return new BadConfiguration(
        List.of(new Problem(where, "this is not YAML: " + problem.strip())));
  }

  private static Yaml of(Node node, String file, int depth) {
    Origin where = place(node.getStartMark(), file);
    if (depth > DEPTH_MAX) {
      throw notYaml(where, "it is nested in itself, or more than " + DEPTH_MAX + " deep");
    }
    if (node instanceof MappingNode mapping) {
      List<Entry> entries = new ArrayList<>();
      for (NodeTuple tuple : mapping.getValue()) {
        Node key = tuple.getKeyNode();
        Origin at = place(key.getStartMark(), file);
        if (!(key instanceof ScalarNode name)) {
          throw notYaml(at, "a key must be one word");
        }
        entries.add(new Entry(name.getValue(), at, of(tuple.getValueNode(), file, depth + 1)));
      }
      return new Entries(List.copyOf(entries), where);
    } else if (node instanceof SequenceNode sequence) {
      return new Items(
          sequence.getValue().stream().map(item -> of(item, file, depth + 1)).toList(), where);
    }
    ScalarNode scalar = (ScalarNode) node;
    return scalar.getTag().equals(Tag.NULL)
        ? new Empty(where)
        : new Scalar(scalar.getValue(), where);
  }

  private static Origin place(Optional<Mark> mark, String file) {
    return mark.<Origin>map(at -> new Origin.InFile(file, at.getLine() + 1, at.getColumn() + 1))
        .orElseGet(() -> new Origin.InFile(file, 1, 1));
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import io.cachewright.app.config.Setting.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Variables that begin as ours do and mean nothing here. They are told, in case they are misspelt,
 * and not refused: others may have a use for them.
 */
public final class UnknownVariables {
  /** The variable that names the file. */
  public static final String FILE = Setting.VARIABLE_PREFIX + "CONFIG";

  /** Kubernetes sets these in every container beside a service that is named cachewright. */
  private static final Pattern KUBERNETES =
      Pattern.compile(Setting.VARIABLE_PREFIX + "(SERVICE|PORT)(_.*)?");

  private UnknownVariables() {}

  /** A line for each. Without their values, which may be secret. */
  public static List<String> warnings(Map<String, String> environment) {
    Map<String, String> known = new HashMap<>(Map.of(FILE, "config"));
    Settings.in(Scope.TOP).forEach(each -> known.put(each.variable(), each.name()));
    List<String> warnings = new ArrayList<>();
    for (String variable : new TreeSet<>(environment.keySet())) {
      if (variable.startsWith(Setting.VARIABLE_PREFIX)
          && !known.containsKey(variable)
          && !KUBERNETES.matcher(variable).matches()) {
        String name = variable.substring(Setting.VARIABLE_PREFIX.length());
        String question =
            Nearest.asQuestion(name.toLowerCase(Locale.ROOT).replace('_', '-'), known.values());
        String why = question.isEmpty() ? "; only the outermost settings have variables" : question;
        warnings.add("warning: " + variable + " is the variable of no setting" + why);
      }
    }
    return warnings;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values of settings, each with where it was given. One not given has its default. Immutable. */
public final class Values {
  static final Values NONE = new Values(Map.of());

  private final Map<Setting<?>, Given<?>> given;

  /** A value, and where it stands. */
  record Given<T>(T value, Origin where) {}

  private Values(Map<Setting<?>, Given<?>> given) {
    this.given = given;
  }

  @SuppressWarnings("unchecked") // with() puts a value of the setting's own type
  public <T> T get(Setting<T> setting) {
    Given<?> found = given.get(setting);
    return found == null ? setting.standard() : (T) found.value();
  }

  public boolean has(Setting<?> setting) {
    return given.containsKey(setting);
  }

  public Origin originOf(Setting<?> setting) {
    Given<?> found = given.get(setting);
    return found == null ? Origin.STANDARD : found.where();
  }

  /** The value as it would be written. */
  public <T> String show(Setting<T> setting) {
    return setting.type().show(get(setting));
  }

  /** These, and of another's those that are not given here and may stand in this scope. */
  Values orElse(Values other, Setting.Scope scope) {
    Map<Setting<?>, Given<?>> all = new LinkedHashMap<>();
    other.given.forEach(
        (setting, value) -> {
          if (setting.isIn(scope)) {
            all.put(setting, value);
          }
        });
    all.putAll(given);
    return new Values(all);
  }

  /** These, without those of a group. */
  Values without(String group) {
    Map<Setting<?>, Given<?>> rest = new LinkedHashMap<>(given);
    rest.keySet().removeIf(setting -> setting.group().equals(group));
    return new Values(rest);
  }

  /** Gathers values. */
  static final class Builder {
    private final Map<Setting<?>, Given<?>> given = new LinkedHashMap<>();

    /**
     * Reads a text, or a list, as the setting's value.
     *
     * @throws BadText if it is none
     */
    <T> void read(Setting<T> setting, Source source) {
      SettingType<T> type = setting.type();
      T value = source.list() == null ? type.read(source.text()) : type.readAll(source.list());
      given.put(setting, new Given<>(value, source.where()));
    }

    Values build() {
      return new Values(Map.copyOf(given));
    }
  }

  /**
   * What was written, not yet understood.
   *
   * @param list the texts of a list; null if it was one text
   */
  record Source(String text, java.util.@Nullable List<String> list, Origin where) {
    static Source of(String text, Origin where) {
      return new Source(text, null, where);
    }
  }
}

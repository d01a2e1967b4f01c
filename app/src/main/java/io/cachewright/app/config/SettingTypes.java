// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The types that settings have. */
final class SettingTypes {
  /** How the absence of a value is written, where there can be none. */
  static final String NONE = "none";

  private SettingTypes() {}

  static SettingType<String> text(String described) {
    return of(described, SettingTypes::filled, value -> value);
  }

  static SettingType<String> secret() {
    return of("text", SettingTypes::filled, value -> "****");
  }

  /** A variable that a template left empty must not mean "no password", or the directory here. */
  private static String filled(String text) {
    if (text.isBlank()) {
      throw new BadText("it is empty; leave it out");
    }
    return text;
  }

  static SettingType<DatabaseUrl> database() {
    return of("URL or file", DatabaseUrl::parse, DatabaseUrl::shown);
  }

  static SettingType<Listen> listen() {
    return of("HOST:PORT", Listen::parse, Listen::toString);
  }

  static SettingType<Duration> duration(Duration min, Duration max) {
    return of(
        "duration, " + Units.show(min) + " to " + Units.show(max),
        text -> {
          Duration value = Units.duration(text);
          if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw outOfRange(text, Units.show(min), Units.show(max));
          }
          return value;
        },
        Units::show);
  }

  static SettingType<Long> size(long min) {
    return of(
        "size, " + Units.show(min) + " or more",
        text -> {
          long value = Units.size(text);
          if (value < min) {
            throw new BadText(text + " is too small: " + Units.show(min) + " or more");
          }
          return value;
        },
        Units::show);
  }

  static SettingType<Long> integer(long min, long max) {
    return of(
        "whole number, " + min + " to " + max,
        text -> {
          long value;
          try {
            value = Long.parseLong(text.strip().replace("_", ""));
          } catch (NumberFormatException e) {
            throw new BadText("\"" + text + "\" is no whole number");
          }
          if (value < min || value > max) {
            throw outOfRange(text, Long.toString(min), Long.toString(max));
          }
          return value;
        },
        value -> Long.toString(value));
  }

  /** A percentage as a part of one: {@code 80%} is 0.8. */
  static SettingType<Double> percent(int min, int max) {
    return of(
        "percentage, " + min + "% to " + max + "%",
        text -> {
          String stripped = text.strip();
          if (!stripped.matches("[0-9]+(\\.[0-9]+)?%")) {
            throw new BadText("\"" + text + "\" is no percentage; write it as 80%");
          }
          double value = Double.parseDouble(stripped.substring(0, stripped.length() - 1));
          if (value < min || value > max) {
            throw outOfRange(text, min + "%", max + "%");
          }
          return value / 100;
        },
        value -> {
          String number = String.format(java.util.Locale.ROOT, "%.2f", value * 100);
          return number.replaceAll("\\.?0+$", "") + "%";
        });
  }

  /**
   * One of some words.
   *
   * @param word how a value is written
   */
  static <E extends Enum<E>> SettingType<E> choice(Class<E> values, Function<E, String> word) {
    List<E> choices = List.of(values.getEnumConstants());
    List<String> words = choices.stream().map(word).toList();
    return of(
        String.join(" \\| ", words),
        text -> {
          for (E each : choices) {
            if (word.apply(each).equals(text)) {
              return each;
            }
          }
          String allowed = String.join(", ", words);
          throw new BadText("no " + text + Nearest.asQuestion(text, words) + "; one of " + allowed);
        },
        word);
  }

  static SettingType<Boolean> flag() {
    return of(
        "true \\| false",
        text -> {
          if (!text.equals("true") && !text.equals("false")) {
            throw new BadText("\"" + text + "\" is neither true nor false");
          }
          return text.equals("true");
        },
        value -> Boolean.toString(value));
  }

  /** The type, or nothing: written {@code none}. */
  static <T> SettingType<Optional<T>> optional(SettingType<T> type) {
    return of(
        type.described(),
        text -> text.equals(NONE) ? Optional.empty() : Optional.of(type.read(text)),
        value -> value.map(type::show).orElse(NONE));
  }

  /**
   * Names, each once.
   *
   * @param none how it is written that there are none
   */
  static SettingType<List<String>> names(String none) {
    return new SettingType<>() {
      @Override
      public List<String> read(String text) {
        return text.equals(none) ? List.of() : readAll(List.of(text.split("\\s*,\\s*")));
      }

      @Override
      public List<String> readAll(List<String> texts) {
        List<String> names = new ArrayList<>();
        for (String each : texts) {
          if (each.isBlank()) {
            throw new BadText("an empty name");
          } else if (names.contains(each)) {
            throw new BadText(each + " is there twice");
          }
          names.add(each);
        }
        return List.copyOf(names);
      }

      @Override
      public boolean isList() {
        return true;
      }

      @Override
      public String show(List<String> value) {
        return value.isEmpty() ? none : value.stream().collect(Collectors.joining(", ", "[", "]"));
      }

      @Override
      public String described() {
        return "list of names";
      }
    };
  }

  private static BadText outOfRange(String text, String min, String max) {
    return new BadText(text + " is out of range: " + min + " to " + max);
  }

  private static <T> SettingType<T> of(
      String described, Function<String, T> read, Function<T, String> show) {
    return new SettingType<>() {
      @Override
      public T read(String text) {
        return read.apply(text);
      }

      @Override
      public String show(T value) {
        return show.apply(value);
      }

      @Override
      public String described() {
        return described;
      }
    };
  }
}

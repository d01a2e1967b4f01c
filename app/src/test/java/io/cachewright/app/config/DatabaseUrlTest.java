// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DatabaseUrlTest {

  @ParameterizedTest
  @CsvSource({
    "postgresql://h/d, jdbc:postgresql://h/d, ''",
    "postgres://ann@h:5433/d?sslmode=require, jdbc:postgresql://h:5433/d?sslmode=require, ann",
    "postgresql://ann:p@h1:1/d, jdbc:postgresql://h1:1/d, ann",
    "jdbc:postgresql://h/d?user=x, jdbc:postgresql://h/d, x",
    "postgresql://ann:p@h/d?user=x&ssl=true, jdbc:postgresql://h/d?ssl=true, x",
    "jdbc:postgresql:d?ssl=true, jdbc:postgresql:d?ssl=true, ''",
    "jdbc:postgresql://ann:p@h/d, jdbc:postgresql://h/d, ann",
    "jdbc:postgresql:d, jdbc:postgresql:d, ''",
    "jdbc:postgresql://h/d?user=a@b&password=p@, jdbc:postgresql://h/d, a@b",
    "postgresql://ann:p@h/d?options=x@y, jdbc:postgresql://h/d?options=x@y, ann",
    "sqlite:shop.db, jdbc:sqlite:shop.db, ''",
    "sqlite:///var/shop, jdbc:sqlite:/var/shop, ''",
    "jdbc:sqlite:/a/b.db, jdbc:sqlite:/a/b.db, ''",
    "./shop.db, jdbc:sqlite:./shop.db, ''",
    "/a/shop.sqlite3, jdbc:sqlite:/a/shop.sqlite3, ''"
  })
  void isReadInAllItsForms(String text, String jdbc, String user) {
    DatabaseUrl url = DatabaseUrl.parse(text);
    assertThat(url.jdbc()).isEqualTo(jdbc);
    assertThat(url.user().orElse("")).isEqualTo(user);
  }

  @Test
  void userAndPasswordAreDecoded() {
    DatabaseUrl url = DatabaseUrl.parse("postgresql://an%40n:p%3A%2F+w@h/d");
    assertThat(url.user()).contains("an@n");
    assertThat(url.password()).contains("p:/+w");
    assertThat(url).hasToString("postgresql://h/d");
  }

  @Test
  void thePasswordAmongTheParametersIsNoneOfTheDriversUrl() {
    DatabaseUrl url = DatabaseUrl.parse("postgresql://h/d?password=s%2Be+t&user=an%40n");
    assertThat(url.user()).contains("an@n");
    assertThat(url.password()).contains("s+e t");
    assertThat(url.jdbc()).isEqualTo("jdbc:postgresql://h/d");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ann:hidden@h/d",
        "postgres:ann:hidden@h/d",
        "postgresql:/ann:hidden@h/d",
        "mysql://ann:hid/hidden@h/d",
        "mysql://ann:hid@hidden@h/d",
        "mysql://h/d?user=ann&password=hidden"
      })
  void aPasswordIsNotRepeatedWhateverElseIsWrong(String text) {
    assertThatThrownBy(() -> DatabaseUrl.parse(text))
        .isInstanceOf(BadText.class)
        .hasMessageContaining("****")
        .hasMessageNotContaining("hidden");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "shop",
        "mysql://h/d",
        "jdbc:oracle:thin:@h",
        "postgresql:h/d",
        "postgresql://a:b@c@h/d",
        "postgresql://a:b?c@h/d",
        "postgresql://a:b?c@h/d?x=y",
        "postgresql://a:b/c@h/d",
        "postgresql://a:b?c&d@h/d?x=y",
        "postgresql://a:%zz@h/d",
        "sqlite::memory:",
        "jdbc:sqlite:"
      })
  void whatItCannotBeIsRefused(String text) {
    assertThatThrownBy(() -> DatabaseUrl.parse(text)).isInstanceOf(BadText.class);
  }
}

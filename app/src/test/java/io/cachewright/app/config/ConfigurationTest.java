// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.KeyspaceOptions;
import io.cachewright.Pattern;
import io.cachewright.WriteBehindOptions;
import io.cachewright.journal.Durability;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigurationTest {
  @TempDir Path directory;

  @Test
  void readsEverythingThatCanBeWritten() {
    Configuration configuration =
        ConfigurationReader.readText(
            """
            database: postgresql://app:secret@db.internal/shop
            listen: 0.0.0.0:6400
            pool-size: 12
            statement-timeout: 5s
            defaults: { ttl: 10m, max-bytes: 64mb, negative-ttl: 2s }
            keyspaces:
              users:
                table: public.users
                pattern: write-through
                columns: [id, name]
              products: { format: json, refresh-ahead: 80%, ttl: 1h, load-batch: 50 }
              sessions: { pattern: look-aside, ttl: 30m }
            plain: { max-size: 5000 }
            """,
            "c.yaml");
    assertThat(configuration.get(Settings.LISTEN)).isEqualTo(new Listen("0.0.0.0", 6400));
    assertThat(configuration.get(Settings.POOL_SIZE)).isEqualTo(12);
    assertThat(configuration.everyTable()).isFalse();
    assertThat(configuration.keyspaces())
        .extracting(KeyspaceSettings::name)
        .containsExactly("users", "products", "sessions");
    KeyspaceSettings users = configuration.keyspaces().get(0);
    assertThat(users.pattern()).isEqualTo(Pattern.WRITE_THROUGH);
    assertThat(users.table()).isEqualTo("public.users");
    assertThat(users.values().get(Settings.COLUMNS)).containsExactly("id", "name");
    assertThat(users.options().expireAfterWrite()).isEqualTo(Duration.ofMinutes(10));
    assertThat(users.options().maximumBytes()).isEqualTo(64L << 20);
    KeyspaceSettings products = configuration.keyspaces().get(1);
    assertThat(products.pattern()).isEqualTo(Pattern.READ_THROUGH);
    assertThat(products.table()).isEqualTo("products");
    assertThat(products.format()).isEqualTo(Format.JSON);
    assertThat(products.options().refreshAhead()).isEqualTo(0.8);
    assertThat(products.options().loadBatchMax()).isEqualTo(50);
    KeyspaceSettings sessions = configuration.keyspaces().get(2);
    assertThat(sessions.options().expireAfterWrite()).isEqualTo(Duration.ofMinutes(30));
    assertThat(configuration.plain().options().maximumSize()).isEqualTo(5_000);
    assertThat(configuration.plain().pattern()).isEqualTo(Pattern.LOOK_ASIDE);
  }

  @Test
  void nothingExpiresInARecordKeyspaceUnlessItSaysSo() {
    Configuration configuration =
        ConfigurationReader.readText(
            """
            defaults: { ttl: 10m, max-bytes: 64mb }
            keyspaces:
              carts: { pattern: record }
              codes: { pattern: record, ttl: 5m }
            plain: { pattern: record }
            """,
            "c.yaml");
    assertThat(configuration.keyspaces().get(0).options().expireAfterWrite()).isNull();
    assertThat(configuration.keyspaces().get(1).options().expireAfterWrite())
        .isEqualTo(Duration.ofMinutes(5));
    assertThat(configuration.plain().pattern()).isEqualTo(Pattern.RECORD);
    assertThat(configuration.isLogged()).isTrue();
  }

  @Test
  void writeBehindHasAGroupOfItsOwnAndTakesTheRestFromTheDefaults() {
    Configuration configuration =
        ConfigurationReader.readText(
            """
            data: /var/lib/cachewright
            durability: interval
            drain: 1m
            defaults: { write-behind: { max-delay: 2s, coalesce: false } }
            keyspaces:
              orders:
                pattern: write-behind
                write-behind: { max-delay: 50ms, max-changes: 500, max-pending: 1mb }
              carts: { pattern: write-behind }
              products: {}
            """,
            "c.yaml");
    assertThat(configuration.get(Settings.DATA)).isEqualTo("/var/lib/cachewright");
    assertThat(configuration.get(Settings.DURABILITY)).isEqualTo(Durability.INTERVAL);
    assertThat(configuration.get(Settings.DRAIN)).isEqualTo(Duration.ofMinutes(1));
    assertThat(configuration.isLogged()).isTrue();
    assertThat(configuration.keyspaces())
        .extracting(keyspace -> keyspace.options().writeBehind())
        .containsExactly(
            new WriteBehindOptions(Duration.ofMillis(50), 500, 1 << 20, /* coalesce= */ false),
            WriteBehindOptions.DEFAULT.withMaxDelay(Duration.ofSeconds(2)).withCoalesce(false),
            WriteBehindOptions.DEFAULT);
  }

  @Test
  void anEmptyFileHasTheDefaultsOfTheEngine() {
    Configuration configuration = ConfigurationReader.readText("", "c.yaml");
    assertThat(configuration.everyTable()).isTrue();
    assertThat(configuration.plain().options()).isEqualTo(KeyspaceOptions.DEFAULT);
    assertThat(configuration.keyspaceOf("users").options()).isEqualTo(KeyspaceOptions.DEFAULT);
  }

  @Test
  void everyDefaultCanBeWrittenAsItIsShown() {
    for (Setting<?> setting : Settings.ALL) {
      assertThat(setting.type().read(setting.standardText())).isEqualTo(setting.standard());
    }
  }

  @Test
  void variablesOverrideTheFileAndOptionsOverrideBoth() throws Exception {
    Path file = directory.resolve("c.yaml");
    Files.writeString(file, "listen: a:1\nuser: file\npool-size: 3\n");
    Configuration configuration =
        ConfigurationReader.read(
            file,
            Map.of("CACHEWRIGHT_LISTEN", "b:2", "CACHEWRIGHT_USER", "variable"),
            Map.of(Settings.LISTEN, "c:3"));
    assertThat(configuration.get(Settings.LISTEN)).hasToString("c:3");
    assertThat(configuration.get(Settings.USER)).contains("variable");
    assertThat(configuration.get(Settings.POOL_SIZE)).isEqualTo(3);
    assertThat(configuration.values().originOf(Settings.LISTEN)).hasToString("option --listen");
    assertThat(configuration.values().originOf(Settings.USER))
        .hasToString("variable CACHEWRIGHT_USER");
    assertThat(configuration.values().originOf(Settings.POOL_SIZE)).hasToString(file + ":3:12");
  }

  @Test
  void aWrongVariableOrOptionIsNamed() {
    assertThatThrownBy(
            () ->
                ConfigurationReader.read(
                    null, Map.of("CACHEWRIGHT_POOL_SIZE", "x"), Map.of(Settings.LISTEN, "nowhere")))
        .hasMessageContaining("variable CACHEWRIGHT_POOL_SIZE: pool-size: \"x\"")
        .hasMessageContaining("option --listen: listen: \"nowhere\"");
  }

  /** As a template leaves it whose variable is not set: it would be no password, and no error. */
  @Test
  void anEmptyVariableIsNoPasswordAndNoDirectory() {
    Map<String, String> environment =
        Map.of("CACHEWRIGHT_CLIENT_PASSWORD", "", "CACHEWRIGHT_DATA", " ");
    assertThatThrownBy(() -> ConfigurationReader.read(null, environment, Map.of()))
        .isInstanceOf(BadConfiguration.class)
        .hasMessageContaining("variable CACHEWRIGHT_CLIENT_PASSWORD: client-password: it is empty")
        .hasMessageContaining("variable CACHEWRIGHT_DATA: data: it is empty; leave it out");
  }

  @Test
  void aFileThatIsNotThereIsToldWithAWayToGetOne() {
    assertThatThrownBy(
            () -> ConfigurationReader.read(directory.resolve("no.yaml"), Map.of(), Map.of()))
        .isInstanceOf(BadConfiguration.class)
        .hasMessageContaining("no.yaml: there is no such file")
        .hasMessageContaining("cachewright init");
  }

  @Test
  void passwordsAreNeverShown() {
    Configuration configuration =
        ConfigurationReader.readText(
            "database: postgresql://app:hidden1@h/d?password=hidden2\nclient-password: hidden3\n",
            "c.yaml");
    assertThat(configuration.values().show(Settings.DATABASE)).isEqualTo("postgresql://h/d");
    assertThat(configuration.values().show(Settings.CLIENT_PASSWORD)).isEqualTo("****");
    assertThatThrownBy(() -> ConfigurationReader.readText("database: my://a:hidden@h/d", "c.yaml"))
        .hasMessageNotContaining("hidden");
  }
}

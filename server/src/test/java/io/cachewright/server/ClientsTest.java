// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.Cachewright;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.ProtocolVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/** The clients that Java programs use. */
class ClientsTest {
  private Cachewright cache;
  private CachewrightServer server;

  @BeforeEach
  void start() {
    cache = Cachewright.builder().open();
    server = CachewrightServer.builder(new Catalog(cache)).port(0).password("secret").start();
  }

  @AfterEach
  void stop() {
    server.close();
    cache.close();
  }

  @ParameterizedTest
  @EnumSource(ProtocolVersion.class)
  void lettuce(ProtocolVersion version) throws Exception {
    RedisURI uri =
        RedisURI.builder()
            .withHost("127.0.0.1")
            .withPort(server.port())
            .withPassword("secret".toCharArray())
            .build();
    RedisClient client = RedisClient.create(uri);
    client.setOptions(ClientOptions.builder().protocolVersion(version).build());
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      var commands = connection.sync();
      assertThat(commands.set("a", "1", SetArgs.Builder.nx().ex(100))).isEqualTo("OK");
      assertThat(commands.incrby("a", 41)).isEqualTo(42);
      assertThat(commands.ttl("a")).isBetween(90L, 100L);
      assertThat(commands.hset("h", Map.of("x", "1", "y", "2"))).isEqualTo(2);
      assertThat(commands.hgetall("h")).isEqualTo(Map.of("x", "1", "y", "2"));
      commands.watch("a");
      commands.multi();
      commands.incr("a");
      commands.get("a");
      TransactionResult result = commands.exec();
      assertThat(result.stream().map(String::valueOf)).containsExactly("43", "43");
      List<RedisFuture<Long>> futures = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        futures.add(connection.async().incr("n"));
      }
      assertThat(futures.get(999).get(10, TimeUnit.SECONDS)).isEqualTo(1_000);
    } finally {
      client.shutdown(0, 1, TimeUnit.SECONDS);
    }
  }

  @Test
  void jedis() {
    try (Jedis jedis = new Jedis("127.0.0.1", server.port())) {
      jedis.auth("secret");
      assertThat(jedis.ping()).isEqualTo("PONG");
      Pipeline pipeline = jedis.pipelined();
      Response<Long> last = null;
      for (int i = 0; i < 5_000; i++) {
        last = pipeline.incr("n");
      }
      pipeline.sync();
      assertThat(last.get()).isEqualTo(5_000);
      Transaction transaction = jedis.multi();
      Response<String> value = transaction.get("n");
      transaction.hset("h", "f", "v");
      transaction.exec();
      assertThat(value.get()).isEqualTo("5000");
      for (int i = 0; i < 100; i++) {
        jedis.set("key:" + i, "v");
      }
      assertThat(scanAll(jedis, "key:*")).hasSize(100);
      assertThat(jedis.info()).contains("redis_version:7.0.15");
    }
  }

  private static List<String> scanAll(Jedis jedis, String pattern) {
    List<String> found = new ArrayList<>();
    String cursor = ScanParams.SCAN_POINTER_START;
    do {
      ScanResult<String> page = jedis.scan(cursor, new ScanParams().match(pattern).count(7));
      found.addAll(page.getResult());
      cursor = page.getCursor();
    } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
    return found;
  }

  @Test
  void withoutThePasswordNothingIsAnswered() {
    try (RespClient client = new RespClient(server.port())) {
      assertThat(client.ask("GET a")).isEqualTo("(error) NOAUTH Authentication required.");
      assertThat(client.ask("AUTH wrong")).startsWith("(error) WRONGPASS");
      assertThat(client.ask("HELLO 3 AUTH default wrong")).startsWith("(error) WRONGPASS");
      assertThat(client.ask("HELLO 3 AUTH default secret")).contains("\"proto\": (integer) 3");
      assertThat(client.ask("GET a")).isEqualTo("(nil)");
    }
  }
}

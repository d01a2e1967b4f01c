// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LoadTest {

  @Test
  void repliesAreCountedHoweverTheyAreCut() throws IOException {
    byte[] replies = "+OK\r\n$3\r\nVXK\r\n$-1\r\n:42\r\n".getBytes(StandardCharsets.US_ASCII);
    for (int cut = 0; cut <= replies.length; cut++) {
      BuiltInLoad.ReplyCounter counter = new BuiltInLoad.ReplyCounter();
      ByteBuffer in = ByteBuffer.allocate(64);
      in.put(replies, 0, cut).flip();
      int first = counter.count(in);
      in.compact().put(replies, cut, replies.length - cut).flip();
      assertThat(first + counter.count(in)).as("cut at %d", cut).isEqualTo(4);
      assertThat(in.hasRemaining()).isFalse();
    }
  }

  @Test
  void anErrorIsNotAReply() {
    ByteBuffer in = ByteBuffer.wrap("-ERR no\r\n".getBytes(StandardCharsets.US_ASCII));
    assertThatThrownBy(() -> new BuiltInLoad.ReplyCounter().count(in))
        .hasMessageContaining("ERR no");
  }

  @Test
  void redisBenchmarkTellsItsRate() throws IOException {
    String csv = "\"test\",\"rps\",\"avg_latency_ms\"\n\"GET k:1\",\"123456.78\",\"0.2\"\n";
    assertThat(RedisBenchmark.rate(csv, "GET k:1")).isEqualTo(123456.78);
    assertThatThrownBy(() -> RedisBenchmark.rate(csv, "GET k:2")).hasMessageContaining("GET k:2");
  }

  @Test
  void aCommandIsSentAsAnArrayOfItsWords() {
    assertThat(BuiltInLoad.encoded("HSET h:" + Load.NUMBER + " f VXK"))
        .isEqualTo("*4\r\n$4\r\nHSET\r\n$14\r\nh:__rand_int__\r\n$1\r\nf\r\n$3\r\nVXK\r\n");
  }
}

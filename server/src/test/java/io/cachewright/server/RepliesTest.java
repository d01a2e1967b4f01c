// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The order of replies, and how much of them is in memory. */
class RepliesTest {
  private final Replies replies = new Replies(ByteBufAllocator.DEFAULT);

  private void now(String text) {
    replies.next();
    int from = replies.writer().buffer().writerIndex();
    replies.writer().simple(text);
    replies.written(from);
  }

  private String takeAll() {
    StringBuilder all = new StringBuilder();
    for (ByteBuf taken = replies.take(); taken != null; taken = replies.take()) {
      all.append(taken.toString(StandardCharsets.UTF_8));
      taken.release();
    }
    return all.toString().replace("\r\n", "");
  }

  @Test
  void r1_repliesComeInTheOrderOfTheirCommands() {
    now("a");
    Replies.Slot b = replies.reserve(/* silent= */ false);
    now("c");
    Replies.Slot d = replies.reserve(/* silent= */ false);
    now("e");
    replies.fill(d, out -> out.simple("d"));
    assertThat(takeAll()).isEqualTo("+a");
    replies.fill(b, out -> out.simple("b"));
    assertThat(takeAll()).isEqualTo("+b+c+d+e");
    assertThat(replies.waiting()).isZero();
    assertThat(replies.bytes()).isZero();
    replies.release();
  }

  /** 300 rows of 1 MB that came in one load were 300 MB in one buffer, whoever read them. */
  @Test
  void p7_answersAreEncodedAsTheyAreTaken() {
    List<Replies.Slot> slots = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      slots.add(replies.reserve(/* silent= */ false));
    }
    byte[] large = new byte[10_000];
    slots.forEach(slot -> replies.fill(slot, out -> out.bulk(large)));
    long bytes = 0;
    for (ByteBuf taken = replies.take(); taken != null; taken = replies.take()) {
      assertThat(taken.readableBytes()).isLessThan(80_000);
      bytes += taken.readableBytes();
      taken.release();
    }
    assertThat(bytes).isEqualTo(1_000 * ("$10000\r\n".length() + large.length + 2L));
    replies.release();
  }

  /** To grow by 4 MB at a time is to copy a reply of 300 MB 75 times, which took 17 s. */
  @Test
  void p7_aLargeReplyIsNotCopiedOverAndOver() {
    ByteBuf buffer = Unpooled.buffer();
    RespWriter out = new RespWriter(buffer);
    byte[] large = new byte[1 << 20];
    Set<Integer> capacities = new HashSet<>();
    for (int i = 0; i < 48; i++) {
      out.bulk(large);
      capacities.add(buffer.capacity());
    }
    assertThat(capacities).hasSizeLessThan(8);
    buffer.release();
  }
}

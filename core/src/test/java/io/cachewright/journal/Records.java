// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import io.cachewright.JournalException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What tests say to a journal: texts in, texts out. */
final class Records {
  /** The smallest journal there is. */
  static final JournalOptions SMALL =
      new JournalOptions(Durability.FSYNC, 64 << 10, 32 << 10, 256 << 10);

  private Records() {}

  /** Appends texts and waits until they are durable. */
  static void append(Journal journal, String... texts) {
    for (String text : texts) {
      append(journal, text, Acknowledgement.NONE);
    }
    journal.whenDurable(journal.lastSequence()).join();
  }

  static long append(Journal journal, String text, Acknowledgement acknowledgement) {
    byte[] payload = text.getBytes(StandardCharsets.UTF_8);
    journal.reserve(payload.length, Duration.ofSeconds(30));
    return journal.append(payload, acknowledgement);
  }

  /** All records, as {@code sequence=text}. */
  static List<String> read(Journal journal) {
    return readAfter(journal, 0);
  }

  static List<String> readAfter(Journal journal, long sequence) {
    List<String> records = new ArrayList<>();
    journal.replay(
        sequence,
        (number, payload) ->
            records.add(number + "=" + StandardCharsets.UTF_8.decode(payload).toString()));
    return records;
  }

  /** A text of so many bytes, which begins with its name. */
  static String large(String name, int bytes) {
    return name + ".".repeat(bytes - name.length());
  }

  /** Remembers, in order, who was acknowledged and who failed. */
  static final class Answers implements Acknowledgement {
    private final List<String> all = Collections.synchronizedList(new ArrayList<>());

    @Override
    public void durable(long sequence) {
      all.add("durable " + sequence);
    }

    @Override
    public void failed(long sequence, JournalException cause) {
      all.add("failed " + sequence);
    }

    List<String> all() {
      return List.copyOf(all);
    }
  }
}

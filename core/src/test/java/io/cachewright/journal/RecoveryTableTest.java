// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.journal.RecoveryTable.Place;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Every combination of inputs is exactly one case of the table, and is decided as it says. */
final class RecoveryTableTest {
  /** A case: inputs in the table's order, 0, 1 or - for either, and what it is. */
  private record Case(String name, String inputs, RecoveryTable is) {
    boolean matches(String bits) {
      for (int i = 0; i < bits.length(); i++) {
        if (inputs.charAt(i) != '-' && inputs.charAt(i) != bits.charAt(i)) {
          return false;
        }
      }
      return true;
    }
  }

  private static final List<Case> RECORD_CASES =
      List.of(
          new Case("R1", "11-0---", RecoveryTable.RECORD),
          new Case("R2", "11-10--", RecoveryTable.RECORD),
          new Case("R3", "11-11--", RecoveryTable.CORRUPT),
          new Case("R4", "10-----", RecoveryTable.CORRUPT),
          new Case("R5", "0-111-1", RecoveryTable.END),
          new Case("R6", "0-111-0", RecoveryTable.CORRUPT),
          new Case("R7", "0-110--", RecoveryTable.CORRUPT),
          new Case("R8", "0-01---", RecoveryTable.CORRUPT),
          new Case("R9", "0--0-1-", RecoveryTable.CORRUPT),
          new Case("R10", "0-10-01", RecoveryTable.END),
          new Case("R11", "0-10-00", RecoveryTable.TORN),
          new Case("R12", "0-00-0-", RecoveryTable.TORN));

  private static final List<Case> HEADER_CASES =
      List.of(
          new Case("H1", "1--", RecoveryTable.RECORD),
          new Case("H2", "00-", RecoveryTable.CORRUPT),
          new Case("H3", "010", RecoveryTable.CORRUPT),
          new Case("H4", "011", RecoveryTable.TORN));

  @Test
  void everyPlaceIsOneCase() {
    for (int input = 0; input < 1 << 7; input++) {
      String bits = bits(input, 7);
      Place place =
          new Place(
              is(bits, 0),
              is(bits, 1),
              is(bits, 2),
              is(bits, 3),
              is(bits, 4),
              is(bits, 5),
              is(bits, 6));
      assertThat(RecoveryTable.atRecord(place)).as(bits).isEqualTo(only(RECORD_CASES, bits).is());
    }
  }

  @Test
  void everyHeaderIsOneCase() {
    for (int input = 0; input < 1 << 3; input++) {
      String bits = bits(input, 3);
      assertThat(RecoveryTable.atHeader(is(bits, 0), is(bits, 1), is(bits, 2)))
          .as(bits)
          .isEqualTo(only(HEADER_CASES, bits).is());
    }
  }

  private static Case only(List<Case> cases, String bits) {
    List<Case> matching = cases.stream().filter(row -> row.matches(bits)).toList();
    assertThat(matching).as(bits).hasSize(1);
    return matching.get(0);
  }

  private static String bits(int input, int width) {
    return String.format(Locale.ROOT, "%" + width + "s", Integer.toBinaryString(input))
        .replace(' ', '0');
  }

  private static boolean is(String bits, int index) {
    return bits.charAt(index) == '1';
  }
}

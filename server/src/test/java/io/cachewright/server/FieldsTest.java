// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Fields against a map of the JDK's. */
class FieldsTest {

  private static Bytes name(int number) {
    return Bytes.of("field" + number);
  }

  private static void assertSame(Fields fields, Map<Bytes, byte[]> model) {
    assertThat(fields.size()).isEqualTo(model.size());
    Map<Bytes, byte[]> met = new TreeMap<>();
    fields.forEach((name, value) -> assertThat(met.put(name, value)).isNull());
    assertThat(met.keySet()).isEqualTo(new TreeMap<>(model).keySet());
    met.forEach((name, value) -> assertThat(value).isSameAs(model.get(name)));
    model.forEach((name, value) -> assertThat(fields.value(name)).isSameAs(value));
  }

  @Test
  void whateverIsChangedIsThere() {
    for (int seed = 0; seed < 40; seed++) {
      Random random = new Random(seed);
      int names = List.of(10, 70, 600, 5_000).get(seed % 4);
      Fields fields = Fields.NONE;
      Map<Bytes, byte[]> model = new LinkedHashMap<>();
      int rounds = names / 2;
      for (int i = 0; i < rounds; i++) {
        boolean shrinks = i > rounds * 3 / 4;
        Map<Bytes, byte[]> changes = new LinkedHashMap<>();
        int many = random.nextInt(8) == 0 ? random.nextInt(100) : random.nextInt(6);
        for (int j = 0; j < many; j++) {
          boolean goes = random.nextInt(10) < (shrinks ? 9 : 2);
          changes.put(name(random.nextInt(names)), goes ? null : new byte[] {(byte) i});
        }
        Fields before = fields;
        Map<Bytes, byte[]> modelBefore = i % 50 == 0 ? new LinkedHashMap<>(model) : null;
        fields = fields.with(changes);
        changes.forEach(
            (name, value) -> {
              if (value == null) {
                model.remove(name);
              } else {
                model.put(name, value);
              }
            });
        assertThat(fields.size()).as("seed " + seed).isEqualTo(model.size());
        if (modelBefore != null) {
          assertSame(fields, model);
          assertSame(before, modelBefore); // what it was made of has not changed
        }
      }
      assertSame(fields, model);
    }
  }

  @Test
  void fewFieldsKeepTheirOrder() {
    Fields fields = Fields.NONE;
    List<Bytes> order = new ArrayList<>();
    for (int number : new int[] {5, 3, 9, 1}) {
      fields = fields.with(Map.of(name(number), new byte[0]));
      order.add(name(number));
    }
    assertThat(fields.keySet()).containsExactlyElementsOf(order);
    fields = fields.with(Map.of(name(3), new byte[1]));
    assertThat(fields.keySet()).containsExactlyElementsOf(order);
  }

  @Test
  void growsAndShrinksThroughAllSizes() {
    Fields fields = Fields.NONE;
    Map<Bytes, byte[]> model = new LinkedHashMap<>();
    for (int i = 0; i < 3_000; i++) {
      byte[] value = {(byte) i};
      fields = fields.with(Map.of(name(i * 7919 % 3_000), value));
      model.put(name(i * 7919 % 3_000), value);
    }
    assertSame(fields, model);
    for (int i = 0; i < 3_000; i++) {
      Map<Bytes, byte[]> gone = new LinkedHashMap<>();
      gone.put(name(i), null);
      fields = fields.with(gone);
      model.remove(name(i));
      if (i % 100 == 0) {
        fields = fields.with(Map.of(Bytes.of("again" + i), new byte[0]));
        byte[] value = fields.value(Bytes.of("again" + i));
        model.put(Bytes.of("again" + i), value);
        assertSame(fields, model);
      }
    }
    assertSame(fields, model);
  }
}

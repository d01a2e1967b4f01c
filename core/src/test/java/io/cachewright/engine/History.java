// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What concurrent callers did to one key, and whether it can be explained: a history is
 * linearizable if there is an order, one call after the other, that keeps the real order of calls
 * that did not overlap and gives every call the result it had.
 *
 * <p>The search is that of Wing and Gong (JPDC 1993) with Lowe's memory of what was tried (CCPE
 * 2017).
 */
final class History {

  /** What a call does to the value, and what it answers. */
  record Effect(@Nullable Integer value, @Nullable Object result) {}

  /**
   * A call that has returned.
   *
   * @param model what the call does if it is alone
   */
  record Call(
      String what,
      Function<@Nullable Integer, Effect> model,
      @Nullable Object result,
      long begin,
      long end) {

    @Override
    public String toString() {
      return String.format("%d..%d %s = %s", begin, end, what, result);
    }
  }

  /** A point of the search: these calls are done, and the value is this. */
  private record Point(BitSet done, @Nullable Integer value) {}

  private final List<Call> calls = new ArrayList<>();

  void add(Call call) {
    calls.add(call);
  }

  int size() {
    return calls.size();
  }

  boolean isLinearizable(@Nullable Integer first) {
    calls.sort(Comparator.comparingLong(Call::begin));
    return explain(new BitSet(), first, new HashSet<>());
  }

  private boolean explain(BitSet done, @Nullable Integer value, Set<Point> tried) {
    if (done.cardinality() == calls.size()) {
      return true;
    }
    if (!tried.add(new Point((BitSet) done.clone(), value))) {
      return false;
    }
    long firstEnd = Long.MAX_VALUE;
    for (int i = done.nextClearBit(0); i < calls.size(); i = done.nextClearBit(i + 1)) {
      firstEnd = Math.min(firstEnd, calls.get(i).end());
    }
    for (int i = done.nextClearBit(0); i < calls.size(); i = done.nextClearBit(i + 1)) {
      Call call = calls.get(i);
      if (call.begin() > firstEnd) {
        break; // another ended before this one began
      }
      Effect effect = call.model().apply(value);
      if (Objects.equals(effect.result(), call.result())) {
        done.set(i);
        if (explain(done, effect.value(), tried)) {
          return true;
        }
        done.clear(i);
      }
    }
    return false;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    long zero = calls.isEmpty() ? 0 : calls.get(0).begin();
    for (Call call : calls) {
      text.append(String.format("%n%8d .. %8d  ", call.begin() - zero, call.end() - zero))
          .append(call.what())
          .append(" = ")
          .append(call.result());
    }
    return text.toString();
  }
}

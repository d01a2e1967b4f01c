// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import io.cachewright.store.Change;
import io.cachewright.store.Outcome;
import io.cachewright.store.Store;
import io.cachewright.store.Written;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A store of one's own, without transactions, that throws on one key and has a value for all
 * others.
 */
record ThrowingStore(int bad) implements Store<Integer, String> {

  @Override
  public Map<Integer, String> load(Collection<Integer> keys) {
    Map<Integer, String> found = new HashMap<>();
    for (Integer key : keys) {
      found.put(key, check(key));
    }
    return found;
  }

  @Override
  public List<Outcome<Written<String>>> apply(List<Change<Integer, String>> changes) {
    return changes.stream().map(this::apply).toList();
  }

  private Outcome<Written<String>> apply(Change<Integer, String> change) {
    try {
      return new Outcome.Applied<>(new Written<>(check(change.key()), true));
    } catch (IllegalStateException e) {
      return new Outcome.Refused<>(new RefusedException("no " + change.key(), "", e));
    }
  }

  private String check(int key) {
    if (key == bad) {
      throw new IllegalStateException("thirteen");
    }
    return "v" + key;
  }
}

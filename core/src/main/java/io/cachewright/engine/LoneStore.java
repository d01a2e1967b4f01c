// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.store.Change;
import io.cachewright.store.Outcome;
import io.cachewright.store.Store;
import io.cachewright.store.StoreGroup;
import io.cachewright.store.Transaction;
import io.cachewright.store.Written;
import java.util.List;

/** A store without a group, as a group in which every transaction has one change. */
record LoneStore<K, V>(Store<K, V> store) implements StoreGroup {

  @Override
  public List<Outcome<List<Written<?>>>> apply(List<Transaction> transactions) {
    return store.apply(transactions.stream().map(this::change).toList()).stream()
        .map(LoneStore::widen)
        .toList();
  }

  @SuppressWarnings("unchecked") // only parts of this store come here
  private Change<K, V> change(Transaction transaction) {
    if (transaction.parts().size() != 1) {
      throw new IllegalArgumentException(transaction.parts().size() + " changes in a transaction");
    }
    return (Change<K, V>) transaction.parts().get(0).change();
  }

  private static <V> Outcome<List<Written<?>>> widen(Outcome<Written<V>> outcome) {
    if (outcome instanceof Outcome.Applied<Written<V>> applied) {
      return new Outcome.Applied<>(List.of(applied.result()));
    } else if (outcome instanceof Outcome.Refused<Written<V>> refused) {
      return new Outcome.Refused<>(refused.cause());
    } else if (outcome instanceof Outcome.TryAgain<Written<V>> tryAgain) {
      return new Outcome.TryAgain<>(tryAgain.cause());
    } else if (outcome instanceof Outcome.Unknown<Written<V>> unknown) {
      return new Outcome.Unknown<>(unknown.cause());
    }
    return new Outcome.Undone<>();
  }
}

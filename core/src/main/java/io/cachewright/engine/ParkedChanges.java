// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.BadValueException;
import io.cachewright.LimitException;
import io.cachewright.NotAllowedException;
import io.cachewright.ParkedChange;
import io.cachewright.store.Change;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What people do with parked changes: look, mend, retry, discard. */
public final class ParkedChanges {
  private final Log log;
  private final Parking parking;

  ParkedChanges(Log log, Parking parking) {
    this.log = log;
    this.parking = parking;
  }

  /** All there are, the oldest first. */
  public List<ParkedChange> list() {
    return parking.list().stream().map(ParkedChanges::shown).toList();
  }

  /** How many keys have some. */
  public int size() {
    return parking.size();
  }

  private static <K, V> ParkedChange shown(ParkedKey<K, V> parked) {
    Waiting<V> sum = parked.waiting();
    return new ParkedChange(
        parked.id(),
        parked.space().name(),
        Objects.requireNonNull(parked.key()),
        sum.put() == null || sum.removes(),
        sum.put(),
        parked.reason().sqlState(),
        parked.reason().message(),
        Instant.ofEpochMilli(parked.reason().since()),
        parked.reason().tries());
  }

  /**
   * Tries it again, with the next flush.
   *
   * @return null if the store has it now; what is parked still if not
   * @throws BadValueException if nothing is parked under the id
   */
  public CompletableFuture<@Nullable ParkedChange> retry(long id) {
    Mirrored<?> mirrored = parking.with(id, ParkedChanges::mirrored);
    if (mirrored != null) {
      return mirrored.retry().thenApply(done -> left(id));
    }
    CompletableFuture<Void> refusal = log.whyNotFlushed();
    if (refusal != null) {
      return refusal.thenApply(never -> null);
    }
    log.reserveNote();
    WriteBehind behind;
    try {
      behind =
          parking.with(
              id,
              parked -> {
                parking.retry(parked, log::note);
                return Objects.requireNonNull(parked.space().behind());
              });
    } catch (BadValueException e) {
      log.releaseNote();
      throw e;
    }
    return log.engine().locked(behind::flushEmptyToo).thenApply(done -> left(id));
  }

  private @Nullable ParkedChange left(long id) {
    ParkedKey<?, ?> still = parking.find(id);
    return still == null ? null : shown(still);
  }

  /** A parked key whose space is mirrored: what is tried again is what the key has now. */
  private record Mirrored<K>(Mirror<K, ?> mirror, K key) {

    CompletableFuture<Void> retry() {
      return mirror.retry(key);
    }
  }

  private static <K, V> @Nullable Mirrored<K> mirrored(ParkedKey<K, V> parked) {
    Mirror<K, V> mirror = Recorded.mirrorOf(parked.space());
    return mirror == null ? null : new Mirrored<>(mirror, parked.key());
  }

  /**
   * Lays a value over the one that was refused, and tries it again.
   *
   * @param patch as the store has values: a {@link io.cachewright.Row} of columns over a table
   * @throws LimitException if it is being tried already
   * @throws NotAllowedException if it is of a record keyspace: its mirror shows what the key has
   */
  public CompletableFuture<@Nullable ParkedChange> retry(long id, Object patch) {
    CompletableFuture<Void> refusal = log.whyNotFlushed();
    if (refusal != null) {
      return refusal.thenApply(never -> null);
    }
    ParkedKey<?, ?> mended =
        parking.with(
            id,
            parked -> {
              if (mirrored(parked) != null) {
                throw new NotAllowedException(
                    "parked change "
                        + id
                        + " is of record keyspace "
                        + parked.space().name()
                        + ", whose mirror shows what its keys have: put another value under key "
                        + parked.key()
                        + ", which is then tried");
              }
              checkNotTried(parked);
              ParkedKey<?, ?> next = patched(parked, patch);
              parking.replace(next);
              return next;
            });
    evict(mended);
    return retry(id);
  }

  @SuppressWarnings("unchecked") // what does not fit fails in over(), before anything is changed
  private static <K, V> ParkedKey<K, V> patched(ParkedKey<K, V> parked, Object patch) {
    return parked.mended(new Change.Put<>(parked.key(), (V) patch));
  }

  /**
   * Drops it for good. The cache shows what the store has from then on.
   *
   * @throws BadValueException if nothing is parked under the id
   * @throws LimitException if it is being tried, or the flush that parked it still is
   */
  public ParkedChange discard(long id) {
    ParkedKey<?, ?> gone =
        parking.with(
            id,
            parked -> {
              checkNotTried(parked);
              parking.remove(parked);
              return parked;
            });
    evict(gone);
    return shown(gone);
  }

  /** What a flush that runs takes along must not become something else on its way. */
  private void checkNotTried(ParkedKey<?, ?> parked) {
    Mirrored<?> mirrored = mirrored(parked);
    WriteBehind behind = parked.space().behind();
    long position =
        mirrored != null
            ? mirrored.mirror().position()
            : log.engine().locked(Objects.requireNonNull(behind)::position);
    if (parked.retryFrom() > 0 || position < parked.sequence()) {
      throw new LimitException(
          "parked change "
              + parked.id()
              + " of keyspace "
              + parked.space().name()
              + " is part of a flush that is being tried: mend or discard it when that is over");
    }
  }

  private static <K, V> void evict(ParkedKey<K, V> parked) {
    if (mirrored(parked) == null) {
      parked.space().evict(parked.key());
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.CacheException;
import io.cachewright.ConfigurationException;
import io.cachewright.StoreAwayException;
import io.cachewright.WriteBehindStatus;
import io.cachewright.engine.Engine;
import io.cachewright.engine.Space;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A flush that somebody waits for. A mirror whose table cannot be used tries again for ever, since
 * people mend that; those who wait are told instead, for they may be the ones who can.
 *
 * <p>Its state is looked at now and then: nobody else has to be told of it.
 */
final class AwaitedFlush {
  private static final long LOOK_EVERY_MILLIS = 100;

  /** So often it may fail for a reason that may pass by itself, as a lock of others. */
  private static final int FAILURES_MAX = 3;

  private final CompletableFuture<Void> flush;
  private final CompletableFuture<Void> answer;
  private final List<Mirrored> mirrors;

  /**
   * @param retries how many there had been when the flush began
   */
  private record Mirrored(Space<?, ?> space, long retries) {

    WriteBehindStatus status() {
      return Objects.requireNonNull(space.writeBehind());
    }

    @Nullable CacheException reason() {
      WriteBehindStatus status = status();
      CacheException cause = status.failing();
      boolean lasts =
          cause instanceof ConfigurationException || status.retries() - retries >= FAILURES_MAX;
      if (cause == null || !lasts) {
        return null;
      }
      String message =
          "the mirror of keyspace "
              + space.name()
              + " does not get on: "
              + cause.getMessage()
              + " (what waits is kept; it is tried again by itself, every 15 s at least)";
      return cause instanceof ConfigurationException
          ? new ConfigurationException(message, cause)
          : new StoreAwayException(message, cause);
    }
  }

  private AwaitedFlush(CompletableFuture<Void> flush, List<Mirrored> mirrors) {
    this.flush = flush;
    this.answer = flush.copy();
    this.mirrors = mirrors;
  }

  /**
   * Answers the same flush, which fails if a mirror among these spaces cannot get on.
   *
   * @param flush of these spaces, begun just now
   */
  static CompletableFuture<Void> of(CompletableFuture<Void> flush, List<Space<?, ?>> spaces) {
    List<Mirrored> mirrors =
        spaces.stream()
            .filter(space -> space.pattern().isRecord() && space.writeBehind() != null)
            .map(
                space -> new Mirrored(space, Objects.requireNonNull(space.writeBehind()).retries()))
            .toList();
    AwaitedFlush awaited = new AwaitedFlush(flush, mirrors);
    if (!mirrors.isEmpty()) {
      awaited.look();
    }
    return awaited.answer;
  }

  private void look() {
    if (flush.isDone()) {
      return;
    }
    for (Mirrored each : mirrors) {
      CacheException reason = each.reason();
      if (reason != null) {
        answer.completeExceptionally(reason);
        flush.cancel(false); // or who asks again and again would leave more and more behind
        return;
      }
    }
    Engine engine = mirrors.get(0).space().engine();
    CompletableFuture.delayedExecutor(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS, engine::execute)
        .execute(this::look);
  }
}

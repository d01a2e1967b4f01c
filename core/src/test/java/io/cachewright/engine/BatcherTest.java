// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.Clients;
import io.cachewright.LimitException;
import io.cachewright.NotAllowedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatcherTest {

  private record Request(int number, CompletableFuture<Integer> answer) {}

  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger runningMost = new AtomicInteger();
  private final ConcurrentLinkedQueue<Request> ran = new ConcurrentLinkedQueue<>();
  private volatile @Nullable Error error;

  /** Requests of this number and above end with the error. */
  private volatile int errorFrom;

  private final Batcher.Work<Request> work =
      new Batcher.Work<>() {
        @Override
        public void run(List<Request> batch, List<Runnable> answers) {
          BatcherTest.this.run(batch, answers);
        }

        @Override
        public void fail(List<Request> batch, Throwable error) {
          batch.forEach(request -> request.answer().completeExceptionally(error));
        }
      };

  @AfterEach
  void close() {
    executor.shutdownNow();
  }

  private Batcher<Request> batcher(int batchMax, int lanes, int waitingMax) {
    return batcher(batchMax, lanes, waitingMax, Duration.ofMillis(1));
  }

  private Batcher<Request> batcher(int batchMax, int lanes, int waitingMax, Duration waitMax) {
    return new Batcher<>(
        new Batcher.Bounds("tests", batchMax, lanes, waitingMax, waitMax), executor, work);
  }

  private void run(List<Request> batch, List<Runnable> answers) {
    runningMost.accumulateAndGet(running.incrementAndGet(), Math::max);
    ran.addAll(batch);
    running.decrementAndGet();
    for (Request request : batch) {
      if (error != null && request.number() >= errorFrom) {
        throw error;
      }
      answers.add(() -> request.answer().complete(request.number()));
    }
  }

  private static Request submit(Batcher<Request> batcher, int number, boolean callerRuns) {
    Request request = new Request(number, new CompletableFuture<>());
    batcher.reserve(true);
    batcher.add(request);
    batcher.start(callerRuns);
    return request;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void b1_b2_everyRequestRunsOnceAndNoMoreLanesThanGiven(int lanes) throws Exception {
    Batcher<Request> batcher = batcher(7, lanes, 1_000_000);
    int each = 5_000;
    try (Clients clients = new Clients()) {
      List<Future<Integer>> all = new ArrayList<>();
      for (int client = 0; client < 4; client++) {
        int first = client * each;
        boolean callerRuns = client % 2 == 0;
        all.add(
            clients.start(
                () -> {
                  List<Request> unanswered = new ArrayList<>();
                  for (int i = 0; i < each; i++) {
                    Request request = submit(batcher, first + i, callerRuns);
                    if (callerRuns) {
                      assertThat(Clients.end(request.answer())).isEqualTo(first + i);
                    } else {
                      unanswered.add(request);
                    }
                  }
                  for (Request request : unanswered) {
                    assertThat(Clients.end(request.answer())).isEqualTo(request.number());
                  }
                  return 0;
                }));
      }
      for (Future<Integer> one : all) {
        Clients.end(one);
      }
    }
    assertThat(ran.stream().map(Request::number)).doesNotHaveDuplicates().hasSize(4 * each);
    assertThat(runningMost.get()).isLessThanOrEqualTo(lanes);
  }

  @Test
  void b1_withOneLaneTheOrderIsThatOfAdd() throws Exception {
    Batcher<Request> batcher = batcher(3, 1, 100_000);
    Request last = null;
    for (int i = 0; i < 10_000; i++) {
      last = submit(batcher, i, false);
    }
    Clients.end(last.answer());
    assertThat(ran.stream().map(Request::number)).isSorted().hasSize(10_000);
  }

  @Test
  void b3_theBoundIsNamed() {
    Batcher<Request> batcher = batcher(10, 1, 2);
    batcher.reserve(false);
    batcher.reserve(false);
    assertThatThrownBy(() -> batcher.reserve(false))
        .isInstanceOf(LimitException.class)
        .hasMessage(
            "tests: 2 are waiting, which is waitingMax. Try again later, or send less at once");
    assertThatThrownBy(() -> batcher.reserve(true)).hasMessageContaining("gave up after 1 ms");
    batcher.release();
    batcher.reserve(false);
  }

  /** Two who ask for several keys each, and have all the room for the first of them. */
  @Test
  void b3_whoWaitsForRoomHasStartedWhatHasIt() throws Exception {
    Batcher<Request> batcher = batcher(2, 1, 2, Duration.ofSeconds(10));
    CountDownLatch firstAdded = new CountDownLatch(2);
    try (Clients clients = new Clients()) {
      List<Future<Integer>> both =
          clients.start(
              2,
              () -> {
                batcher.reserve(true);
                batcher.add(new Request(1, new CompletableFuture<>()));
                firstAdded.countDown();
                firstAdded.await();
                return Clients.end(submit(batcher, 2, true).answer());
              });
      for (Future<Integer> one : both) {
        assertThat(Clients.end(one)).isEqualTo(2);
      }
    }
  }

  @Test
  void b4_anAnswerMayWaitForAnotherRequest() throws Exception {
    Batcher<Request> batcher = batcher(10, 1, 10);
    CompletableFuture<Integer> inner = new CompletableFuture<>();
    Request outer = new Request(1, new CompletableFuture<>());
    Future<?> answered =
        outer
            .answer()
            .thenAccept(
                number ->
                    inner.complete(submit(batcher, 2, /* callerRuns= */ true).answer().join()));
    batcher.reserve(false);
    batcher.add(outer);
    batcher.start(false);
    Clients.end(answered);
    assertThat(inner).isCompletedWithValue(2);
  }

  @Test
  void b6_anErrorAnswersTheBatchAndFreesTheLane() throws Exception {
    Batcher<Request> batcher = batcher(10, 1, 10);
    StackOverflowError full = new StackOverflowError();
    error = full;
    for (int i = 0; i < 20; i++) { // more than there is room for at once
      Request request = submit(batcher, i, /* callerRuns= */ i % 2 == 0);
      assertThatThrownBy(() -> Clients.end(request.answer())).hasCause(full);
    }
    error = null;
    assertThat(Clients.end(submit(batcher, 20, true).answer())).isEqualTo(20);
  }

  @Test
  void b6_whoHasAnAnswerWhenTheErrorComesKeepsIt() {
    Batcher<Request> batcher = batcher(10, 1, 10);
    StackOverflowError full = new StackOverflowError();
    error = full;
    errorFrom = 1;
    Request before = new Request(0, new CompletableFuture<>());
    Request after = new Request(1, new CompletableFuture<>());
    for (Request request : List.of(before, after)) {
      batcher.reserve(false);
      batcher.add(request);
    }
    batcher.start(/* callerRuns= */ true);
    assertThat(before.answer()).isCompletedWithValue(0);
    assertThatThrownBy(after.answer()::join).hasCause(full);
  }

  @Test
  void b7_afterTheShutdownNoneIsLetInAndThoseWhoWereAreAnswered() throws Exception {
    Batcher<Request> batcher = batcher(2, 1, 10);
    List<Request> admitted = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      Request request = new Request(i, new CompletableFuture<>());
      batcher.reserve(false);
      batcher.add(request);
      admitted.add(request);
    }
    executor.shutdown();
    batcher.start(/* callerRuns= */ false);
    for (Request request : admitted) {
      assertThat(Clients.end(request.answer())).isEqualTo(request.number());
    }
    assertThatThrownBy(() -> batcher.reserve(true))
        .isInstanceOf(NotAllowedException.class)
        .hasMessage("tests: this cache has been closed");
  }

  @Test
  void b4_b7_afterTheShutdownAnAnswerMayWaitForAnotherRequestToo() throws Exception {
    Batcher<Request> batcher = batcher(1, 1, 10);
    Request first = new Request(1, new CompletableFuture<>());
    Request second = new Request(2, new CompletableFuture<>());
    CompletableFuture<Integer> both =
        first
            .answer()
            .thenApply(
                number -> {
                  batcher.start(/* callerRuns= */ true); // as who joins a load does
                  return second.answer().join();
                });
    for (Request request : List.of(first, second)) {
      batcher.reserve(false);
      batcher.add(request);
    }
    executor.shutdown();
    Thread leader = new Thread(() -> batcher.start(/* callerRuns= */ true));
    leader.setDaemon(true);
    leader.start();
    assertThat(both.get(5, TimeUnit.SECONDS)).isEqualTo(2);
  }

  @Test
  void b6_whoHasNoStackLeftToPassTheLaneOnKeepsIt() throws Exception {
    Batcher<Request> full =
        new Batcher<>(
            new Batcher.Bounds("tests", 1, 1, 10, Duration.ofMillis(1)),
            new AbstractExecutorService() {
              @Override
              public void execute(Runnable command) {
                throw new StackOverflowError();
              }

              @Override
              public void shutdown() {}

              @Override
              public List<Runnable> shutdownNow() {
                return List.of();
              }

              @Override
              public boolean isShutdown() {
                return false;
              }

              @Override
              public boolean isTerminated() {
                return false;
              }

              @Override
              public boolean awaitTermination(long timeout, TimeUnit unit) {
                return true;
              }
            },
            work);
    List<Request> both =
        List.of(
            new Request(1, new CompletableFuture<>()), new Request(2, new CompletableFuture<>()));
    for (Request request : both) {
      full.reserve(false);
      full.add(request);
    }
    full.start(/* callerRuns= */ true);
    assertThat(both).allMatch(request -> request.answer().isDone());
  }
}

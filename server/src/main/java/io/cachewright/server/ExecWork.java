// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.ConflictException;
import io.cachewright.engine.Engine;
import io.cachewright.engine.Space;
import io.cachewright.engine.Unit;
import io.cachewright.engine.Watch;
import io.cachewright.server.Plan.Spot;
import io.cachewright.server.Plan.Step;
import io.cachewright.store.Written;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An EXEC with commands on rows among its commands.
 *
 * <pre>
 *   load all keys, a SELECT per table ─► step after step: read, gather writes ─► commit
 *     ▲                                                                            │ overtaken
 *     └── when the keys are quiet, unless the client watches what was written ◄────┘
 * </pre>
 *
 * <p>X1: the rows change in one transaction of the database. Commands on plain keys run under the
 * same hold of the write lock in which the rows' changes become visible, and not at all if these
 * are refused. X2: a client's watches are looked at when the transaction is handed to the database;
 * what is written while the database commits comes after it.
 */
final class ExecWork implements Work {
  private static final int TRIES_MAX = 100;

  /** A command of the transaction: a plan, or one on plain keys. */
  record Part(@Nullable Plan plan, @Nullable Runnable plain) {}

  private final Engine engine;
  private final List<Part> parts;
  private final List<Watch> watches;
  private final RespWriter plainOut;
  private final List<Spot> spots = new ArrayList<>();

  /**
   * @param watches the client's; closed in the end
   * @param plainOut where the plain parts write their replies
   */
  ExecWork(Engine engine, List<Part> parts, List<Watch> watches, RespWriter plainOut) {
    this.engine = engine;
    this.parts = parts;
    this.watches = watches;
    this.plainOut = plainOut;
    for (Part part : parts) {
      if (part.plan() != null) {
        spots.addAll(part.plan().reads());
        if (part.plan().reads().isEmpty()) {
          part.plan().then().apply(List.of()).writes().stream()
              .map(write -> new Spot(write.space(), write.change().key()))
              .forEach(spots::add);
        }
      }
    }
  }

  @Override
  public Kind kind() {
    return Kind.TRANSACTION;
  }

  @Override
  public Collection<Spot> spots() {
    return spots;
  }

  @Override
  public CompletableFuture<Answer> start() {
    CompletableFuture<Answer> answer;
    try {
      answer = load().thenCompose(loaded -> attempt(1));
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    return answer
        .exceptionally(
            error -> {
              String reason = Errors.line(error);
              return out -> out.error("EXECABORT Transaction discarded because of: " + reason);
            })
        .whenComplete((done, error) -> watches.forEach(Watch::close));
  }

  /** All keys that will be read, so that they come in one load per table. */
  private CompletableFuture<?> load() {
    Map<Space<?, ?>, Set<Object>> keys = new LinkedHashMap<>();
    for (Part part : parts) {
      List<Spot> reads = part.plan() == null ? List.of() : part.plan().reads();
      for (Spot spot : reads) {
        keys.computeIfAbsent(spot.space(), absent -> new LinkedHashSet<>()).add(spot.key());
      }
    }
    return CompletableFuture.allOf(
        keys.entrySet().stream()
            .map(each -> entries(each.getKey(), each.getValue()))
            .toArray(CompletableFuture<?>[]::new));
  }

  @SuppressWarnings("unchecked") // a spot's key is of its space's type
  private static <K, V> CompletableFuture<?> entries(Space<K, V> space, Set<Object> keys) {
    return space.entries((Set<K>) keys, /* mayRun= */ false);
  }

  private CompletableFuture<Answer> attempt(int number) {
    Unit unit = new Unit(engine);
    List<@Nullable Step> steps = new ArrayList<>();
    return gather(unit, steps, 0)
        .thenCompose(gathered -> commit(unit, steps, number))
        .whenComplete((answer, error) -> unit.close());
  }

  /** One part after the other, because a later one sees what an earlier one writes. */
  private CompletableFuture<?> gather(Unit unit, List<@Nullable Step> steps, int from) {
    for (int i = from; i < parts.size(); i++) {
      Plan plan = parts.get(i).plan();
      if (plan == null) {
        steps.add(null);
        continue;
      }
      CompletableFuture<List<@Nullable Object>> values = PlanWork.readAll(unit, plan.reads());
      if (!values.isDone()) {
        int next = i + 1;
        return values.thenCompose(
            loaded -> {
              add(unit, steps, plan.then().apply(loaded));
              return gather(unit, steps, next);
            });
      }
      add(unit, steps, plan.then().apply(values.join()));
    }
    return CompletableFuture.completedFuture(null);
  }

  private static void add(Unit unit, List<@Nullable Step> steps, Step step) {
    step.writes().forEach(unit::write);
    steps.add(step);
  }

  private CompletableFuture<Answer> commit(Unit unit, List<@Nullable Step> steps, int number) {
    List<@Nullable ByteBuf> replies = new ArrayList<>();
    return unit.commit(watches, () -> runAlongside(steps, replies), /* mayRun= */ false)
        .thenCompose(
            written -> {
              if (written != null) {
                return CompletableFuture.completedFuture(answer(steps, replies, written));
              } else if (watches.stream().anyMatch(Watch::isTouched)) {
                return CompletableFuture.completedFuture(RespWriter::nilArray);
              }
              return again(unit, number);
            });
  }

  private CompletableFuture<Answer> again(Unit unit, int number) {
    if (number == TRIES_MAX) {
      throw new ConflictException(
          "what it reads was written by others on each of " + TRIES_MAX + " tries");
    }
    return CompletableFuture.allOf(
            Stream.of(unit.whenQuiet(), engine.whenQuiet(watches))
                .toArray(CompletableFuture<?>[]::new))
        .thenCompose(quiet -> attempt(number + 1));
  }

  /** X1. Under the write lock, after the changes of rows; must not throw. */
  private void runAlongside(List<@Nullable Step> steps, List<@Nullable ByteBuf> replies) {
    for (int i = 0; i < parts.size(); i++) {
      Step step = steps.get(i);
      Runnable plain = parts.get(i).plain();
      if (step != null) {
        step.effect().run();
      }
      if (plain == null) {
        replies.add(null);
      } else {
        ByteBuf reply = Unpooled.buffer();
        plainOut.to(reply);
        plain.run();
        replies.add(reply);
      }
    }
  }

  private static Answer answer(
      List<@Nullable Step> steps, List<@Nullable ByteBuf> replies, List<Written<?>> written) {
    List<Answer> answers = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      ByteBuf reply = replies.get(i);
      if (step != null) {
        int to = from + step.writes().size();
        answers.add(step.answer().apply(written.subList(from, to)));
        from = to;
      } else if (reply != null) {
        answers.add(out -> out.buffer().writeBytes(reply));
      }
    }
    return out -> {
      out.array(answers.size());
      answers.forEach(each -> each.write(out));
    };
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.ConflictException;
import io.cachewright.engine.Draft;
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
 * Commands that are made together and may have to wait: an EXEC with commands on rows among them,
 * or commands on plain keys for which the journal has no room at once.
 *
 * <pre>
 *   load all keys, a SELECT per table ─► step after step: read, gather writes ─► commit
 *     ▲                                                                            │ overtaken
 *     └── when the keys are quiet, unless the client watches what was written ◄────┘
 * </pre>
 *
 * <p>X1: the rows change in one transaction of the database. Commands on plain keys run under the
 * same hold of the write lock in which the rows' changes become visible, and not at all if these
 * are refused. If some of them are to be logged, they run as steps do, and are logged with the
 * rows' changes. X2: a client's watches are looked at when the transaction is handed to the
 * database; what is written while the database commits comes after it.
 */
final class ExecWork implements Work {
  private static final int TRIES_MAX = 100;

  /** A command of the transaction: a plan, or one on plain keys. */
  record Part(@Nullable Plan plan, @Nullable Runnable plain) {}

  /**
   * What the plain parts need.
   *
   * @param out where they write their replies
   * @param draft where their changes are gathered that are to be logged; null if none are
   */
  record Plains(RespWriter out, @Nullable Draft draft) {

    /** Runs a plain part; answers its reply. */
    ByteBuf run(Runnable part) {
      ByteBuf reply = Unpooled.buffer();
      out.to(reply);
      part.run();
      return reply;
    }
  }

  /** What came of a part so far: of a plan a step, of another its reply once it has run. */
  private record Done(@Nullable Step step, @Nullable ByteBuf reply) {}

  private final Engine engine;
  private final List<Part> parts;
  private final List<Watch> watches;
  private final Plains plains;
  private final boolean alone;
  private final List<Spot> spots = new ArrayList<>();

  /**
   * @param watches the client's; closed in the end
   */
  ExecWork(Engine engine, List<Part> parts, List<Watch> watches, Plains plains) {
    this(engine, parts, watches, plains, /* alone= */ false);
  }

  /** A command on plain keys that is no transaction of its client's. */
  static ExecWork alone(Engine engine, Part part, Plains plains) {
    return new ExecWork(engine, List.of(part), List.of(), plains, /* alone= */ true);
  }

  private ExecWork(
      Engine engine, List<Part> parts, List<Watch> watches, Plains plains, boolean alone) {
    this.engine = engine;
    this.parts = parts;
    this.watches = watches;
    this.plains = plains;
    this.alone = alone;
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
        .exceptionally(this::refusal)
        .whenComplete((done, error) -> watches.forEach(Watch::close));
  }

  private Answer refusal(Throwable error) {
    String reason = Errors.line(error);
    String line = alone ? reason : "EXECABORT Transaction discarded because of: " + reason;
    return out -> out.error(line);
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
    List<Done> done = new ArrayList<>();
    if (plains.draft() != null) {
      plains.draft().begin(unit);
    }
    return gather(unit, done)
        .thenCompose(gathered -> commit(unit, done, number))
        .whenComplete((answer, error) -> unit.close());
  }

  /** One part after the other, because a later one sees what an earlier one writes. */
  private CompletableFuture<?> gather(Unit unit, List<Done> done) {
    while (done.size() < parts.size()) {
      Part part = parts.get(done.size());
      Plan plan = part.plan();
      if (plan == null) {
        Runnable plain = part.plain();
        done.add(
            new Done(null, plain == null || plains.draft() == null ? null : plains.run(plain)));
        continue;
      }
      CompletableFuture<List<@Nullable Object>> values = PlanWork.readAll(unit, plan.reads());
      if (!values.isDone()) {
        return values.thenCompose(
            loaded -> {
              add(unit, done, plan.then().apply(loaded));
              return gather(unit, done);
            });
      }
      add(unit, done, plan.then().apply(values.join()));
    }
    return CompletableFuture.completedFuture(null);
  }

  private static void add(Unit unit, List<Done> done, Step step) {
    step.writes().forEach(unit::write);
    done.add(new Done(step, null));
  }

  private CompletableFuture<Answer> commit(Unit unit, List<Done> done, int number) {
    Draft draft = plains.draft();
    if (draft != null) {
      draft.giveTo(unit);
    }
    return unit.commit(watches, () -> runAlongside(done), /* mayRun= */ false)
        .thenCompose(
            written -> {
              if (written != null) {
                Answer answer = answer(done, written);
                return draft == null
                    ? CompletableFuture.completedFuture(answer)
                    : draft.whenSafe().thenApply(safe -> answer);
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
  private void runAlongside(List<Done> done) {
    for (int i = 0; i < parts.size(); i++) {
      Step step = done.get(i).step();
      Runnable plain = parts.get(i).plain();
      if (step != null) {
        step.effect().run();
      } else if (plain != null && done.get(i).reply() == null) {
        done.set(i, new Done(null, plains.run(plain)));
      }
    }
  }

  private Answer answer(List<Done> done, List<Written<?>> written) {
    List<Answer> answers = new ArrayList<>();
    int from = 0;
    for (Done each : done) {
      Step step = each.step();
      ByteBuf reply = each.reply();
      if (step != null) {
        int to = from + step.writes().size();
        answers.add(step.answer().apply(written.subList(from, to)));
        from = to;
      } else if (reply != null) {
        answers.add(out -> out.buffer().writeBytes(reply));
      }
    }
    if (alone) {
      return answers.get(0);
    }
    return out -> {
      out.array(answers.size());
      answers.forEach(each -> each.write(out));
    };
  }
}

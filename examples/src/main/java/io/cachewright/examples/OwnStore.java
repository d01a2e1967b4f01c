// SPDX-License-Identifier: Apache-2.0
package io.cachewright.examples;

import io.cachewright.Cachewright;
import io.cachewright.Keyspace;
import io.cachewright.RefusedException;
import io.cachewright.StoreAwayException;
import io.cachewright.store.Change;
import io.cachewright.store.Outcome;
import io.cachewright.store.Store;
import io.cachewright.store.Written;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Code of your own behind the cache: an ORM, a service, or as here a directory with a file for each
 * key.
 */
public final class OwnStore {

  // tag::store[]
  /** A directory of small text files. Calls come from several threads at once. */
  static final class Notes implements Store<String, String> {
    private final Path directory;

    Notes(Path directory) {
      this.directory = directory;
    }

    /** All keys that were missed meanwhile come together. A key that is left out has no value. */
    @Override
    public Map<String, String> load(Collection<String> keys) {
      Map<String, String> found = new HashMap<>();
      for (String key : keys) {
        try {
          if (Files.exists(file(key))) {
            found.put(key, Files.readString(file(key)));
          }
        } catch (IOException e) { // not "no such note": readers get this error, and may try again
          throw new StoreAwayException("cannot read " + file(key), e);
        }
      }
      return found;
    }

    /** An outcome for each change. Only after "applied" does the cache have it. */
    @Override
    public List<Outcome<Written<String>>> apply(List<Change<String, String>> changes) {
      List<Outcome<Written<String>>> outcomes = new ArrayList<>();
      for (Change<String, String> change : changes) {
        try {
          outcomes.add(new Outcome.Applied<>(write(change)));
        } catch (IOException e) { // perhaps the disk is full: the writer may try again
          outcomes.add(
              new Outcome.TryAgain<>(new StoreAwayException("cannot write " + change.key(), e)));
        } catch (IllegalArgumentException e) { // trying again would not help
          outcomes.add(new Outcome.Refused<>(new RefusedException("no note is called so", "", e)));
        }
      }
      return outcomes;
    }

    private Written<String> write(Change<String, String> change) throws IOException {
      boolean existed = Files.exists(file(change.key()));
      if (change instanceof Change.Put<String, String> put) {
        Files.writeString(file(put.key()), put.value());
        return new Written<>(put.value(), existed);
      } else if (change instanceof Change.Insert<String, String> insert) {
        if (!existed) { // computeIfAbsent: what is there already stays
          Files.writeString(file(insert.key()), insert.value());
        }
        return new Written<>(Files.readString(file(insert.key())), existed);
      }
      Files.deleteIfExists(file(change.key()));
      return new Written<>(null, existed);
    }

    private Path file(String key) {
      if (!key.matches("[a-z]+")) {
        throw new IllegalArgumentException(key + " is not made of small letters");
      }
      return directory.resolve(key + ".txt");
    }
  }

  // end::store[]

  private OwnStore() {}

  public static void main(String... args) throws IOException {
    Path directory = Files.createTempDirectory("cachewright-notes");
    try (Cachewright cache = Cachewright.builder().open()) {
      // tag::use[]
      Keyspace<String, String> notes =
          cache
              .keyspace("notes", String.class, String.class)
              .store(new Notes(directory))
              .writeThrough()
              .open();

      notes.put("shopping", "coal, iron"); // the file is written when this returns
      // end::use[]
      System.out.println("in the file: " + Files.readString(directory.resolve("shopping.txt")));

      notes.update("shopping", text -> text + ", tongs");
      notes.evict("shopping");
      System.out.println("loaded again: " + notes.get("shopping"));

      try {
        notes.put("../etc", "no");
      } catch (RefusedException e) {
        System.out.println("refused: " + e.getMessage());
      }
      System.out.println("removed: " + notes.remove("shopping"));
    } finally {
      Files.delete(directory);
    }
  }
}

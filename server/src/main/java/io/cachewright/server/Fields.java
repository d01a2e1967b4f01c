// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a hash and their values. Never changes: a change makes another one, which shares
 * with this one all that is the same. So it can be read, and written to a snapshot, without a lock.
 *
 * <pre>
 *   few fields    [ d, a, c ]                       in the order in which they were added
 *   many          [ a..f ] [ g..m ] [ n..z ] ...    sorted; a change copies one chunk, and the
 *                                                   list of them
 * </pre>
 *
 * <p>F1: no chunk is empty, and none is larger than {@link #CHUNK_MAX}. F2: if there are several
 * chunks, every one is sorted, and all its names come before those of the next.
 */
final class Fields extends AbstractMap<Bytes, byte[]> {
  /** Up to so many are looked through one by one. */
  private static final int FEW_MAX = 64;

  private static final int CHUNK_MAX = 512;

  /** So many changes at once are made in one go rather than one after another. */
  private static final int MANY_CHANGES = 64;

  static final Fields NONE = new Fields(new Chunk[0], 0);

  private final Chunk[] chunks;
  private final int size;

  private Fields(Chunk[] chunks, int size) {
    this.chunks = chunks;
    this.size = size;
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Chunk(Bytes[] names, byte[][] values) {

    int size() {
      return names.length;
    }

    /** Where the name is, or -1 less the place where it would be. */
    int find(Bytes name, boolean sorted) {
      if (sorted) {
        return Arrays.binarySearch(names, name);
      }
      for (int i = 0; i < names.length; i++) {
        if (names[i].equals(name)) {
          return i;
        }
      }
      return -names.length - 1;
    }

    Chunk with(int at, byte[] value) {
      byte[][] changed = values.clone();
      changed[at] = value;
      return new Chunk(names, changed);
    }

    Chunk with(int at, Bytes name, byte[] value) {
      Bytes[] moreNames = new Bytes[size() + 1];
      byte[][] moreValues = new byte[size() + 1][];
      System.arraycopy(names, 0, moreNames, 0, at);
      System.arraycopy(values, 0, moreValues, 0, at);
      moreNames[at] = name;
      moreValues[at] = value;
      System.arraycopy(names, at, moreNames, at + 1, size() - at);
      System.arraycopy(values, at, moreValues, at + 1, size() - at);
      return new Chunk(moreNames, moreValues);
    }

    Chunk without(int at) {
      Bytes[] lessNames = new Bytes[size() - 1];
      byte[][] lessValues = new byte[size() - 1][];
      System.arraycopy(names, 0, lessNames, 0, at);
      System.arraycopy(values, 0, lessValues, 0, at);
      System.arraycopy(names, at + 1, lessNames, at, size() - at - 1);
      System.arraycopy(values, at + 1, lessValues, at, size() - at - 1);
      return new Chunk(lessNames, lessValues);
    }

    Chunk part(int from, int to) {
      return new Chunk(Arrays.copyOfRange(names, from, to), Arrays.copyOfRange(values, from, to));
    }
  }

  /** These fields, of which the map is not needed any more. */
  static Fields of(Map<Bytes, byte[]> all) {
    if (all.isEmpty()) {
      return NONE;
    }
    boolean few = all.size() <= FEW_MAX;
    Map<Bytes, byte[]> ordered = few || all instanceof TreeMap ? all : new TreeMap<>(all);
    Chunk whole =
        new Chunk(ordered.keySet().toArray(Bytes[]::new), ordered.values().toArray(byte[][]::new));
    if (few) {
      return new Fields(new Chunk[] {whole}, whole.size());
    }
    // More than one of them, so that they are known to be sorted (F2), and with room to grow.
    int parts = Math.max(2, whole.size() / (CHUNK_MAX / 2));
    Chunk[] chunks = new Chunk[parts];
    for (int i = 0; i < parts; i++) {
      chunks[i] = whole.part(at(whole, i, parts), at(whole, i + 1, parts));
    }
    return new Fields(chunks, whole.size());
  }

  private static int at(Chunk whole, int part, int parts) {
    return (int) ((long) whole.size() * part / parts);
  }

  // ---- reads ----

  @Override
  public int size() {
    return size;
  }

  private boolean isSorted() {
    return chunks.length > 1;
  }

  /** The chunk in which the name is or would be; of some fields, that is. */
  private int chunkOf(Bytes name) {
    int low = 0;
    int high = chunks.length - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (chunks[middle].names[0].compareTo(name) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  byte @Nullable [] value(Bytes name) {
    if (size == 0) {
      return null;
    }
    Chunk chunk = chunks[chunkOf(name)];
    int at = chunk.find(name, isSorted());
    return at < 0 ? null : chunk.values[at];
  }

  @Override
  public byte @Nullable [] get(@Nullable Object name) {
    return name instanceof Bytes bytes ? value(bytes) : null;
  }

  @Override
  public boolean containsKey(@Nullable Object name) {
    return get(name) != null;
  }

  @Override
  public Set<Entry<Bytes, byte[]>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public int size() {
        return size;
      }

      @Override
      public Iterator<Entry<Bytes, byte[]>> iterator() {
        return new Walk();
      }
    };
  }

  private final class Walk implements Iterator<Entry<Bytes, byte[]>> {
    private int chunk;
    private int at;

    @Override
    public boolean hasNext() {
      return chunk < chunks.length;
    }

    @Override
    public Entry<Bytes, byte[]> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Chunk from = chunks[chunk];
      Entry<Bytes, byte[]> next = new SimpleImmutableEntry<>(from.names[at], from.values[at]);
      at++;
      if (at == from.size()) {
        chunk++;
        at = 0;
      }
      return next;
    }
  }

  // ---- changes ----

  /**
   * These fields after changes.
   *
   * @param changes the new value of each field; null: it goes
   */
  Fields with(Map<Bytes, byte @Nullable []> changes) {
    if (changes.size() >= MANY_CHANGES) {
      Map<Bytes, byte[]> all = isSorted() ? new TreeMap<>(this) : new LinkedHashMap<>(this);
      changes.forEach(
          (name, value) -> {
            if (value == null) {
              all.remove(name);
            } else {
              all.put(name, value);
            }
          });
      return of(all);
    }
    Fields next = this;
    for (Entry<Bytes, byte @Nullable []> change : changes.entrySet()) {
      byte[] value = change.getValue();
      next = value == null ? next.without(change.getKey()) : next.with(change.getKey(), value);
    }
    return next;
  }

  private Fields with(Bytes name, byte[] value) {
    if (size == 0) {
      return new Fields(new Chunk[] {new Chunk(new Bytes[] {name}, new byte[][] {value})}, 1);
    }
    int which = chunkOf(name);
    Chunk chunk = chunks[which];
    int at = chunk.find(name, isSorted());
    if (at >= 0) {
      return replaced(which, size, chunk.with(at, value));
    } else if (!isSorted() && size >= FEW_MAX) {
      Map<Bytes, byte[]> all = new TreeMap<>(this);
      all.put(name, value);
      return of(all);
    }
    Chunk larger = chunk.with(-at - 1, name, value);
    if (larger.size() <= CHUNK_MAX) {
      return replaced(which, size + 1, larger);
    }
    int half = larger.size() / 2;
    return replaced(which, size + 1, larger.part(0, half), larger.part(half, larger.size()));
  }

  private Fields without(Bytes name) {
    if (size == 0) {
      return this;
    }
    int which = chunkOf(name);
    Chunk chunk = chunks[which];
    int at = chunk.find(name, isSorted());
    if (at < 0) {
      return this;
    } else if (chunk.size() > 1) {
      return replaced(which, size - 1, chunk.without(at));
    }
    return size == 1 ? NONE : replaced(which, size - 1);
  }

  /** With other chunks, none or several, in the place of one. */
  private Fields replaced(int which, int nextSize, Chunk... by) {
    Chunk[] next = new Chunk[chunks.length - 1 + by.length];
    System.arraycopy(chunks, 0, next, 0, which);
    System.arraycopy(by, 0, next, which, by.length);
    int after = chunks.length - which - 1;
    System.arraycopy(chunks, which + 1, next, which + by.length, after);
    return new Fields(next, nextSize);
  }
}

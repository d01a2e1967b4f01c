// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import io.cachewright.ConfigurationException;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** A directory of the file system. */
public final class FileDisk implements Disk {
  private static final String LOCK_NAME = "lock";

  /**
   * The directories that this process has locked. A lock of the operating system belongs to the
   * process and goes when the process closes any handle of the file; so a second journal here must
   * be refused before it opens the lock file at all.
   */
  private static final Set<Path> LOCKED = ConcurrentHashMap.newKeySet();

  private final Path directory;

  public FileDisk(Path directory) {
    this.directory = directory.toAbsolutePath().normalize();
  }

  @Override
  public String directory() {
    return directory.toString();
  }

  @Override
  public List<String> list() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Override
  public DiskFile open(String name, boolean readOnly) throws IOException {
    Path file = directory.resolve(name);
    return new OpenFile(
        readOnly
            ? FileChannel.open(file, StandardOpenOption.READ)
            : FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  @Override
  public DiskFile create(String name) throws IOException {
    return new OpenFile(
        FileChannel.open(
            directory.resolve(name),
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Path source = directory.resolve(from);
    Path target = directory.resolve(to);
    try {
      Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException(directory + ": the file system cannot rename atomically", e);
    }
  }

  @Override
  public void delete(String name) throws IOException {
    Files.deleteIfExists(directory.resolve(name));
  }

  @Override
  public void syncDirectory() throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public long freeBytes() throws IOException {
    return Files.getFileStore(directory).getUsableSpace();
  }

  @Override
  public Closeable lock() {
    Path real = makeDirectory();
    if (!LOCKED.add(real)) {
      throw new ConfigurationException(
          "journal: "
              + directory
              + " is in use by this process already; give each cache a directory of its own");
    }
    try {
      FileChannel channel = takeLock(real.resolve(LOCK_NAME));
      return () -> {
        if (channel.isOpen()) {
          channel.close();
          LOCKED.remove(real);
        }
      };
    } catch (RuntimeException e) {
      LOCKED.remove(real);
      throw e;
    }
  }

  private Path makeDirectory() {
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw new ConfigurationException(
          "journal: " + directory + " is not a directory; name another, or move the file away");
    }
    try {
      boolean missing = !Files.exists(directory);
      Files.createDirectories(directory);
      Path parent = directory.getParent();
      if (missing && parent != null) {
        new FileDisk(parent).syncDirectory();
      }
      return directory.toRealPath();
    } catch (IOException e) {
      throw cannotUse("be made", e);
    }
  }

  private FileChannel takeLock(Path file) {
    try {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      FileLock lock = null;
      try {
        lock = channel.tryLock();
        if (lock == null) {
          throw new ConfigurationException(
              "journal: "
                  + directory
                  + " is in use by process "
                  + Files.readString(file).strip()
                  + "; stop it, or give each cache a directory of its own");
        }
        String holder = ProcessHandle.current().pid() + " on " + host() + "\n";
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(holder.getBytes(StandardCharsets.UTF_8)), 0);
        return channel;
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw cannotUse("be written to", e);
    }
  }

  private ConfigurationException cannotUse(String what, IOException cause) {
    return new ConfigurationException(
        "journal: "
            + directory
            + " cannot "
            + what
            + " by user "
            + System.getProperty("user.name")
            + ": "
            + cause
            + ". Change its permissions, or name another directory",
        cause);
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "this host";
    }
  }

  private record OpenFile(FileChannel channel) implements DiskFile {
    @Override
    public int read(ByteBuffer into, long at) throws IOException {
      return channel.read(into, at);
    }

    @Override
    public int write(ByteBuffer from, long at) throws IOException {
      return channel.write(from, at);
    }

    @Override
    public void force() throws IOException {
      channel.force(/* metaData= */ false); // its size was forced when it was allocated
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}

package dev.durable.embedded;

import static dev.durable.embedded.EmbeddedPostgresException.Reason.NOT_WRITABLE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Held while a server is started or stopped, so that two do not do it at once: threads of this JVM
 * by a lock in memory, other JVMs by a lock on a file.
 */
final class FolderLock implements AutoCloseable {
  private static final ReentrantLock THIS_JVM = new ReentrantLock();

  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  static FolderLock acquire(Path file) {
    THIS_JVM.lock();
    try {
      return new FolderLock(locked(file));
    } catch (IOException e) {
      THIS_JVM.unlock();
      throw new EmbeddedPostgresException(
          NOT_WRITABLE, "Cannot lock " + file + ": " + e.getMessage(), e);
    }
  }

  private static FileChannel locked(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      channel.lock();
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new EmbeddedPostgresException(NOT_WRITABLE, "Cannot unlock: " + e.getMessage(), e);
    } finally {
      THIS_JVM.unlock();
    }
  }
}

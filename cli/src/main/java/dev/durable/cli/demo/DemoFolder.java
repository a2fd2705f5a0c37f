package dev.durable.cli.demo;

import dev.durable.cli.console.CommandFailedException;
import dev.durable.cli.console.ExitCodes;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The files of a demo.
 *
 * @param root the folder of all of them
 */
record DemoFolder(Path root) {

  /** PostgreSQL's data. */
  Path postgres() {
    return root.resolve("postgres");
  }

  /** The begin and end of each step body. */
  Path ledger() {
    return root.resolve("ledger.log");
  }

  /** The memory of the fake payment gateway. */
  Path gateway() {
    return root.resolve("gateway.log");
  }

  /** Creates the folder, and locks it against other demos while this process lives. */
  FileChannel lock() {
    Path file = root.resolve("demo.lock");
    try {
      Files.createDirectories(root);
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        channel.close();
        throw new CommandFailedException(
            ExitCodes.USAGE,
            "another demo is running in " + root + ". Wait for it, or take another --data folder.");
      }
      return channel;
    } catch (IOException failure) {
      throw new CommandFailedException(
          ExitCodes.USAGE,
          "cannot use the data folder " + root + " (" + failure + "). Name another with --data.");
    }
  }

  /** Deletes the ledger and the gateway's memory. */
  void deleteLogs() {
    try {
      Files.deleteIfExists(ledger());
      Files.deleteIfExists(gateway());
    } catch (IOException failure) {
      throw new CommandFailedException(
          ExitCodes.FAILED, "cannot delete the logs in " + root + ": " + failure);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException sameProcess) {
      return null;
    }
  }
}

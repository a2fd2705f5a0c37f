package dev.durable.embedded;

import static dev.durable.embedded.EmbeddedPostgresException.Reason.NOT_WRITABLE;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Folders of servers that live no longer than their JVM; those of killed JVMs are cleared away. */
final class TemporaryFolders {
  private static final Logger LOG = LoggerFactory.getLogger(TemporaryFolders.class);
  private static final String PREFIX = "durable-pg-data";

  private TemporaryFolders() {}

  static Path create() {
    try {
      return Files.createTempDirectory(PREFIX);
    } catch (IOException e) {
      throw new EmbeddedPostgresException(
          NOT_WRITABLE, "Cannot make a temporary folder: " + e.getMessage(), e);
    }
  }

  /** Stops the servers whose JVM was killed, and deletes their folders. */
  static void clearLeftOvers(DataFolder mine, Binaries binaries) {
    Path parent = mine.root().getParent();
    if (parent == null) {
      return;
    }
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path folder : folders) {
        DataFolder other = new DataFolder(folder, mine.user());
        if (ownerIsGone(other)) {
          clear(other, binaries);
        }
      }
    } catch (IOException e) {
      LOG.debug("Cannot look for left-over servers in {}", parent, e);
    }
  }

  static void delete(Path folder) {
    try {
      Folders.delete(folder);
    } catch (IOException e) {
      LOG.warn("Cannot delete the temporary folder {}", folder, e);
    }
  }

  private static boolean ownerIsGone(DataFolder folder) {
    Optional<ProcessId> owner = ProcessId.read(folder.owner());
    return owner.isPresent() && !owner.get().isAlive();
  }

  private static void clear(DataFolder folder, Binaries binaries) {
    try {
      if (Files.getOwner(folder.root()).equals(folder.user())) {
        new Server(folder, binaries, new Settings(false, Map.of())).stop(Server.Stop.IMMEDIATE);
        Folders.delete(folder.root());
      }
    } catch (IOException | EmbeddedPostgresException e) {
      LOG.debug("Cannot clear away {}", folder.root(), e);
    }
  }
}

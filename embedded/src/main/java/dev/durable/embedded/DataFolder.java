package dev.durable.embedded;

import static dev.durable.embedded.EmbeddedPostgresException.Reason.CORRUPT_FOLDER;
import static dev.durable.embedded.EmbeddedPostgresException.Reason.FOREIGN_FOLDER;
import static dev.durable.embedded.EmbeddedPostgresException.Reason.NOT_WRITABLE;
import static dev.durable.embedded.EmbeddedPostgresException.Reason.WRONG_OWNER;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The folder of one embedded server. PostgreSQL's own data is in {@code pg}; beside it are the
 * password, the server's log, the JVM that started it, and a lock.
 */
record DataFolder(Path root, UserPrincipal user) {
  private static final String PROBE = ".probe";
  private static final Set<String> OURS =
      Set.of("pg", "pg.new", "password", "postgres.log", "owner", "lock");

  static DataFolder open(Path folder) {
    try {
      Files.createDirectories(folder);
      Path root = folder.toRealPath();
      refuseForeign(root);
      DataFolder opened = new DataFolder(root, probe(root));
      opened.refuseOtherOwner();
      return opened;
    } catch (IOException e) {
      String why = e instanceof FileSystemException ? e.toString() : e.getMessage();
      throw new EmbeddedPostgresException(
          NOT_WRITABLE,
          "Cannot use "
              + folder
              + " as a data folder ("
              + why
              + "). Make it a folder that this user can read and write, or choose another.",
          e);
    }
  }

  Path data() {
    return root.resolve("pg");
  }

  Path unfinished() {
    return root.resolve("pg.new");
  }

  Path passwordFile() {
    return root.resolve("password");
  }

  Path log() {
    return root.resolve("postgres.log");
  }

  Path owner() {
    return root.resolve("owner");
  }

  Path lock() {
    return root.resolve("lock");
  }

  /** Where the settings go; PostgreSQL's own configuration file includes it. */
  Path settings() {
    return data().resolve("durable.conf");
  }

  boolean initialised() {
    return Files.exists(data());
  }

  boolean userIsRoot() {
    return user.getName().equals("root");
  }

  String password() {
    try {
      return Files.readString(passwordFile()).strip();
    } catch (IOException e) {
      throw new EmbeddedPostgresException(
          CORRUPT_FOLDER,
          "The data in "
              + root
              + " has lost its password file ("
              + passwordFile()
              + "). Restore the file, or delete the folder to begin anew.",
          e);
    }
  }

  int major() {
    Path file = data().resolve("PG_VERSION");
    try {
      return Integer.parseInt(Files.readString(file).strip());
    } catch (IOException | NumberFormatException e) {
      throw new EmbeddedPostgresException(
          CORRUPT_FOLDER,
          "The data in "
              + root
              + " is damaged: "
              + file
              + " cannot be read. Restore the folder from a backup, or delete it to begin anew.",
          e);
    }
  }

  private static void refuseForeign(Path root) throws IOException {
    try (Stream<Path> children = Files.list(root)) {
      children
          .map(child -> String.valueOf(child.getFileName()))
          .filter(name -> !OURS.contains(name) && !name.startsWith(PROBE))
          .findFirst()
          .ifPresent(
              name -> {
                throw new EmbeddedPostgresException(
                    FOREIGN_FOLDER,
                    root
                        + " holds something else ('"
                        + name
                        + "'), not the data of an embedded PostgreSQL."
                        + " Choose an empty folder or a new one.");
              });
    }
  }

  /** Writes a file to find out that we can, and as whom. */
  private static UserPrincipal probe(Path root) throws IOException {
    Path file = Files.createTempFile(root, PROBE, "");
    try {
      return Files.getOwner(file);
    } finally {
      Files.delete(file);
    }
  }

  private void refuseOtherOwner() throws IOException {
    if (!initialised()) {
      return;
    }
    UserPrincipal owner = Files.getOwner(data());
    if (!owner.equals(user)) {
      throw new EmbeddedPostgresException(
          WRONG_OWNER,
          "The data in "
              + root
              + " belongs to '"
              + owner.getName()
              + "', and this process runs as '"
              + user.getName()
              + "'. Run it as '"
              + owner.getName()
              + "', change the owner of the folder and all in it, or choose another folder.");
    }
  }
}

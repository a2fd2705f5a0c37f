package dev.durable.embedded;

import static dev.durable.embedded.EmbeddedPostgresException.Reason.NOT_WRITABLE;
import static dev.durable.embedded.EmbeddedPostgresException.Reason.NO_SPACE;
import static dev.durable.embedded.EmbeddedPostgresException.Reason.OTHER_MAJOR_VERSION;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Makes PostgreSQL's data in a folder that has none, and checks what is there. */
final class Cluster {
  private static final long NEEDED_BYTES = 150L << 20;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Cluster() {}

  static void prepare(Server server) {
    DataFolder folder = server.folder();
    Binaries binaries = server.binaries();
    if (!folder.initialised()) {
      create(server);
    }
    int major = folder.major();
    if (major != binaries.major()) {
      throw new EmbeddedPostgresException(
          OTHER_MAJOR_VERSION,
          "The data in %s was written by PostgreSQL %s, and this is PostgreSQL %s. Use binaries of %s, or another folder."
              .formatted(folder.root(), major, binaries.major(), major));
    }
  }

  private static void create(Server server) {
    DataFolder folder = server.folder();
    try {
      requireSpace(folder);
      Folders.delete(folder.unfinished());
      Folders.writeSecret(folder.passwordFile(), newPassword() + "\n");
      initialise(server);
      Files.writeString(
          folder.unfinished().resolve("postgresql.conf"),
          "\ninclude '" + folder.settings().getFileName() + "'\n",
          StandardOpenOption.APPEND);
      Files.move(folder.unfinished(), folder.data(), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new EmbeddedPostgresException(
          NOT_WRITABLE,
          "Cannot write to " + folder.root() + " (" + e + "). Make it writable or choose another.",
          e);
    }
  }

  private static void requireSpace(DataFolder folder) throws IOException {
    long free = Files.getFileStore(folder.root()).getUsableSpace();
    if (free < NEEDED_BYTES) {
      throw new EmbeddedPostgresException(
          NO_SPACE,
          "A new PostgreSQL needs %s MB in %s, and %s MB are free. Make room, or choose another folder."
              .formatted(NEEDED_BYTES >> 20, folder.root(), free >> 20));
    }
  }

  private static void initialise(Server server) {
    Path data = server.folder().unfinished();
    Command.Result result = server.binaries().run("initdb", arguments(server, data));
    if (!result.succeeded()) {
      throw Failures.ofServer("PostgreSQL could not make its data in " + data, result.output());
    }
  }

  private static List<String> arguments(Server server, Path data) {
    List<String> arguments = new ArrayList<>();
    arguments.add("--pgdata=" + data);
    arguments.add("--username=" + Server.USER);
    arguments.add("--pwfile=" + server.folder().passwordFile());
    arguments.add("--auth=scram-sha-256");
    arguments.add("--encoding=UTF8");
    arguments.add("--no-locale");
    arguments.add("--data-checksums");
    if (!server.settings().durable()) {
      arguments.add("--no-sync");
    }
    return arguments;
  }

  private static String newPassword() {
    byte[] bytes = new byte[24];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}

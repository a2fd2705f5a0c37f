package dev.durable.embedded;

import static dev.durable.embedded.EmbeddedPostgresException.Reason.SERVER_FAILED;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * PostgreSQL's programs. PostgreSQL refuses to run as root, so root runs them in a user namespace
 * of their own, where they have no user of their own and the files still are theirs.
 */
record Binaries(Path folder, int major, boolean asRoot) {
  private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+)");

  static Binaries in(Path folder, boolean asRoot) {
    Path postgres = program(folder, "postgres");
    if (!Files.isExecutable(postgres)) {
      throw new EmbeddedPostgresException(
          SERVER_FAILED,
          "No PostgreSQL in "
              + folder
              + ": "
              + postgres
              + " is missing or not executable. Name a folder that has bin/postgres, bin/initdb and"
              + " bin/pg_ctl; if it does, its file system may be mounted noexec.");
    }
    Command.Result version = Command.run(List.of(postgres.toString(), "--version"));
    Matcher matcher = VERSION.matcher(version.output());
    if (!version.succeeded() || !matcher.find()) {
      throw new EmbeddedPostgresException(
          SERVER_FAILED, postgres + " does not run on this machine: " + version.output());
    }
    return new Binaries(folder, Integer.parseInt(matcher.group(1)), asRoot);
  }

  Command.Result run(String program, List<String> arguments) {
    List<String> command = new ArrayList<>();
    if (asRoot) {
      command.addAll(List.of("unshare", "-U"));
    }
    command.add(program(folder, program).toString());
    command.addAll(arguments);
    Command.Result result = Command.run(command);
    if (asRoot && result.output().contains("unshare failed")) {
      throw new EmbeddedPostgresException(
          SERVER_FAILED,
          "PostgreSQL refuses to run as root, and this machine does not let root create a user"
              + " namespace for it ("
              + result.output()
              + "). Run this as an ordinary user.");
    }
    return result;
  }

  private static Path program(Path folder, String name) {
    return folder.resolve("bin").resolve(Command.windows() ? name + ".exe" : name);
  }
}

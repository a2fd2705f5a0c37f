package dev.durable.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What {@code postmaster.pid} says about the server of a data folder. */
record Postmaster(long pid, int port) {

  static Optional<Postmaster> of(Path data) {
    try {
      List<String> lines = Files.readAllLines(data.resolve("postmaster.pid"));
      if (lines.size() < 4) {
        return Optional.empty();
      }
      return Optional.of(
          new Postmaster(
              Long.parseLong(lines.get(0).strip()), Integer.parseInt(lines.get(3).strip())));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /**
   * Whether the process is there and is the server of this data: numbers of processes are used
   * again. A server's working folder is its data folder; where the system does not tell, the name
   * of the program has to do.
   */
  boolean isAlive(Path data) {
    return ProcessId.alive(pid).filter(process -> serves(process, data)).isPresent();
  }

  private boolean serves(ProcessHandle process, Path data) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/" + pid + "/cwd")).equals(data);
    } catch (IOException e) {
      return process.info().command().orElse("postgres").contains("postgres");
    }
  }
}

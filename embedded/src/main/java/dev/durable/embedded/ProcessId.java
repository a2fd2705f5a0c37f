package dev.durable.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** A process and when it started: numbers of processes are used again. */
record ProcessId(long pid, long startedAt) {

  static ProcessId current() {
    ProcessHandle self = ProcessHandle.current();
    return new ProcessId(self.pid(), startOf(self));
  }

  static Optional<ProcessId> read(Path file) {
    try {
      String[] parts = Files.readString(file).strip().split(" ", -1);
      return Optional.of(new ProcessId(Long.parseLong(parts[0]), Long.parseLong(parts[1])));
    } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  void write(Path file) throws IOException {
    Files.writeString(file, pid + " " + startedAt + "\n");
  }

  boolean isAlive() {
    return alive(pid).filter(process -> startOf(process) == startedAt).isPresent();
  }

  /** Like {@link ProcessHandle#of}, but without the dead that their parent has not collected. */
  static Optional<ProcessHandle> alive(long pid) {
    return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).filter(process -> !zombie(pid));
  }

  private static boolean zombie(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z ");
    } catch (IOException e) {
      return false;
    }
  }

  private static long startOf(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }
}

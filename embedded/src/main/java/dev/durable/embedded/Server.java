package dev.durable.embedded;

import static dev.durable.embedded.EmbeddedPostgresException.Reason.PORT_TAKEN;
import static dev.durable.embedded.EmbeddedPostgresException.Reason.SERVER_FAILED;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The PostgreSQL server of one data folder: starts and stops it with {@code pg_ctl}. */
record Server(DataFolder folder, Binaries binaries, Settings settings) {
  static final String USER = "postgres";
  private static final int ATTEMPTS = 5;
  private static final long LOG_LIMIT = 10L << 20;

  /** The way in which a server is told to go. */
  enum Stop {
    /** Ends sessions, writes everything down; the next start is quick. */
    FAST,
    /** Like a crash; the next start recovers. */
    IMMEDIATE
  }

  /** The running server, if there is one. Removes what a dead one left behind. */
  Optional<Postmaster> running() {
    Optional<Postmaster> found = Postmaster.of(folder.data());
    if (found.isPresent() && !found.get().isAlive(folder.data())) {
      deleteQuietly(folder.data().resolve("postmaster.pid"));
      return Optional.empty();
    }
    return found;
  }

  /** Whether the running server has the settings that are wanted now. */
  boolean hasWantedSettings(int wantedPort) {
    try {
      String present = Files.readString(folder.settings());
      return wantedPort == 0
          ? present.startsWith(settings.text())
          : present.equals(configuration(wantedPort));
    } catch (IOException e) {
      return false;
    }
  }

  Postmaster start(int wantedPort) {
    for (int attempt = 1; ; attempt++) {
      try {
        return startOn(wantedPort == 0 ? freePort() : requireFree(wantedPort));
      } catch (EmbeddedPostgresException e) {
        boolean lostRace = wantedPort == 0 && e.reason() == PORT_TAKEN;
        if (!lostRace || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private Postmaster startOn(int port) {
    long logged = writeSettings(port);
    Command.Result result =
        binaries.run(
            "pg_ctl",
            List.of(
                "start",
                "--pgdata=" + folder.data(),
                "--log=" + folder.log(),
                "--wait",
                "--timeout=120"));
    Optional<Postmaster> started = running();
    if (!result.succeeded() || started.isEmpty()) {
      throw Failures.ofServer(
          "PostgreSQL did not start in " + folder.root(), result.output() + "\n" + logFrom(logged));
    }
    return started.get();
  }

  void stop(Stop way) {
    if (running().isEmpty()) {
      return;
    }
    Command.Result result =
        binaries.run(
            "pg_ctl",
            List.of(
                "stop",
                "--pgdata=" + folder.data(),
                way == Stop.FAST ? "--mode=fast" : "--mode=immediate",
                "--wait",
                "--timeout=60"));
    if (!result.succeeded() && running().isPresent()) {
      throw Failures.ofServer("PostgreSQL did not stop in " + folder.root(), result.output());
    }
  }

  private long writeSettings(int port) {
    try {
      Files.writeString(folder.settings(), configuration(port));
      if (!Files.exists(folder.log())) {
        return 0;
      }
      if (Files.size(folder.log()) > LOG_LIMIT) {
        Files.delete(folder.log());
        return 0;
      }
      return Files.size(folder.log());
    } catch (IOException e) {
      throw Failures.ofServer("Cannot write to " + folder.root(), e.toString());
    }
  }

  private String configuration(int port) {
    return settings.text() + "port = " + port + "\n";
  }

  private String logFrom(long offset) {
    try (RandomAccessFile file = new RandomAccessFile(folder.log().toFile(), "r")) {
      byte[] bytes = new byte[(int) Math.min(file.length() - offset, 64 << 10)];
      file.seek(offset);
      file.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  private static int freePort() {
    try (ServerSocket socket = bind(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new EmbeddedPostgresException(
          SERVER_FAILED, "No free port on 127.0.0.1: " + e.getMessage(), e);
    }
  }

  private static int requireFree(int port) {
    try (ServerSocket socket = bind(port)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw Failures.portTaken(port);
    }
  }

  private static ServerSocket bind(int port) throws IOException {
    ServerSocket socket = new ServerSocket();
    try {
      // As PostgreSQL does: connections that linger after a stop do not make a port taken.
      socket.setReuseAddress(!Command.windows());
      socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // PostgreSQL looks at it itself, and says what is wrong with it.
    }
  }
}

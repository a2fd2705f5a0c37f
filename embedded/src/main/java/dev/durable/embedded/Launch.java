package dev.durable.embedded;

import static dev.durable.embedded.EmbeddedPostgresException.Reason.NOT_WRITABLE;

import java.io.IOException;
import java.util.Optional;

/** How we came by a running server: started, taken over from a dead owner, or as a guest. */
record Launch(Postmaster postmaster, String password, boolean reused, boolean owner) {

  static Launch of(Server server, int port) {
    try (FolderLock lock = FolderLock.acquire(server.folder().lock())) {
      Cluster.prepare(server);
      String password = server.folder().password();
      Optional<Postmaster> running = server.running();
      if (running.isPresent()) {
        Login login = new Login(running.get().port(), password);
        if (ownerLives(server)) {
          login.require(server.folder());
          return new Launch(running.get(), password, true, false);
        }
        boolean ours = login.attempt(server.folder().data()) == Login.Outcome.OURS;
        if (ours && server.hasWantedSettings(port)) {
          own(server);
          return new Launch(running.get(), password, true, true);
        }
        server.stop(Server.Stop.FAST);
      }
      return started(server, port, password);
    }
  }

  private static boolean ownerLives(Server server) {
    return ProcessId.read(server.folder().owner()).filter(ProcessId::isAlive).isPresent();
  }

  private static Launch started(Server server, int port, String password) {
    own(server);
    Postmaster started = server.start(port);
    try {
      new Login(started.port(), password).require(server.folder());
    } catch (EmbeddedPostgresException e) {
      server.stop(Server.Stop.FAST);
      throw e;
    }
    return new Launch(started, password, false, true);
  }

  private static void own(Server server) {
    try {
      ProcessId.current().write(server.folder().owner());
    } catch (IOException e) {
      throw new EmbeddedPostgresException(
          NOT_WRITABLE, "Cannot write to " + server.folder().root() + ": " + e.getMessage(), e);
    }
  }
}

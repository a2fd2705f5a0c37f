package dev.durable.embedded;

import static dev.durable.embedded.EmbeddedPostgresException.Reason.CORRUPT_FOLDER;
import static dev.durable.embedded.EmbeddedPostgresException.Reason.NO_SPACE;
import static dev.durable.embedded.EmbeddedPostgresException.Reason.PORT_TAKEN;
import static dev.durable.embedded.EmbeddedPostgresException.Reason.SERVER_FAILED;

import dev.durable.embedded.EmbeddedPostgresException.Reason;
import java.util.List;

/** Tells from what PostgreSQL's programs said what went wrong. */
final class Failures {
  private static final int SHOWN = 2_000;
  private static final List<String> SIGNS_OF_DAMAGE =
      List.of(
          "PANIC:",
          "pg_control",
          "could not locate",
          "is not a valid data directory",
          "database files are incompatible",
          "could not open directory",
          "invalid checkpoint");

  private Failures() {}

  static EmbeddedPostgresException ofServer(String what, String output) {
    Reason reason = reason(output);
    return new EmbeddedPostgresException(
        reason, what + ". " + remedy(reason) + " PostgreSQL said: " + tail(output));
  }

  static EmbeddedPostgresException portTaken(int port) {
    return new EmbeddedPostgresException(
        PORT_TAKEN,
        "Port "
            + port
            + " on 127.0.0.1 is in use. Stop what uses it, choose another, or leave the port out to"
            + " get a free one.");
  }

  private static Reason reason(String output) {
    if (output.contains("No space left on device")) {
      return NO_SPACE;
    }
    if (output.contains("Address already in use")) {
      return PORT_TAKEN;
    }
    return SIGNS_OF_DAMAGE.stream().anyMatch(output::contains) ? CORRUPT_FOLDER : SERVER_FAILED;
  }

  private static String remedy(Reason reason) {
    return switch (reason) {
      case NO_SPACE -> "The disk is full: make room and start again.";
      case PORT_TAKEN -> "Choose another port, or none to get a free one.";
      case CORRUPT_FOLDER ->
          "The data is damaged: restore the folder from a backup, or delete it to begin anew.";
      default -> "See what it said, and the file postgres.log in the data folder.";
    };
  }

  private static String tail(String output) {
    return output.length() <= SHOWN ? output : "…" + output.substring(output.length() - SHOWN);
  }
}

package dev.durable.maven;

import dev.durable.DurableException;
import dev.durable.cli.database.NoConnectionException;
import org.apache.maven.plugin.MojoFailureException;

/** Turns what is a user's to mend into a failed build, of which Maven shows the message only. */
final class Failures {

  private Failures() {}

  /** A part of a goal. */
  interface Work {
    void run() throws MojoFailureException;
  }

  static void withoutStackTrace(Work work) throws MojoFailureException {
    try {
      work.run();
    } catch (DurableException | IllegalArgumentException | NoConnectionException expected) {
      throw new MojoFailureException(expected.getMessage(), expected);
    }
  }
}

package dev.durable.maven;

import dev.durable.DurableException;
import dev.durable.cli.database.NoConnectionException;
import org.apache.maven.plugin.MojoFailureException;

/** Turns failures that the user can fix into a failed build with a message and no stack trace. */
final class BuildFailures {

  private BuildFailures() {}

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

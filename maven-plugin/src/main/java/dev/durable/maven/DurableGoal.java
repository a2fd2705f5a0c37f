package dev.durable.maven;

import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Parameter;

/** The base of all goals: they can be skipped, and fail with a message instead of a stack trace. */
abstract class DurableGoal extends AbstractMojo {

  /** The tasks are compiled for this version of Java, this package for that of an older Maven. */
  private static final int LEAST_JAVA = 21;

  /** The PostgreSQL schema with Durable's tables. */
  @Parameter(property = "durable.prefix", defaultValue = "durable")
  @SuppressWarnings("NullAway.Init") // Maven sets it.
  private String prefix;

  /** Does nothing. */
  @Parameter(property = "durable.skip", defaultValue = "false")
  private boolean skip;

  @Override
  public final void execute() throws MojoFailureException {
    if (skip) {
      getLog().info("Skipped, as durable.skip is set.");
      return;
    }
    requireJava(Runtime.version().feature());
    BuildFailures.withoutStackTrace(this::run);
  }

  /** Does the work. */
  abstract void run() throws MojoFailureException;

  final String prefix() {
    return prefix;
  }

  static void requireJava(int version) throws MojoFailureException {
    if (version < LEAST_JAVA) {
      throw new MojoFailureException(
          "Durable needs Java %d or newer, and Maven runs on Java %d. Set JAVA_HOME to a newer JDK for this command."
              .formatted(LEAST_JAVA, version));
    }
  }
}

package dev.durable.cli.console;

/** The exit codes of the command. */
public final class ExitCodes {

  /** The command succeeded. */
  public static final int OK = 0;

  /** A failure without a code of its own. */
  public static final int FAILED = 1;

  /** The command line is wrong, or a file that it names cannot be used. */
  public static final int USAGE = 2;

  /** The database cannot be reached or started. */
  public static final int NO_DATABASE = 3;

  /** Ended by Ctrl-C. */
  public static final int INTERRUPTED = 130;

  /** Halted on purpose, as by {@code kill -9}. */
  public static final int KILLED = 137;

  private ExitCodes() {}
}

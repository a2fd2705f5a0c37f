package dev.durable.cli;

/** What the command tells its caller. */
public final class ExitCodes {

  /** All went well. */
  public static final int OK = 0;

  /** Something went wrong that has no code of its own. */
  public static final int FAILED = 1;

  /** The command line is wrong, or a file that it names cannot be used. */
  public static final int USAGE = 2;

  /** There is no database to be had. */
  public static final int NO_DATABASE = 3;

  /** Ended by Ctrl-C. */
  public static final int INTERRUPTED = 130;

  /** Halted on purpose, as {@code kill -9} would. */
  public static final int KILLED = 137;

  private ExitCodes() {}
}

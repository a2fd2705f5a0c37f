package dev.durable.internal.thread;

/** The context of the user's code that runs on the present thread. */
public final class CurrentContext {

  /** It; nothing where no code of the user runs. */
  public static final ThreadBound<Object> HERE = new ThreadBound<>();

  private CurrentContext() {}
}

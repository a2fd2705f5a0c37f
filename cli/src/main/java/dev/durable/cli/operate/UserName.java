package dev.durable.cli.operate;

import org.jspecify.annotations.Nullable;

/** Names who does something, for the record. */
public final class UserName {

  /** For help texts. */
  public static final String DEFAULT = "Default: your user name.";

  private UserName() {}

  /** The named person, or the user of the operating system. */
  public static String or(@Nullable String by) {
    return by == null ? System.getProperty("user.name", "") : by;
  }
}

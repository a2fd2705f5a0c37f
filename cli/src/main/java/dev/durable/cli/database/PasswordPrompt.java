package dev.durable.cli.database;

import dev.durable.cli.console.Terminal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Asks for a password without echoing it. */
final class PasswordPrompt {

  private PasswordPrompt() {}

  /**
   * Reads the password from the terminal, or the first line of piped standard input.
   *
   * @throws IllegalArgumentException if there is no password, or the terminal would echo it
   */
  static String ask() {
    String answer = Terminal.isTyped() ? fromTerminal() : fromPipe();
    if (answer == null || answer.isEmpty()) {
      throw new IllegalArgumentException("There was no password on standard input.");
    }
    return answer;
  }

  private static String fromTerminal() {
    if (!Terminal.canAsk()) {
      throw new IllegalArgumentException(
          "The password would be visible while the output goes into a file or a pipe. Set "
              + ConnectionOptions.PASSWORD
              + " instead of asking with --password.");
    }
    System.err.print("Password: ");
    char[] typed = Objects.requireNonNull(System.console(), "console").readPassword();
    return typed == null ? "" : new String(typed);
  }

  private static String fromPipe() {
    try {
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      String line = in.readLine();
      return line == null ? "" : line;
    } catch (IOException unreadable) {
      return "";
    }
  }
}

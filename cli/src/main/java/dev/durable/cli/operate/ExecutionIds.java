package dev.durable.cli.operate;

import dev.durable.Durable;
import dev.durable.cli.console.CommandFailedException;
import dev.durable.cli.console.ExitCodes;
import dev.durable.execution.Execution;
import dev.durable.execution.Page;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** Finds executions by their id, or by the beginning of it. */
public final class ExecutionIds {

  /** For help texts. */
  static final String DESCRIPTION =
      "The id of an execution, or at least 4 characters that only this one begins with.";

  private static final Pattern WHOLE =
      Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");
  private static final Pattern BEGINNING = Pattern.compile("[\\p{XDigit}-]+");
  private static final int LEAST = 4;
  private static final int SHOWN = 10;

  private ExecutionIds() {}

  /** Whether the text is a whole id. */
  static boolean isWhole(String text) {
    return WHOLE.matcher(text).matches();
  }

  /** Whether the text can be the beginning of an id. */
  public static boolean isBeginning(String text) {
    return text.length() >= LEAST && BEGINNING.matcher(text).matches();
  }

  /**
   * The id. A whole id is not looked up.
   *
   * @throws IllegalArgumentException if the text is no beginning of an id, or of several ids
   * @throws CommandFailedException if no id begins with it
   */
  static UUID id(Durable client, String text) {
    return isWhole(text)
        ? UUID.fromString(text)
        : beginning(client, text).orElseThrow(() -> nothing(text)).id();
  }

  /**
   * The execution.
   *
   * @throws IllegalArgumentException if the text is no beginning of an id, or of several ids
   * @throws CommandFailedException if there is no such execution
   */
  static Execution find(Durable client, String text) {
    Optional<Execution> found =
        isWhole(text) ? client.find(UUID.fromString(text)) : beginning(client, text);
    return found.orElseThrow(() -> nothing(text));
  }

  /**
   * The only execution whose id begins with the text, if there is one.
   *
   * @throws IllegalArgumentException if the text is no beginning of an id, or of several ids
   */
  static Optional<Execution> beginning(Durable client, String text) {
    if (text.length() < LEAST) {
      throw new IllegalArgumentException(
          "'" + text + "' is too short for the beginning of an id: give at least 4 characters.");
    }
    Page<Execution> page = client.executions(query -> query.idPrefix(text).limit(SHOWN));
    if (page.items().size() > 1) {
      throw new IllegalArgumentException(several(text, page));
    }
    return page.items().stream().findFirst();
  }

  private static String several(String text, Page<Execution> page) {
    Table candidates = new Table(List.of());
    for (Execution each : page.items()) {
      candidates.row("  " + each.id(), each.workflow(), each.status().text());
    }
    return "several executions begin with '"
        + text
        + "':\n"
        + candidates
        + (page.next() == null ? "" : "  ... and more\n")
        + "Give more of the id.";
  }

  private static CommandFailedException nothing(String text) {
    return new CommandFailedException(
        ExitCodes.FAILED,
        "There is no execution " + text + ". Check the id, the database and its prefix.");
  }
}

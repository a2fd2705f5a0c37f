package dev.durable.cli.operate;

import dev.durable.Durable;
import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.database.DatabaseOptions;
import dev.durable.cli.database.ExitCodeMapping;
import dev.durable.execution.Execution;
import dev.durable.question.OpenQuestion;
import dev.durable.question.QuestionQuery;
import dev.durable.question.QuestionType;
import dev.durable.wait.OpenWait;
import java.io.PrintWriter;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code durable pending}. */
@Command(
    name = "pending",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Lists the open questions to people, oldest first, or the waits of one execution.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:listed, even if the list is empty",
      "1:there is no such execution, or the database refused",
      "2:wrong usage, or an id prefix of several executions",
      "3:the database cannot be reached"
    },
    footer = {
      "",
      "Try:",
      "  durable pending --url jdbc:postgresql://db/app --user app --password",
      "  durable pending --assignee group:managers --type approval",
      "  durable pending 01a20790-3f --json",
      "  durable pending 01a20790-3f --waits"
    })
public final class PendingCommand implements Callable<Integer> {

  private static final int MOST = 1_000;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "EXECUTION",
      description = {"Only the questions of this execution.", ExecutionIds.DESCRIPTION})
  private @Nullable String execution;

  @Option(
      names = "--assignee",
      paramLabel = "WHO",
      description = {
        "Only questions to this person or group,",
        "such as group:managers. Given again: to one of them."
      })
  private List<String> assignees = List.of();

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      converter = QuestionTypeConverter.class,
      description = "Only this kind: approval, choice, multi_choice, text or form.")
  private @Nullable QuestionType type;

  @Option(
      names = "--workflow",
      paramLabel = "NAME",
      description = "Only questions of this workflow's executions.")
  private @Nullable String workflow;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "List at most N questions, up to 1000. Default: ${DEFAULT-VALUE}.")
  private int limit = 100;

  @Option(
      names = "--waits",
      description =
          "List all waits of EXECUTION instead: for events, people and children, not sleeps.")
  private boolean waits;

  @Option(names = "--json", description = "Print a JSON array.")
  private boolean json;

  @Mixin private final DatabaseOptions database = new DatabaseOptions();

  /** picocli makes it. */
  public PendingCommand() {}

  @Override
  public Integer call() {
    String named = ExitCodeMapping.call(spec, this::checked);
    String text =
        Client.ask(spec, database, client -> waits ? waits(client, named) : questions(client));
    PrintWriter out = spec.commandLine().getOut();
    out.print(text);
    out.flush();
    return ExitCodes.OK;
  }

  /** Checks the options; returns the named execution, or an empty text if none is named. */
  private String checked() {
    if (limit < 1 || limit > MOST) {
      throw new IllegalArgumentException("--limit must be between 1 and " + MOST + ".");
    }
    if (waits && execution == null) {
      throw new IllegalArgumentException("--waits needs an EXECUTION.");
    }
    if (waits && (!assignees.isEmpty() || type != null || workflow != null)) {
      throw new IllegalArgumentException(
          "--waits lists all waits of an execution: no --assignee, --type or --workflow.");
    }
    return execution == null ? "" : execution;
  }

  private void narrow(QuestionQuery query, @Nullable UUID id) {
    query.limit(Math.min(limit + 1, MOST));
    if (id != null) {
      query.execution(id);
    }
    if (!assignees.isEmpty()) {
      query.assignee(assignees.toArray(String[]::new));
    }
    if (type != null) {
      query.type(type);
    }
    if (workflow != null) {
      query.workflow(workflow);
    }
  }

  private String questions(Durable client) {
    UUID id = execution == null ? null : ExecutionIds.find(client, execution).id();
    List<OpenQuestion> found = client.questions().list(query -> narrow(query, id));
    List<OpenQuestion> shown = found.subList(0, Math.min(limit, found.size()));
    if (found.size() > limit || found.size() == MOST) {
      say("There may be more: --limit shows up to " + MOST + ".");
    }
    if (json) {
      return QuestionTables.json(shown) + "\n";
    }
    if (shown.isEmpty()) {
      say(nothing());
      return "";
    }
    return QuestionTables.text(shown);
  }

  private String nothing() {
    if (!assignees.isEmpty() || type != null || workflow != null) {
      return "There is no open question of that kind.";
    }
    return execution == null
        ? "There is no open question."
        : "It has no open question; --waits lists its other waits.";
  }

  private String waits(Durable client, String text) {
    Execution found = ExecutionIds.find(client, text);
    List<OpenWait> open = client.waits(found.id());
    if (json) {
      return QuestionTables.waitsJson(found.id(), open) + "\n";
    }
    if (open.isEmpty()) {
      say(
          "It waits for nothing from outside: it is "
              + found.status().text()
              + (found.wakeAt() == null ? "." : ", due " + Ages.until(found.wakeAt()) + "."));
      return "";
    }
    return QuestionTables.waitsText(open, client.questions().open(found.id()));
  }

  private void say(String message) {
    spec.commandLine().getErr().println(message);
  }
}

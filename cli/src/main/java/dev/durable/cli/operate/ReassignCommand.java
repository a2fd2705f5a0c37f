package dev.durable.cli.operate;

import dev.durable.Durable;
import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.database.DatabaseOptions;
import dev.durable.question.OpenQuestion;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code durable reassign}. */
@Command(
    name = "reassign",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Gives an open question of an execution to other people or groups.",
      "",
      "They replace those who had it. Reminders go to them; an escalation that comes later still"
          + " replaces them.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:reassigned",
      "1:no such question is open, or the database refused",
      "2:wrong usage, or an id prefix of several executions",
      "3:the database cannot be reached"
    },
    footer = {
      "",
      "Try:",
      "  durable reassign 01a20790-3f manager --to bob --by jane",
      "  durable reassign 01a20790-3f manager --to bob --to group:directors --json"
    })
public final class ReassignCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "EXECUTION", description = ExecutionIds.DESCRIPTION)
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private String execution;

  @Parameters(index = "1", paramLabel = "NAME", description = AnswerCommand.NAME)
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private String name;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "WHO",
      description = "The person or group who gets it. Given again: each of them.")
  private List<String> to = List.of();

  @Option(
      names = "--by",
      paramLabel = "WHO",
      description = "The person who gives it away, for the record. Default: your user name.")
  private @Nullable String by;

  @Option(names = "--json", description = "Print a JSON object: whose question it is now.")
  private boolean json;

  @Mixin private final DatabaseOptions database = new DatabaseOptions();

  /** picocli makes it. */
  public ReassignCommand() {}

  @Override
  public Integer call() {
    OpenQuestion before = Client.ask(spec, database, this::reassign);
    if (json) {
      spec.commandLine().getOut().println(Json.write(fields(before)));
      return ExitCodes.OK;
    }
    spec.commandLine()
        .getErr()
        .println(
            Table.oneLine(
                "Reassigned '"
                    + name
                    + "' of execution "
                    + before.executionId()
                    + " to "
                    + String.join(", ", to)
                    + "."));
    return ExitCodes.OK;
  }

  private OpenQuestion reassign(Durable client) {
    OpenQuestion open = client.questions().open(ExecutionIds.id(client, execution), name);
    client.questions().reassign(open.executionId(), open.path(), to, UserName.or(by));
    return open;
  }

  private Map<String, Object> fields(OpenQuestion question) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("execution", question.executionId().toString());
    fields.put("workflow", question.workflow());
    fields.put("name", question.name());
    fields.put("path", question.path());
    fields.put("assignees", to.stream().distinct().toList());
    fields.put("by", UserName.or(by));
    return fields;
  }
}

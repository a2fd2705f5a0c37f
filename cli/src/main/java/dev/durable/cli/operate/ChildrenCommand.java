package dev.durable.cli.operate;

import dev.durable.Durable;
import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.database.DatabaseOptions;
import dev.durable.execution.Execution;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code durable children}. */
@Command(
    name = "children",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {"Lists the executions that an execution has started, oldest first.", ""},
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
      "  durable children 01a20790-3f --url jdbc:postgresql://db/app",
      "  durable children 01a20790-3f --tree",
      "  durable children 01a20790-3f --tree --json"
    })
public final class ChildrenCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  @Parameters(paramLabel = "EXECUTION", description = ExecutionIds.DESCRIPTION)
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private String execution;

  @Option(
      names = "--tree",
      description =
          "Include the children of the children, to any depth, below the execution itself.")
  private boolean tree;

  @Option(
      names = "--json",
      description = "Print a JSON array; with --tree, an object with its children.")
  private boolean json;

  @Mixin private final DatabaseOptions database = new DatabaseOptions();

  /** picocli makes it. */
  public ChildrenCommand() {}

  @Override
  public Integer call() {
    String text = Client.ask(spec, database, client -> tree ? tree(client) : list(client));
    PrintWriter out = spec.commandLine().getOut();
    out.print(text);
    out.flush();
    return ExitCodes.OK;
  }

  private String list(Durable client) {
    List<Execution> children = client.children(ExecutionIds.find(client, execution).id());
    if (json) {
      return Json.write(children.stream().map(ChildrenCommand::fields).toList()) + "\n";
    }
    if (children.isEmpty()) {
      spec.commandLine().getErr().println("It has started no others.");
      return "";
    }
    Table table = new Table(List.of("EXECUTION", "WORKFLOW", "STATUS", "STEP", "AGE", "ERROR"));
    for (Execution child : children) {
      table.row(
          child.id().toString(),
          child.workflow(),
          child.status().text(),
          step(child),
          Ages.since(child.insertedAt()),
          child.error() == null ? "" : child.error().message());
    }
    return table.toString();
  }

  private String tree(Durable client) {
    Execution top = ExecutionIds.find(client, execution);
    if (json) {
      return Json.write(below(client, top)) + "\n";
    }
    StringBuilder text = new StringBuilder(line(top)).append('\n');
    branches(client, top, "", text);
    return text.toString();
  }

  private static void branches(
      Durable client, Execution parent, String indent, StringBuilder text) {
    List<Execution> children = client.children(parent.id());
    for (int i = 0; i < children.size(); i++) {
      boolean last = i == children.size() - 1;
      Execution child = children.get(i);
      text.append(indent)
          .append(last ? "└─ " : "├─ ")
          .append(line(child))
          .append("  (" + Table.oneLine(step(child)) + ")\n");
      branches(client, child, indent + (last ? "   " : "│  "), text);
    }
  }

  private static String line(Execution execution) {
    return execution.id()
        + "  "
        + execution.workflow()
        + "  "
        + execution.status().text()
        + tick(execution);
  }

  /** The schedule that has started it, and for which tick; empty if none has. */
  private static String tick(Execution execution) {
    if (execution.schedule() == null) {
      return "";
    }
    return "  (schedule "
        + Table.oneLine(execution.schedule())
        + (execution.scheduledFor() == null ? ", triggered" : ", tick " + execution.scheduledFor())
        + ")";
  }

  private static String step(Execution child) {
    return Objects.requireNonNullElse(child.parentStep(), "");
  }

  private static Map<String, @Nullable Object> below(Durable client, Execution parent) {
    Map<String, @Nullable Object> fields = fields(parent);
    fields.put(
        "children",
        client.children(parent.id()).stream().map(child -> below(client, child)).toList());
    return fields;
  }

  private static Map<String, @Nullable Object> fields(Execution execution) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("id", execution.id().toString());
    fields.put("workflow", execution.workflow());
    fields.put("key", execution.key());
    fields.put("status", execution.status().text());
    fields.put("step", execution.parentStep());
    fields.put("schedule", execution.schedule());
    fields.put(
        "scheduledFor",
        execution.scheduledFor() == null ? null : execution.scheduledFor().toString());
    fields.put("output", Json.read(execution.output()));
    fields.put("error", execution.error() == null ? null : execution.error().message());
    fields.put("insertedAt", execution.insertedAt().toString());
    fields.put(
        "completedAt", execution.completedAt() == null ? null : execution.completedAt().toString());
    return fields;
  }
}

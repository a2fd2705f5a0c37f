package dev.durable.cli.operate;

import dev.durable.Durable;
import dev.durable.cli.console.CommandFailedException;
import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.database.DatabaseOptions;
import dev.durable.queue.QueueState;
import dev.durable.queue.Queues;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A command that changes one queue. */
abstract class QueueCommand implements Callable<Integer> {

  /** Describes the option of who does it. */
  static final String BY = "Who does it, for the record. Default: your user name.";

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  @Parameters(paramLabel = "QUEUE", description = "The queue's name.")
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private String queue;

  @Option(names = "--json", description = "Print a JSON object: the queue as it is now.")
  private boolean json;

  @Mixin private final DatabaseOptions database = new DatabaseOptions();

  @Override
  public final Integer call() {
    Client.ask(spec, database, this::change);
    return ExitCodes.OK;
  }

  private String change(Durable client) {
    String done;
    try {
      done = change(client.queues(), queue);
    } catch (CommandFailedException notQuite) {
      print(client);
      throw notQuite;
    }
    if (json) {
      print(client);
    } else {
      spec.commandLine().getErr().println(Table.oneLine(done));
    }
    return done;
  }

  /** Prints the queue as it is now, if that is asked for. */
  private void print(Durable client) {
    List<QueueState> now = json ? client.queues().find(queue).stream().toList() : List.of();
    now.forEach(
        state -> spec.commandLine().getOut().println(Json.write(QueueTables.fields(state))));
  }

  /** Changes the queue; returns what has been done, in words. */
  abstract String change(Queues queues, String queue);
}

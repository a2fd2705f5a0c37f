package dev.durable.cli;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.cli.console.CommandFailedException;
import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.console.Terminal;
import dev.durable.embedded.EmbeddedPostgres;
import dev.durable.embedded.EmbeddedPostgresException;
import dev.durable.examples.Example;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code durable example}: lists the examples, or runs one on an embedded PostgreSQL. */
@Command(
    name = "example",
    mixinStandardHelpOptions = true,
    description = {"Runs an example on an embedded PostgreSQL, or lists all examples.", ""},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the example ran",
      "1:an unexpected failure",
      "2:wrong usage",
      "3:PostgreSQL could not be started"
    },
    footer = {"", "Try:", "  durable example", "  durable example trip"})
final class ExampleCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "The example. Without it, all are listed.")
  private @Nullable String name;

  @Override
  public @Nullable Integer call() {
    Terminal out = Terminal.out();
    if (name == null) {
      Example.all()
          .forEach(each -> out.stream().printf("  %-10s %s%n", each.name(), each.summary()));
      return ExitCodes.OK;
    }
    run(find(name), out);
    return ExitCodes.OK;
  }

  private Example find(String wanted) {
    return Example.all().stream()
        .filter(each -> each.name().equals(wanted))
        .findFirst()
        .orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(),
                    "there is no example '"
                        + wanted
                        + "'. There are: "
                        + String.join(", ", Example.all().stream().map(Example::name).toList())
                        + "."));
  }

  private static void run(Example example, Terminal out) {
    Terminal.err().line("@|faint Starting PostgreSQL ...|@");
    try (EmbeddedPostgres postgres = EmbeddedPostgres.temporary();
        HikariDataSource pool = pool(postgres)) {
      example.run(pool, out.stream()::println);
    } catch (EmbeddedPostgresException noDatabase) {
      throw new CommandFailedException(
          ExitCodes.NO_DATABASE, "PostgreSQL could not be started. " + noDatabase.getMessage());
    }
  }

  private static HikariDataSource pool(EmbeddedPostgres postgres) {
    HikariConfig config = new HikariConfig();
    config.setDataSource(postgres.dataSource());
    return new HikariDataSource(config);
  }
}

package dev.durable.cli.demo;

import dev.durable.Durable;
import dev.durable.cli.ExitCodes;
import dev.durable.embedded.EmbeddedPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** A further process of a demo. Not for people. */
@Command(
    name = DemoWorkerCommand.NAME,
    hidden = true,
    description = "A further worker of a running demo; ends with its standard input.")
public final class DemoWorkerCommand implements Callable<Integer> {

  static final String NAME = "demo-worker";

  /** What it says when it works. */
  static final String READY = "ready";

  @Parameters(paramLabel = "DIR", description = "The demo's data folder.")
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private Path data;

  /** picocli makes it. */
  public DemoWorkerCommand() {}

  @Override
  public Integer call() throws IOException {
    DemoFolder folder = new DemoFolder(data);
    try (EmbeddedPostgres postgres =
            EmbeddedPostgres.builder().dataDir(folder.postgres()).stopOnClose(false).start();
        Shop shop = new Shop(postgres, folder);
        Durable worker = shop.worker("demo-" + ProcessHandle.current().pid())) {
      System.out.println(READY);
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      if (in.readLine() == null) {
        // The demo was killed. Leaving in good order would spoil the show.
        Runtime.getRuntime().halt(ExitCodes.KILLED);
      }
    }
    return ExitCodes.OK;
  }
}

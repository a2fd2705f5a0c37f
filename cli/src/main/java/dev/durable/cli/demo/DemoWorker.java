package dev.durable.cli.demo;

import dev.durable.Durable;
import dev.durable.cli.console.ExitCodes;
import dev.durable.embedded.EmbeddedPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;

/** A further worker of a running demo, in a JVM of its own. Ends with its standard input. */
final class DemoWorker {

  /** The line on standard output that announces a running worker. */
  static final String READY = "ready";

  private DemoWorker() {}

  /** Works in the data folder of the demo, the only argument, and ends the JVM. */
  public static void main(String[] args) throws IOException {
    Logger.getLogger("").setLevel(Level.WARNING); // System.Logger writes there.
    work(new DemoFolder(Path.of(args[0])));
    System.exit(ExitCodes.OK);
  }

  private static void work(DemoFolder folder) throws IOException {
    try (EmbeddedPostgres postgres =
            EmbeddedPostgres.builder().dataDir(folder.postgres()).stopOnClose(false).start();
        Shop shop = new Shop(postgres, folder);
        Durable worker = shop.worker("demo-" + ProcessHandle.current().pid())) {
      System.out.println(READY);
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      if (in.readLine() == null) {
        // The demo was killed. A worker that leaves in good order would spoil the show.
        Runtime.getRuntime().halt(ExitCodes.KILLED);
      }
    }
  }
}

package dev.durable.embedded;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM that starts a server and then either is gone without a word, or waits to be killed. */
final class HaltedJvm {
  private HaltedJvm() {}

  public static void main(String[] args) throws Exception {
    EmbeddedPostgres postgres =
        args[0].equals("temporary")
            ? EmbeddedPostgres.temporary()
            : EmbeddedPostgres.start(Path.of(args[0]));
    Sql.execute(postgres.dataSource(), "create table survivors as select 42 as answer");
    System.out.println(postgres.processId() + " " + postgres.dataDir());
    System.out.flush();
    if (args.length > 1) {
      Thread.sleep(TimeUnit.MINUTES.toMillis(2));
    }
    Runtime.getRuntime().halt(1);
  }

  static Process start(Path output, String... args) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), HaltedJvm.class.getName()));
    command.addAll(List.of(args));
    return new ProcessBuilder(command)
        .redirectInput(new File("/dev/null"))
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }
}

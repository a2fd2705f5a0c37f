package dev.durable.benchmarks;

import dev.durable.benchmarks.driver.Drivers;
import dev.durable.benchmarks.measure.Lab;
import dev.durable.benchmarks.measure.Sample;
import dev.durable.benchmarks.process.Jvm;
import dev.durable.benchmarks.scenario.Scenarios;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import tools.jackson.core.type.TypeReference;

/** One turn in a JVM of its own: a {@link Task} on standard input, samples on standard output. */
final class Child {

  private Child() {}

  /** The child's own main. */
  public static void main(String[] args) throws Exception {
    run(System.in, System.out);
    System.exit(0); // An engine may leave threads behind.
  }

  private static void run(InputStream in, PrintStream out) throws Exception {
    Logger.getLogger("").setLevel(Level.WARNING);
    Task task = Jvm.JSON.readValue(in.readAllBytes(), Task.class);
    Lab lab = new Lab(Drivers.named(task.driver()), task.target(), task.observer(), task.sizes());
    List<Sample> samples = Scenarios.named(task.scenario()).measure(lab);
    out.println(Jvm.JSON.writeValueAsString(samples));
    out.flush();
  }

  /**
   * Runs a task in a new JVM, with this one's class path.
   *
   * @param flags for the JVM
   */
  static List<Sample> fork(Task task, List<String> flags) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(Jvm.command(flags, Child.class));
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    Process process = builder.start();
    try {
      try (var in = process.getOutputStream()) {
        in.write(Jvm.JSON.writeValueAsBytes(task));
      }
      byte[] answer = process.getInputStream().readAllBytes();
      int status = process.waitFor();
      if (status != 0) {
        throw new IOException(
            task.driver() + " in " + task.scenario() + ": its JVM ended with " + status);
      }
      String text = new String(answer, StandardCharsets.UTF_8).strip();
      String last = text.substring(text.lastIndexOf('\n') + 1);
      return Jvm.JSON.readValue(last, new TypeReference<List<Sample>>() {});
    } finally {
      process.destroyForcibly();
    }
  }
}

package dev.durable.cluster;

import dev.durable.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A {@link ClusterNode} in a JVM of its own, which can be paused and killed. */
final class NodeProcess implements AutoCloseable {

  private final Process process;

  private NodeProcess(Process process) {
    this.process = process;
  }

  static NodeProcess start(TestDatabase db, String name) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return new NodeProcess(
        new ProcessBuilder(
                List.of(
                    java,
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    ClusterNode.class.getName(),
                    db.url(),
                    db.user(),
                    db.password(),
                    name))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  /** Stops it in the middle of whatever it does. */
  void pause() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** Lets it go on. */
  void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** As {@code kill -9}. */
  @Override
  public void close() throws IOException, InterruptedException {
    process.destroyForcibly().waitFor();
  }
}

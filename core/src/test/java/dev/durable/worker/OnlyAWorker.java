package dev.durable.worker;

import dev.durable.Durable;
import dev.durable.workflow.Workflow;
import java.util.concurrent.atomic.AtomicReference;
import org.postgresql.ds.PGSimpleDataSource;

/** A program whose main method starts a worker, and ends. */
final class OnlyAWorker {

  private static final AtomicReference<Durable> WORKER = new AtomicReference<>();

  /** What the main thread's class loader and thread-local would show, were they inherited. */
  static final Workflow<String, String> GREET =
      Workflow.define("greet", String.class).step("greet", name -> "Hello " + name).build();

  /** Closes the worker, whose last threads end then. */
  static final Workflow<String, String> CLOSE =
      Workflow.define("close", String.class)
          .step(
              "close",
              name -> {
                Thread closing = new Thread(() -> WORKER.get().close());
                closing.setDaemon(true);
                closing.start();
                return name;
              })
          .build();

  private OnlyAWorker() {}

  /** Url, user, password. */
  public static void main(String[] args) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setURL(args[0]);
    dataSource.setUser(args[1]);
    dataSource.setPassword(args[2]);
    WORKER.set(
        Durable.on(dataSource).worker(w -> w.name("only")).register(GREET, CLOSE).startWorker());
  }
}

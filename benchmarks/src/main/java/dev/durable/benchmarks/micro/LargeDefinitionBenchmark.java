package dev.durable.benchmarks.micro;

import dev.durable.internal.engine.CommittedWalk;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A definition of 1,000 steps, and an execution that has completed all of them. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class LargeDefinitionBenchmark {

  private static final int STEPS = 1_000;

  private final CommittedWalk walk = CommittedWalk.of(define());

  private static Workflow<Integer, Integer> define() {
    WorkflowBuilder<Integer, Integer> builder = Workflow.define("large", Integer.class);
    for (int i = 0; i < STEPS; i++) {
      builder = builder.step("step-" + i, n -> n);
    }
    return builder.build();
  }

  /** The definition is made, checked and fingerprinted. */
  @Benchmark
  public String defineAndFingerprint() {
    return define().fingerprint();
  }

  /** The history is read, and the walk passes by all nodes. */
  @Benchmark
  public String walkCommitted() throws Exception {
    return walk.toTheEnd();
  }

  /** Ends the threads of the unused engine. */
  @TearDown
  public void close() {
    walk.close();
  }
}

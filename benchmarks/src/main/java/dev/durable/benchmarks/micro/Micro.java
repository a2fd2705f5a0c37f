package dev.durable.benchmarks.micro;

import java.io.IOException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs the benchmarks of this package, each in a JVM of its own; JMH prints to standard output. */
public final class Micro {

  private static final String ALL = Micro.class.getPackageName().replace(".", "\\.") + "\\..*";

  private Micro() {}

  /**
   * Measures.
   *
   * @param quick one short iteration in this JVM, only to see that everything works
   * @return the number of benchmarks with a result
   */
  public static int run(boolean quick) throws IOException {
    OptionsBuilder options = new OptionsBuilder();
    options.include(ALL);
    if (quick) {
      options.forks(0).warmupIterations(0).measurementIterations(1);
      options.measurementTime(TimeValue.milliseconds(50));
    }
    try {
      return new Runner(options.build()).run().size();
    } catch (RunnerException failure) {
      throw new IOException(failure);
    }
  }
}

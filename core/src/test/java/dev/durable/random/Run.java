package dev.durable.random;

import dev.durable.execution.ExecutionHandle;
import java.time.Duration;
import java.util.List;

/**
 * One run of a program.
 *
 * @param index the program's place in its batch
 */
record Run(int index, Program program, Value input, Expected expected) {

  private static final Duration AT_ONCE = Duration.ofSeconds(5);

  static Run of(int index, Program program, boolean oftenRests) {
    String name = "seed " + program.seed() + (oftenRests ? " with many rests" : "");
    Value input = new Value(name, oftenRests, List.of());
    return new Run(index, program, input, Expected.of(program, input));
  }

  /** Compares what has come of it. */
  void settle(ExecutionHandle<Value> handle, Ledger ledger) {
    ledger.settle(input);
    try {
      Value result = handle.result(AT_ONCE);
      if (!expected.result().equals(result)) {
        ledger.offence(input, "gives " + result + " instead of " + expected.result());
      }
    } catch (RuntimeException without) {
      ledger.offence(input, "gives nothing: " + without);
    }
  }
}

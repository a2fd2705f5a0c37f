package dev.durable.cli.demo;

import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How long the bodies of one step took.
 *
 * @param step the step
 * @param bodies how many attempts there were
 * @param retries how many of them came after a failed one
 * @param median the time that half of them stayed under
 * @param slowest the longest time
 */
record StepTimes(String step, int bodies, int retries, Duration median, Duration slowest) {

  /** Of all steps, slowest first. */
  static List<StepTimes> of(List<StepExecution> attempts) {
    Map<String, List<StepExecution>> byStep = new LinkedHashMap<>();
    for (StepExecution attempt : attempts) {
      if (attempt.status() != StepStatus.RUNNING && attempt.completedAt() != null) {
        byStep.computeIfAbsent(attempt.path(), step -> new ArrayList<>()).add(attempt);
      }
    }
    return byStep.entrySet().stream()
        .map(entry -> of(entry.getKey(), entry.getValue()))
        .sorted(Comparator.comparing(StepTimes::median).reversed())
        .toList();
  }

  private static StepTimes of(String step, List<StepExecution> attempts) {
    List<Duration> times = attempts.stream().map(StepTimes::duration).sorted().toList();
    int retries = (int) attempts.stream().filter(attempt -> attempt.attempt() > 1).count();
    return new StepTimes(
        step, times.size(), retries, times.get(times.size() / 2), times.get(times.size() - 1));
  }

  private static Duration duration(StepExecution attempt) {
    return attempt.completedAt() == null
        ? Duration.ZERO
        : Duration.between(attempt.startedAt(), attempt.completedAt());
  }
}

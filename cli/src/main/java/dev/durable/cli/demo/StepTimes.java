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
 * The times of the bodies of one step.
 *
 * @param step the step
 * @param bodies the number of attempts
 * @param retries the attempts after a failed one
 * @param median the median time
 * @param slowest the longest time
 */
record StepTimes(String step, int bodies, int retries, Duration median, Duration slowest) {

  /** The times of all steps, slowest first. */
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

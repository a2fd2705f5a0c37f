package dev.durable.cli.demo;

import dev.durable.cli.demo.Ledger.Event;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Compares the ledger with the database: neither knows of the other.
 *
 * @param bodiesRunTwice steps whose body began more often than its failures explain: a process died
 *     between the body's begin and the commit of its result. That is what "at least once" means.
 * @param committedStepsRepeated times that a body began although its result was committed already.
 *     Durable promises that this never happens.
 */
record Audit(int bodiesRunTwice, int committedStepsRepeated) {

  /**
   * What the database had before this process began to work.
   *
   * @param committed the steps whose results were committed
   * @param ledgerLines how many lines the ledger had
   */
  record Before(Map<StepKey, Instant> committed, int ledgerLines) {}

  static Audit of(List<Ledger.Line> ledger, Before before, RunHistory history) {
    Set<UUID> executions = new HashSet<>();
    history.executions().forEach(execution -> executions.add(execution.id()));
    Map<StepKey, Instant> committed = history.committed();
    Map<StepKey, Integer> unexplained = new HashMap<>();
    int repeated = 0;
    for (int i = 0; i < ledger.size(); i++) {
      Ledger.Line line = ledger.get(i);
      if (!executions.contains(line.key().execution())) {
        continue;
      }
      if (line.event() == Event.BEGIN) {
        unexplained.merge(line.key(), 1, Integer::sum);
        boolean known = i >= before.ledgerLines() && before.committed().containsKey(line.key());
        Instant committedAt = committed.get(line.key());
        if (known || (committedAt != null && line.time().isAfter(committedAt))) {
          repeated++;
        }
      } else if (line.event() == Event.FAIL) {
        unexplained.merge(line.key(), -1, Integer::sum);
      }
    }
    int twice = (int) unexplained.values().stream().filter(begins -> begins > 1).count();
    return new Audit(twice, repeated);
  }
}

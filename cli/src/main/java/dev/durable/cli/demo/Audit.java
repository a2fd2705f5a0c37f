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
 * Compares the ledger with the database, which know nothing of each other.
 *
 * @param bodiesRunTwice steps whose body began more often than its failures explain: a worker died
 *     between the body's begin and the commit of its result. "At least once" means this.
 * @param committedStepsRepeated begins of a body after its result was committed. Durable promises
 *     that there are none.
 */
record Audit(int bodiesRunTwice, int committedStepsRepeated) {

  /**
   * The database before this worker began.
   *
   * @param committed the steps whose results were committed
   * @param ledgerLines the number of lines in the ledger
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

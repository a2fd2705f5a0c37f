package dev.durable.random;

import dev.durable.testing.TestDatabase;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Looks at what the database says of the executions of a batch. */
final class Watch {

  private static final String OPEN =
      " from durable.workflow_executions e where e.status in"
          + " ('pending', 'running', 'waiting', 'compensating', 'parked')";

  private final TestDatabase db;
  private final List<Program> programs;
  private final Set<String> offences = new LinkedHashSet<>();

  Watch(TestDatabase db, List<Program> programs) {
    this.db = db;
    this.programs = programs;
  }

  /** How many have not ended. */
  long open() {
    return db.number("select count(*)" + OPEN);
  }

  /** What rests waits for what its bodies have asked for last, and for nothing else. */
  void look() {
    for (String row :
        db.rows(
            "select e.workflow_name, count(*), string_agg(s.path, ', ')"
                + " from durable.workflow_executions e"
                + " join durable.step_executions s on s.workflow_id = e.id"
                + " where e.status = 'waiting' and s.status = 'waiting'"
                + " group by e.id having count(*) > 1")) {
      String[] columns = row.split("\\|", 3);
      if (Integer.parseInt(columns[1]) > width(columns[0])) {
        offences.add("'" + columns[0] + "' rests, and waits for " + columns[2]);
      }
    }
  }

  private int width(String workflow) {
    return programs.stream()
        .filter(program -> program.name().equals(workflow))
        .mapToInt(Program::width)
        .findFirst()
        .orElse(1);
  }

  /** Nothing is left open. */
  void end() {
    db.rows("select e.workflow_name || ' is ' || e.status" + OPEN).forEach(offences::add);
    db.rows("select 'waits for ' || event_name || ' at ' || path from durable.wait_groups")
        .forEach(offences::add);
    db.rows("select 'asks ' || path from durable.pending_inputs where status = 'pending'")
        .forEach(offences::add);
    db.rows(
            "select s.path || ' is ' || s.status from durable.step_executions s"
                + " where s.status in ('waiting', 'running')")
        .forEach(offences::add);
  }

  List<String> offences() {
    return new ArrayList<>(offences);
  }
}

package dev.durable.deploy;

import dev.durable.Durable;
import dev.durable.question.Approval;
import dev.durable.testing.TestDatabase;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Sends the events and answers that executions wait for, each once. */
final class Outside {

  private static final String OPEN =
      """
      select coalesce(e.parent_workflow_id, e.id), e.id, coalesce(e.parent_step, ''), g.path,
        g.kind || ':' || g.event_name,
        coalesce((select max(i.input_type) from durable.pending_inputs i
          where i.workflow_id = e.id and i.status = 'pending'), '')
      from durable.wait_groups g join durable.workflow_executions e on e.id = g.workflow_id
      where e.status = 'waiting'
      """;

  private final TestDatabase db;
  private final Set<String> sent = new HashSet<>();

  Outside(TestDatabase db) {
    this.db = db;
  }

  /** Ends the wait of every execution, except those that are to rest there. */
  void act(Durable durable, Map<UUID, Trial> trials) {
    for (String row : db.rows(OPEN)) {
      String[] column = row.split("\\|", -1);
      Trial trial = trials.get(UUID.fromString(column[0]));
      boolean child = !column[0].equals(column[1]);
      String path = child ? column[2] : column[3];
      String name = path.substring(path.lastIndexOf('/') + 1);
      String worker = path.contains("/") ? path.substring(0, path.lastIndexOf('/')) : path;
      if (trial != null && !trial.rests(worker) && !trial.rests(path)) {
        if (sent.add(column[1] + column[4])) {
          give(durable, UUID.fromString(column[1]), column[4], name, column[5]);
        }
      }
    }
  }

  private static void give(Durable durable, UUID id, String signal, String name, String type) {
    if (signal.startsWith("event:")) {
      durable.send(id, signal.substring("event:".length()), "1", with -> {});
    } else if (type.equals("approval")) {
      durable.questions().answer(id, name, Approval.approved("me"));
    } else if (type.equals("text")) {
      durable.questions().answer(id, name, "well", "me");
    }
  }
}

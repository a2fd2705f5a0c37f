package dev.durable.fault;

import java.util.List;

/** Cases that failed when the suite first met them, at least one of each kind. */
final class Found {

  static final List<String> MENDED =
      List.of(
          // A commit whose answer is lost was taken for a rollback: the body committed five times.
          "SHOWN_TRANSACTION:anyone.commit.1:lost:dead:lasting",
          "SHOWN_TRANSACTION:run.commit.1:interrupt:alive:once",
          "TRANSACTION:run.commit.1:lost:dead:once",
          // What goes wrong in calls of the engine's own was the step's failure.
          "TRANSACTION:run.commit.1:unchecked:dead:once",
          "TRANSACTION:run.close_statement.1:unchecked:alive:lasting",
          "TRANSACTION:run.bind.8:error:alive:lasting",
          "SHOWN_TRANSACTION:run.commit.1:0Z002:dead:once",
          "ESCALATION:run.prepare.1:72000:dead:lasting",
          "TIMEOUT:run.close_statement.1:error:dead:once",
          // The journal ended by an unchecked exception.
          "SAGA:journal.auto_commit.1:unchecked:alive:once",
          "AT_MOST_ONCE:journal.bind.12:error:alive:once",
          // Threads ended by an Error or an interrupt while the heartbeat went on, or it did.
          "LINEAR:hints.create.1:error:dead:lasting",
          "RESULT:claimer.close_statement.1:error:dead:once",
          "SLEEP:heartbeat.network_timeout.1:error:dead:lasting",
          "DELAYED_START:heartbeat.close_statement.1:interrupt:alive:once",
          // What was claimed when an Error came never ran.
          "SAGA:claimer.execute.1:error:dead:lasting",
          "EARLY_EVENT:claimer.create_array.1:error:alive:lasting",
          // A start and a close that failed left threads behind.
          "STARTUP:caller.prepare.3:error:alive:lasting",
          "DRAIN:anyone.network_timeout.10:error:alive:lasting",
          // A body whose cancel was lost kept its slot for ever.
          "SAGA_ON_CANCEL:caller.auto_commit.2:unchecked:dead:lasting",
          "SAGA_ON_CANCEL:hints.execute.1:unchecked:dead:lasting",
          // Tried again twenty thousand times in two seconds.
          "DELAYED_START:anyone.connect.1:interrupt:alive:lasting",
          // A failure after the answer of what has committed counted as a refusal.
          "EARLY_EVENT:journal.close_statement.1:25006:alive:lasting",
          "QUESTION:journal.close_statement.1:25006:alive:lasting",
          "EVENT:journal.close_statement.4:42P05:dead:once",
          "ESCALATION:journal.unwrap.9:3F000:alive:lasting",
          // An Error during a start left threads behind.
          "STARTUP:caller.network_timeout.1:error:alive:lasting",
          // A server that had become read-only was taken for the body's doing.
          "SHOWN_TRANSACTION:run.prepare.1:25006:dead:lasting",
          // A row that the driver could not read once was parked.
          "TIMEOUT:claimer.read.39:unchecked:alive:once");

  private Found() {}
}

/** Durable: a resumable workflow engine that needs nothing but PostgreSQL. */
@SuppressWarnings("module") // The test kit is compiled later.
module dev.durable {
  requires transitive java.sql;
  requires org.slf4j;
  requires tools.jackson.databind;
  requires static transitive org.jspecify;
  requires static org.postgresql.jdbc;

  exports dev.durable;
  exports dev.durable.execution;
  exports dev.durable.graph;
  exports dev.durable.question;
  exports dev.durable.json;
  exports dev.durable.migration;
  exports dev.durable.queue;
  exports dev.durable.retry;
  exports dev.durable.schedule;
  exports dev.durable.wait;
  exports dev.durable.workflow;

  // A dry run reads and writes values, and names paths, as the engine does.
  exports dev.durable.internal.codec to
      dev.durable.testkit;
  exports dev.durable.internal.text to
      dev.durable.testkit;
  exports dev.durable.internal.thread to
      dev.durable.testkit;
}

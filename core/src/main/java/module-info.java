/** Durable: a resumable workflow engine that needs nothing but PostgreSQL. */
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
  exports dev.durable.wait;
  exports dev.durable.workflow;
}

/** Workflows tested without a database. */
module dev.durable.testkit {
  requires transitive dev.durable;
  requires static org.jspecify;

  exports dev.durable.testkit;
}

/** A real PostgreSQL server in a data folder that survives restarts. */
module dev.durable.embedded {
  requires transitive java.sql;
  requires java.naming;
  requires org.apache.commons.compress;
  requires org.postgresql.jdbc;
  requires org.slf4j;
  requires org.tukaani.xz;
  requires static org.jspecify;

  exports dev.durable.embedded;
}

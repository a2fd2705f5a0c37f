package dev.durable.crash;

import javax.sql.DataSource;

/** The way of an engine under test to its database. */
public interface Lifeline {

  /** The engine's DataSource: always the same one. */
  DataSource dataSource();

  /** Whether it is cut for good: the process that uses it counts as killed. */
  boolean isDead();
}

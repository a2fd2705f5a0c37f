package dev.durable.crash;

import javax.sql.DataSource;

/** The way of an engine under test to its database. */
public interface Lifeline {

  /** What the engine is given. */
  DataSource dataSource();

  /** Whether it is cut for good: the process that uses it counts as killed. */
  boolean isDead();
}

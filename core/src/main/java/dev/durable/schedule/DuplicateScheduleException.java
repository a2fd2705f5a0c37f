package dev.durable.schedule;

import dev.durable.DurableException;

/** Another schedule has that name. */
public class DuplicateScheduleException extends DurableException {

  private static final long serialVersionUID = 1L;

  /**
   * @param name the name
   * @param workflow the workflow of the schedule that has it
   */
  public DuplicateScheduleException(String name, String workflow) {
    super(
        "There is a schedule '"
            + name
            + "' already, of workflow '"
            + workflow
            + "'. Choose another name, or change that one with schedules().put(...).");
  }
}

package dev.durable.schedule;

import dev.durable.DurableException;
import java.util.List;

/** There is no schedule of that name. */
public class ScheduleNotFoundException extends DurableException {

  private static final long serialVersionUID = 1L;

  /**
   * @param name the name asked for
   * @param known some names that there are
   */
  public ScheduleNotFoundException(String name, List<String> known) {
    super(
        "There is no schedule '"
            + name
            + "'. Known: "
            + (known.isEmpty() ? "none" : String.join(", ", known))
            + ".");
  }
}

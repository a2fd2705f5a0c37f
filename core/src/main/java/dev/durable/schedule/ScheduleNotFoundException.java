package dev.durable.schedule;

import dev.durable.DurableException;
import java.util.List;

/** There is no schedule of that name. */
public class ScheduleNotFoundException extends DurableException {

  private static final long serialVersionUID = 1L;
  private static final int SHOWN = 20;

  /**
   * @param name the name asked for
   * @param known names that there are; the message has twenty at most
   */
  public ScheduleNotFoundException(String name, List<String> known) {
    super("There is no schedule '" + name + "'. Known: " + known(known) + ".");
  }

  private static String known(List<String> names) {
    if (names.isEmpty()) {
      return "none";
    }
    String some = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
    return names.size() > SHOWN ? some + " and more" : some;
  }
}

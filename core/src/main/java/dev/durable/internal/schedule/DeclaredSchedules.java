package dev.durable.internal.schedule;

import dev.durable.internal.store.schedule.Declaration;
import dev.durable.schedule.Schedule;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The schedules that the code of an instance declares; more may come at any time. */
public final class DeclaredSchedules {

  private final Map<String, Schedule<?>> byName = new ConcurrentHashMap<>();

  /**
   * Checks that schedules can stand beside each other, and beside others.
   *
   * @throws IllegalArgumentException if two have the same name
   */
  public static void require(
      Collection<? extends Schedule<?>> added, Collection<? extends Schedule<?>> present) {
    Map<String, Schedule<?>> known = new LinkedHashMap<>();
    present.forEach(schedule -> known.put(schedule.name(), schedule));
    for (Schedule<?> schedule : added) {
      Schedule<?> other = known.putIfAbsent(schedule.name(), schedule);
      if (other != null && other != schedule) {
        throw new IllegalArgumentException(
            "Two schedules are named '"
                + schedule.name()
                + "': "
                + other
                + ", and "
                + schedule
                + ". Give one another name.");
      }
    }
  }

  /** Adds schedules that {@link #require} allows. */
  public void add(Collection<? extends Schedule<?>> schedules) {
    schedules.forEach(schedule -> byName.put(schedule.name(), schedule));
  }

  /** All of them. */
  public Collection<Schedule<?>> all() {
    return byName.values();
  }

  /** Their names, in order. */
  public List<String> names() {
    return byName.keySet().stream().sorted().toList();
  }

  /** Those whose input is made for each tick. */
  public List<Declaration> withInputOfTick() {
    return byName.values().stream()
        .filter(Schedule::hasInputOfTick)
        .map(schedule -> new Declaration(schedule.name(), schedule.workflow().name()))
        .toList();
  }

  /**
   * The schedule of that name, if it makes the input of each tick, and for that workflow: in a
   * deploy, other code may declare the name for another one. Else null.
   */
  public @Nullable Schedule<?> makes(String name, String workflow) {
    Schedule<?> found = byName.get(name);
    return found != null && found.hasInputOfTick() && found.workflow().name().equals(workflow)
        ? found
        : null;
  }

  /** The schedule of that name, or null. */
  public @Nullable Schedule<?> find(String name) {
    return byName.get(name);
  }
}

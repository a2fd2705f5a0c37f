package dev.durable.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("newest")
@Proves("G11")
@DisplayName("A claimer looks in a limited queue")
class LimitedLooksTest {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration SHORT = Duration.ofMillis(20);

  private final LimitedLooks looks = new LimitedLooks();

  private Set<String> chosen(String... queues) {
    Set<String> chosen = new TreeSet<>(List.of(queues));
    looks.choose(chosen);
    return chosen;
  }

  @Test
  @DisplayName("at first, and whenever it is not known when there may be something")
  void unknown() {
    assertThat(chosen("a", "b")).containsExactly("a", "b");
    looks.note("a", null, false);
    looks.note("b", HOUR, false);
    assertThat(chosen("a", "b")).containsExactly("a");
    assertThat(looks.next()).isBetween(Duration.ofMinutes(59), HOUR);
    looks.note("b", null, false);
    assertThat(chosen("a", "b")).containsExactly("a", "b");
    assertThat(looks.next()).isNull();
  }

  @Test
  @DisplayName("when its time has come, and no other queue's")
  void due() {
    chosen("a", "b");
    looks.note("a", SHORT, false);
    looks.note("b", HOUR, false);
    assertThat(looks.next()).isLessThanOrEqualTo(SHORT);
    Gate.until(() -> chosen("a", "b").equals(Set.of("a")));
    looks.note("a", HOUR.multipliedBy(2), false);
    assertThat(chosen("a", "b")).isEmpty();
    assertThat(looks.next()).isBetween(Duration.ofMinutes(59), HOUR);
  }

  @Test
  @DisplayName("when somebody has asked for it, or for all, also while it had no slot")
  void asked() {
    chosen("a", "b");
    looks.note("a", HOUR, false);
    looks.note("b", HOUR, false);
    looks.ask("b");
    assertThat(chosen("a")).isEmpty();
    assertThat(chosen("a", "b")).containsExactly("b");
    looks.note("b", HOUR, false);
    looks.ask();
    assertThat(chosen("a")).containsExactly("a");
    looks.note("a", HOUR, false);
    assertThat(chosen("a", "b")).containsExactly("b");
  }

  @Test
  @DisplayName("when an execution becomes due of which the queue does not know yet")
  void askedForLater() {
    chosen("a");
    looks.note("a", HOUR, false);
    looks.askIn(HOUR);
    looks.askIn(SHORT);
    looks.askIn(HOUR);
    assertThat(looks.next()).isLessThanOrEqualTo(SHORT);
    Gate.until(() -> chosen("a").equals(Set.of("a")));
    looks.note("a", HOUR, false);
    assertThat(chosen("a")).isEmpty();
  }

  @Test
  @DisplayName("after a second, whatever it has said")
  void afterASecond() {
    chosen("a");
    looks.note("a", HOUR, false);
    long since = System.nanoTime();
    Gate.until(() -> chosen("a").equals(Set.of("a")));
    assertThat(Duration.ofNanos(System.nanoTime() - since)).isGreaterThan(Duration.ofMillis(900));
  }

  @Test
  @DisplayName("behind the worker that has claimed last, as long as a limit keeps it back")
  void behindAnother() {
    looks.note("a", HOUR, true);
    assertThat(looks.next()).isGreaterThan(HOUR);
    looks.note("a", HOUR, false);
    assertThat(looks.next()).isLessThanOrEqualTo(HOUR);
    looks.note("a", HOUR, true);
    assertThat(looks.next()).as("still its turn").isLessThanOrEqualTo(HOUR.plusMillis(5));
    looks.note("a", HOUR.plusSeconds(1), true);
    assertThat(looks.next()).as("another has claimed").isGreaterThan(HOUR.plusSeconds(1));
  }
}

package dev.durable.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.testing.Proves;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("newest")
@Proves("G11")
@DisplayName("A claimer looks in a limited queue")
class LimitedLooksTest {

  private static final Duration SHORT = Duration.ofMillis(100);
  private static final Duration LONG = Duration.ofMillis(500);

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000);
  private final LimitedLooks looks = new LimitedLooks(Duration.ofHours(1), now::get);

  private Set<String> chosen(String... queues) {
    Set<String> chosen = new TreeSet<>(List.of(queues));
    looks.choose(chosen);
    return chosen;
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @Test
  @DisplayName("at first, and whenever it is not known when there may be something")
  void unknown() {
    assertThat(chosen("a", "b")).containsExactly("a", "b");
    looks.note("a", null, false);
    looks.note("b", LONG, false);
    assertThat(chosen("a", "b")).containsExactly("a");
    assertThat(looks.next()).isEqualTo(LONG);
    looks.note("b", null, false);
    assertThat(chosen("a", "b")).containsExactly("a", "b");
    assertThat(looks.next()).isNull();
  }

  @Test
  @DisplayName("when its time has come, and no other queue's")
  void due() {
    chosen("a", "b");
    looks.note("a", SHORT, false);
    looks.note("b", LONG, false);
    assertThat(looks.next()).isEqualTo(SHORT);
    pass(SHORT.minusNanos(1));
    assertThat(chosen("a", "b")).isEmpty();
    pass(Duration.ofNanos(1));
    assertThat(looks.next()).isZero();
    assertThat(chosen("a", "b")).containsExactly("a");
    looks.note("a", LONG, false);
    assertThat(looks.next()).isEqualTo(LONG.minus(SHORT));
  }

  @Test
  @DisplayName("when somebody has asked for it, or for all, also while it had no slot")
  void asked() {
    chosen("a", "b");
    looks.note("a", LONG, false);
    looks.note("b", LONG, false);
    looks.ask("b");
    assertThat(chosen("a")).isEmpty();
    assertThat(chosen("a", "b")).containsExactly("b");
    looks.note("b", LONG, false);
    looks.ask();
    assertThat(chosen("a")).containsExactly("a");
    looks.note("a", LONG, false);
    assertThat(chosen("a", "b")).containsExactly("b");
  }

  @Test
  @DisplayName("when an execution becomes due of which the queue does not know yet")
  void askedForLater() {
    chosen("a");
    looks.note("a", LONG, false);
    looks.askIn(LONG);
    looks.askIn(SHORT);
    looks.askIn(LONG);
    assertThat(looks.next()).isEqualTo(SHORT);
    pass(SHORT);
    assertThat(chosen("a")).containsExactly("a");
    looks.note("a", LONG, false);
    assertThat(chosen("a")).isEmpty();
  }

  @Test
  @DisplayName("after a second, or the poll interval, whatever it has said")
  void afterASecond() {
    Duration hour = Duration.ofHours(1);
    chosen("a");
    looks.note("a", hour, false);
    pass(Duration.ofMillis(999));
    assertThat(chosen("a")).isEmpty();
    pass(Duration.ofMillis(1));
    assertThat(chosen("a")).containsExactly("a");
    LimitedLooks often = new LimitedLooks(SHORT, now::get);
    often.note("a", hour, false);
    pass(SHORT);
    Set<String> all = new TreeSet<>(Set.of("a"));
    often.ask("b");
    often.choose(all);
    assertThat(all).containsExactly("a");
  }

  @Test
  @DisplayName("behind the worker that has claimed last, as long as a limit keeps it back")
  void behindAnother() {
    looks.note("a", LONG, true);
    assertThat(looks.next()).isGreaterThan(LONG);
    looks.note("a", LONG, false);
    assertThat(looks.next()).isEqualTo(LONG);
    pass(SHORT);
    looks.note("a", LONG.minus(SHORT).plusMillis(1), true);
    assertThat(looks.next()).as("still its turn").isEqualTo(LONG.minus(SHORT).plusMillis(1));
    looks.note("a", LONG, true);
    assertThat(looks.next()).as("another has claimed").isGreaterThan(LONG);
  }
}

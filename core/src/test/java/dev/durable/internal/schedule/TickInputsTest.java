package dev.durable.internal.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.internal.codec.Payloads;
import dev.durable.json.JsonCodec;
import dev.durable.schedule.Schedule;
import dev.durable.testing.Gate;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("newest")
@DisplayName("The inputs of ticks that code makes")
class TickInputsTest {

  private static final Workflow<String, String> W =
      Workflow.define("w", String.class).step("s", text -> text).build();
  private static final List<Instant> TICK = List.of(Instant.parse("2026-03-01T00:00:00Z"));

  private final CountDownLatch made = new CountDownLatch(1);
  private final AtomicInteger calls = new AtomicInteger();
  private final Gate gate = new Gate();

  private TickInputs inputs() {
    DeclaredSchedules declared = new DeclaredSchedules();
    declared.add(
        List.of(
            Schedule.every(
                "slow",
                W,
                Duration.ofHours(1),
                with ->
                    with.input(
                        tick -> {
                          calls.incrementAndGet();
                          gate.passUninterrupted();
                          return tick.toString();
                        }))));
    return new TickInputs(
        declared,
        new Payloads(JsonCodec.jackson(), Long.MAX_VALUE, Long.MAX_VALUE),
        made::countDown);
  }

  @Test
  @DisplayName("are missing, and told as slow, until the function has returned")
  void slow() throws Exception {
    TickInputs inputs = inputs();
    assertThat(inputs.of("slow", "slow", TICK)).isNull();
    gate.awaitReached();
    assertThat(inputs.busy()).containsExactly("slow");
    assertThat(inputs.slow(Duration.ZERO)).containsOnlyKeys("slow");
    assertThat(inputs.slow(Duration.ofHours(1))).isEmpty();
    assertThat(inputs.of("slow", "slow", TICK)).isNull();
    gate.open();
    made.await();
    assertThat(inputs.of("slow", "slow", TICK)).hasSize(1);
    assertThat(inputs.slow(Duration.ZERO)).isEmpty();
    assertThat(calls).hasValue(1);
  }

  @Test
  @DisplayName("are made anew once they are forgotten, and are no others' meanwhile")
  void forgotten() throws Exception {
    gate.open();
    TickInputs inputs = inputs();
    assertThat(inputs.of("slow", "slow", TICK)).isNull();
    made.await();
    Map<Instant, TickInputs.Made> kept = inputs.of("slow", "slow", TICK);
    assertThat(kept).isEqualTo(inputs.of("slow", "slow", TICK));
    inputs.forget("slow");
    assertThat(inputs.of("slow", "slow", TICK)).isNull();
    Gate.until(() -> inputs.busy().isEmpty());
    assertThat(calls).hasValue(2);
  }
}
